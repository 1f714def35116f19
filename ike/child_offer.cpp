// SPDX-License-Identifier: Apache-2.0
#include "ike/child_offer.h"

#include <algorithm>

#include "ike/policy/ipsec_protocol.h"
#include "ike/policy/nat_selectors.h"
#include "ike/policy/offer_text.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/suite_select.h"
#include "ike/tasks.h"

namespace xfrmd::ike {

namespace {

constexpr std::uint32_t kSpiMin = 256;  // RFC 4303 §2.1, RFC 3173 §3.3: 1 to 255 are reserved
constexpr std::uint8_t kDeflate = 2;     // RFC 7296 §3.10.1

xfrm::SaId sa_id(const IkeSa& sa, bool inbound, xfrm::IpsecProtocol protocol, xfrm::EspSpi spi) {
    const xfrm::Address& ours = sa.path.local.address;
    const xfrm::Address& theirs = sa.path.remote.address;
    return {.source = inbound ? theirs : ours,
            .destination = inbound ? ours : theirs,
            .protocol = protocol,
            .spi = spi,
            .mark = {}};
}

// RFC 7296 §2.22: the peer's CPI for DEFLATE; nothing if it does not offer that.
std::optional<xfrm::EspSpi> read_cpi(const ChildPayloads& payloads) {
    for (const Notify& notify : payloads.notifies) {
        if (notify.type != NotifyType::IpcompSupported) continue;
        const auto offer = read_ipcomp_supported(notify);
        if (offer && offer->transform == kDeflate && offer->cpi >= kSpiMin) return xfrm::EspSpi{offer->cpi};
    }
    return std::nullopt;
}

bool asks_for_transport(const ChildPayloads& payloads) {
    return find_notify(payloads.notifies, NotifyType::UseTransportMode) != nullptr;
}

// How much of what is asked for a child can serve, the worst first.
enum class Likeness : std::uint8_t { Disjoint, Overlap, Narrowed, Contained, Same };

Likeness likeness(const SelectorPair& asked, const Child& child) {
    if (narrow(asked.local, child.local).empty() || narrow(asked.remote, child.remote).empty())
        return Likeness::Disjoint;
    const bool contained = covers(child.local, asked.local) && covers(child.remote, asked.remote);
    const bool contains = covers(asked.local, child.local) && covers(asked.remote, child.remote);
    if (contained) return contains ? Likeness::Same : Likeness::Contained;
    return contains ? Likeness::Narrowed : Likeness::Overlap;
}

// RFC 7296 §2.9: the first selectors may be those of the packet that the peer has waiting.
bool takes_in_first(const SelectorPair& asked, const Child& child) {
    return covers(child.local, {asked.local.front()}) && covers(child.remote, {asked.remote.front()});
}

// Compared part by part: what counts more stands first.
struct Fit {
    bool has_traffic = false;
    bool same_protocol = false;
    bool same_mode = false;
    bool takes_in_first = false;
    Likeness likeness = Likeness::Disjoint;
    auto operator<=>(const Fit&) const = default;
};

Fit fit_of(const ChildPayloads& asked, const Child& child) {
    const ProtocolId protocol = protocol_id(child.protocol);
    const SelectorPair& selectors = asked.selectors(child.mode);
    const Likeness alike = likeness(selectors, child);
    if (alike == Likeness::Disjoint) return {};
    return {.has_traffic = true,
            .same_protocol = std::ranges::contains(asked.proposals, protocol, &Proposal::protocol),
            .same_mode = asks_for_transport(asked) == (child.mode == xfrm::Mode::Transport),
            .takes_in_first = takes_in_first(selectors, child),
            .likeness = alike};
}

// It has this child of the connection, or makes it.
bool holds(const IkeSa& sa, std::string_view child) {
    const auto* installing = std::get_if<state::InstallingAsResponder>(&sa.state);
    if (installing != nullptr && installing->child.name == child) return true;
    if (!sa.is_established()) return false;
    const ChildNegotiation* theirs = child_of(sa.incoming);
    return (theirs != nullptr && theirs->child == child) || is_being_made(sa, child) ||
           std::ranges::any_of(sa.children, [&](const ChildSa& each) { return each.name == child && each.is_in_use(); });
}

}  // namespace

ChildPayloads child_payloads(const IkeSa& sa, std::span<const Proposal> proposals, std::span<const Notify> notifies,
                             SelectorPair selectors) {
    SelectorPair transport = selectors;
    if (sa.nat.local) transport.local = as_seen_here(std::move(transport.local), sa.path.local.address);
    if (sa.nat.remote) transport.remote = as_seen_here(std::move(transport.remote), sa.path.remote.address);
    return {proposals, notifies, std::move(selectors), std::move(transport)};
}

std::expected<void, WhyFailed> is_free_for(Core& core, const IkeSa& sa, const Child& child) {
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || !sa.nat.remote || child.mode != xfrm::Mode::Transport) return {};
    for (const SaHandle handle : connection->ike_sas) {
        const IkeSa* other = core.ike_sas.find(handle);
        if (other == nullptr || other->peer_id == sa.peer_id || !holds(*other, child.name)) continue;
        return std::unexpected{WhyFailed{Reason::RefusedBehindNat,
                                         "\"" + other->peer_id + "\" has child \"" + child.name +
                                             "\" from behind the same NAT, and in transport mode both hosts have its address "
                                             "here; use tunnel mode for them, or a child for each with ports of its own",
                                         false}};
    }
    return {};
}

std::expected<void, WhyFailed> fits_path(const IkeSa& sa, const Child& child) {
    if (!sa.nat.any() || (child.protocol != xfrm::IpsecProtocol::Ah && !child.bundle)) return {};
    // RFC 3715 §2.1: AH authenticates the addresses that a NAT rewrites.
    const char* const where = sa.nat.local && sa.nat.remote ? "both we and the peer are"
                              : sa.nat.local                ? "we are"
                                                            : "the peer is";
    return std::unexpected{WhyFailed{Reason::RefusedBehindNat,
                                     "child \"" + child.name + "\" uses AH, which cannot pass a NAT, and " + where +
                                         " behind one; use ESP", false}};
}

ChildOffer ask_for(const Child& child) {
    ChildOffer offer;
    offer.suite.protocol = child.protocol;
    offer.mode = child.mode;
    offer.local = child.local;
    offer.remote = child.remote;
    return offer;
}

std::optional<RequestId> reserve_spi(Core& core, const IkeSa& sa, const Child& child, const ChildOffer& offer) {
    const auto reserve = [&](xfrm::IpsecProtocol protocol, xfrm::Mode mode) {
        return core.request_kernel({sa.self, {sa_id(sa, true, protocol, {})}, true, {}},
                                   xfrm::AllocateSpi{.source = sa.path.remote.address,
                                                     .destination = sa.path.local.address,
                                                     .protocol = protocol,
                                                     .mode = mode,
                                                     .reqid = child.reqid,
                                                     .mark = {},
                                                     .if_id = {}});
    };
    if (offer.inbound_spi.value == 0) return reserve(child.protocol, child.outer_mode());
    if (child.compress && offer.inbound_cpi.value == 0) return reserve(xfrm::IpsecProtocol::Ipcomp, child.mode);
    return std::nullopt;
}

void take_spi(ChildOffer& offer, xfrm::EspSpi spi) {
    (offer.inbound_spi.value == 0 ? offer.inbound_spi : offer.inbound_cpi) = spi;
}

void release_spi(Core& core, const IkeSa& sa, const ChildOffer& offer) {
    if (offer.inbound_spi.value != 0)
        core.remove_sas({sa_id(sa, true, offer.suite.protocol, offer.inbound_spi)});
    if (offer.inbound_cpi.value != 0)
        core.remove_sas({sa_id(sa, true, xfrm::IpsecProtocol::Ipcomp, offer.inbound_cpi)});
}

Bytes spi_octets(xfrm::EspSpi spi) {
    Writer out;
    out.u32(spi.value);
    return std::move(out).finish();
}

std::optional<xfrm::EspSpi> read_spi(View octets) {
    if (octets.size() != 4) return std::nullopt;
    xfrm::EspSpi spi;
    for (const std::uint8_t octet : octets) spi.value = spi.value << 8 | octet;
    if (spi.value < kSpiMin) return std::nullopt;
    return spi;
}

std::vector<Proposal> child_proposals(std::span<const Proposal> wanted, xfrm::EspSpi inbound) {
    return as_offer({wanted.begin(), wanted.end()}, spi_octets(inbound));
}

// RFC 7296 §1.3.1; the kernel does not make sense of TFC padding in transport mode.
std::vector<Notify> child_notifies(xfrm::Mode mode, xfrm::EspSpi inbound_cpi) {
    std::vector<Notify> notifies{make_notify(NotifyType::EspTfcPaddingNotSupported)};
    if (mode == xfrm::Mode::Transport) notifies.push_back(make_notify(NotifyType::UseTransportMode));
    if (inbound_cpi.value != 0)
        notifies.push_back(make_ipcomp_supported({static_cast<std::uint16_t>(inbound_cpi.value), kDeflate}));
    return notifies;
}

const Child* choose_child(const ChildPayloads& asked, std::span<const Child> children) {
    const auto best = std::ranges::max_element(
        children, {}, [&](const Child& child) { return fit_of(asked, child); });
    return best == children.end() ? nullptr : &*best;
}

bool is_for_same_traffic(const ChildPayloads& asked, const Child& child) {
    return likeness(asked.selectors(child.mode), child) == Likeness::Same;
}

const Child* find_child(const Connection& connection, std::string_view name) {
    const auto found = std::ranges::find(connection.children, name, &Child::name);
    return found == connection.children.end() ? nullptr : &*found;
}

std::expected<ChildOffer, ChildRefusal> grant_child(const IkeSa& sa, const ChildPayloads& asked,
                                                    const Child& wanted,
                                                    std::span<const Proposal> proposals) {
    const auto no = [](NotifyType type, Reason reason, std::string detail) {
        return std::unexpected{ChildRefusal{type, WhyFailed{reason, std::move(detail), false}}};
    };
    if (auto fits = fits_path(sa, wanted); !fits)
        return std::unexpected{ChildRefusal{NotifyType::NoProposalChosen, fits.error()}};
    if (wanted.mode == xfrm::Mode::Transport && !asks_for_transport(asked))
        return no(NotifyType::NoProposalChosen, Reason::TransportModeRefused,
                  "the peer asks for tunnel mode, this connection requires transport mode");
    const auto chosen = select_proposal({asked.proposals.begin(), asked.proposals.end()},
                                        {proposals.begin(), proposals.end()});
    const auto suite = chosen ? child_suite_of(chosen->answer) : std::nullopt;
    const auto peer_spi = chosen ? read_spi(chosen->peer_spi) : std::nullopt;
    if (!suite || !peer_spi)
        return no(NotifyType::NoProposalChosen, Reason::NoProposalChosen,
                  "no common algorithms for child \"" + wanted.name + "\": the peer offers " + offer_text(asked.proposals) +
                      ", it has " + offer_text(proposals));
    const auto peer_cpi = read_cpi(asked);
    if (wanted.compress && !peer_cpi)
        return no(NotifyType::NoProposalChosen, Reason::CompressionRefused,
                  "the peer does not offer compression, child \"" + wanted.name + "\" requires it");
    ChildOffer offer;
    if (wanted.compress) offer.peer_cpi = *peer_cpi;
    offer.mode = wanted.mode;
    offer.chosen = chosen->answer;
    offer.peer_spi = *peer_spi;
    offer.suite = *suite;
    offer.local = narrow(asked.selectors(wanted.mode).local, wanted.local);
    offer.remote = narrow(asked.selectors(wanted.mode).remote, wanted.remote);
    if (offer.local.empty() || offer.remote.empty())
        return no(NotifyType::TsUnacceptable, Reason::TrafficSelectorsUnacceptable,
                  "the peer asks for " + traffic_text(asked.selectors(wanted.mode).remote, asked.selectors(wanted.mode).local) +
                      ", which has nothing in common with child \"" + wanted.name + "\", " +
                      traffic_text(wanted.remote, wanted.local));
    return offer;
}

std::expected<void, WhyFailed> accept_grant(const ChildPayloads& granted, const Child& wanted,
                                            std::span<const Proposal> proposals, ChildOffer& offer) {
    const auto no = [](Reason reason, std::string detail) {
        return std::unexpected{WhyFailed{reason, std::move(detail), false}};
    };
    const auto offered = child_proposals(proposals, offer.inbound_spi);
    if (granted.proposals.size() != 1 || !is_subset_of_offer(granted.proposals.front(), offered))
        return no(Reason::NoProposalChosen, "the peer chose " + offer_text(granted.proposals) + " for child \"" +
                                                wanted.name + "\", we offered " + offer_text(offered));
    const auto suite = child_suite_of(granted.proposals.front());
    const auto spi = read_spi(granted.proposals.front().spi);
    if (!suite || !spi) return no(Reason::NoProposalChosen, "the peer's proposal for the child is unusable");
    const bool transport = asks_for_transport(granted);
    if (wanted.mode == xfrm::Mode::Transport && !transport)
        return no(Reason::TransportModeRefused, "the peer would use tunnel mode, we require transport mode");
    if (wanted.mode == xfrm::Mode::Tunnel && transport)
        return no(Reason::InvalidSyntax, "the peer answers with transport mode, which we did not offer");
    const auto peer_cpi = read_cpi(granted);
    if (wanted.compress && !peer_cpi)
        return no(Reason::CompressionRefused,
                  "the peer does not compress, child \"" + wanted.name + "\" requires it; leave compress out");
    if (!wanted.compress && find_notify(granted.notifies, NotifyType::IpcompSupported) != nullptr)
        return no(Reason::InvalidSyntax, "the peer would compress, which we did not offer");
    if (wanted.compress) offer.peer_cpi = *peer_cpi;
    offer.suite = *suite;
    offer.peer_spi = *spi;
    offer.local = granted.selectors(wanted.mode).local;
    offer.remote = granted.selectors(wanted.mode).remote;
    if (offer.local.empty() || offer.remote.empty() || !covers(wanted.local, offer.local) ||
        !covers(wanted.remote, offer.remote))
        return no(Reason::TrafficSelectorsUnacceptable,
                  "the peer grants " + traffic_text(offer.local, offer.remote) + ", which goes beyond what we asked for, " +
                      traffic_text(wanted.local, wanted.remote));
    return {};
}

ChildSa make_child(const Core& core, const IkeSa& sa, const Child& wanted, const ChildOffer& offer, Role role) {
    ChildSa child;
    child.name = wanted.name;
    child.role = role;
    child.mode = offer.mode;
    child.reqid = wanted.reqid;
    child.suite = offer.suite;
    child.inbound = sa_id(sa, true, offer.suite.protocol, offer.inbound_spi);
    child.outbound = sa_id(sa, false, offer.suite.protocol, offer.peer_spi);
    if (offer.peer_cpi.value != 0)
        child.compression = CompressionSas{sa_id(sa, true, xfrm::IpsecProtocol::Ipcomp, offer.inbound_cpi),
                                           sa_id(sa, false, xfrm::IpsecProtocol::Ipcomp, offer.peer_cpi)};
    child.local = offer.local;
    child.remote = offer.remote;
    // A peer may go to port 4500 without a NAT (RFC 4555 §3.3): then ESP stays as it is.
    child.encapsulated = sa.nat.any() && sa.path.encapsulated;
    child.path = sa.path;
    child.placed = core.now;
    child.since = core.now;
    return child;
}

}  // namespace xfrmd::ike
