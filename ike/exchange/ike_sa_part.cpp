// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/ike_sa_part.h"

#include "ike/child_lifecycle.h"
#include "ike/crash_detection.h"
#include "ike/establish.h"
#include "ike/exchange/collision.h"
#include "ike/exchange/followup_ke.h"
#include "ike/exchange/reasons.h"
#include "ike/policy/offer_text.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/suite_select.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"
#include "ike/wire/names.h"
#include "ike/wire/reader.h"

namespace xfrmd::ike::ike_sa_part {

namespace {

// How long whoever is to delete a replaced IKE SA may take.
constexpr Duration kReplacedPatience = std::chrono::seconds{60};
// Until a failed rekey is tried again; up to twice that.
constexpr Duration kRekeyAgain = std::chrono::seconds{10};

Bytes spi_octets(IkeSpi spi) {
    Writer out;
    out.u64(spi.value);
    return std::move(out).finish();
}

std::optional<IkeSpi> read_spi(View octets) {
    if (octets.size() != sizeof(std::uint64_t)) return std::nullopt;
    IkeSpi spi;
    for (const std::uint8_t octet : octets) spi.value = spi.value << 8 | octet;
    if (spi.is_zero()) return std::nullopt;
    return spi;
}

// The IKE SA that was agreed on, with everything of `old` that is about the peers and not about the keys. Null if the keys
// cannot be derived, which is no fault of the peer's.
IkeSa* make(Core& core, const IkeSa& old, const IkeSaNegotiation& agreed) {
    const bool initiator = agreed.keys.role == Role::Initiator;
    IkeSa fresh;
    fresh.role = agreed.keys.role;
    fresh.initiator_spi = initiator ? agreed.our_spi : agreed.peer_spi;
    fresh.responder_spi = initiator ? agreed.peer_spi : agreed.our_spi;
    fresh.suite = agreed.suite;
    auto keys = derive_rekeyed_ike_keys(agreed.suite, old.suite.prf, old.sk_d.view(), agreed.keys.initiator_nonce,
                                        agreed.keys.responder_nonce, agreed.keys.secret_views(),
                                        fresh.initiator_spi, fresh.responder_spi);
    if (!keys || !take_keys(fresh, *std::move(keys))) return nullptr;
    fresh.path = old.path;
    fresh.esp_remote = old.esp_remote;
    fresh.former_path = old.former_path;
    fresh.mobility = old.mobility;
    fresh.mobility.seen_as.clear();  // its SPIs were in it
    fresh.init_remote = old.init_remote;
    fresh.nat = old.nat;
    fresh.peer_knows_bundles = old.peer_knows_bundles;
    fresh.fragmentation = old.fragmentation;
    fresh.peer_crash_token = Secret{View{agreed.peer_crash_token}};
    fresh.local_id = old.local_id;
    fresh.peer_id = old.peer_id;
    fresh.reauthenticate_at = old.reauthenticate_at;
    fresh.is_unproven = !initiator;
    fresh.state = state::Established{};
    fresh.established = core.now;
    IkeSa& made = core.add(std::move(fresh));
    made.origin = old.origin;
    if (!old.connection.empty()) core.assign(made, old.connection);
    return &made;
}

void take_over(Core& core, IkeSa& old, IkeSa& made) {
    inherit_children(core, old, made);
    start_timers(core, made);
    // Of two that crossed: what was to be closed still is.
    core.arm(made, Timer::GiveUp, old.timers[static_cast<std::size_t>(Timer::GiveUp)]);
    core.emit(IkeSaRekeyed{made.connection, old.initiator_spi, old.responder_spi, made.role, made.initiator_spi,
                           made.responder_spi, to_string(made.suite)});
}

// Its successor has everything: nobody is told that it ends, but the peer.
void await_delete(Core& core, IkeSa& replaced) {
    core.disarm_all_but_retransmission(replaced);
    core.arm_in(replaced, Timer::GiveUp, kReplacedPatience);
}

// What the peer's own exchange has made, unless the peer has ended that already.
IkeSa* crossed_ike_sa(Core& core, const IkeSaNegotiation& ours) {
    IkeSa* theirs = ours.crossed ? core.ike_sas.find(ours.crossed->ike_sa) : nullptr;
    return theirs != nullptr && theirs->is_established() ? theirs : nullptr;
}

IkeSaNegotiation* our_negotiation(IkeSa& sa) {
    Negotiation* ours = sent_negotiation(sa.outgoing);
    return ours != nullptr ? std::get_if<IkeSaNegotiation>(ours) : nullptr;
}

void rekey_later(Core& core, IkeSa& sa) {
    core.arm_in(sa, Timer::Rekey, core.shortened(2 * kRekeyAgain));
}

}  // namespace

// ---- ours ------------------------------------------------------------------------------------------------------

CreateChildSaRequest write_request(Core& core, const IkeSa& sa, const IkeSaNegotiation& ours) {
    CreateChildSaRequest request;
    request.security_association =
        SecurityAssociation{as_offer(core.wanted_of(sa)->ike_proposals, spi_octets(ours.our_spi))};
    request.nonce = Nonce{ours.keys.initiator_nonce};
    request.key_exchange = KeyExchange{ours.keys.method, ours.keys.own_share};
    announce_crash_token(core, ours.our_spi, request.notifies);
    return request;
}

std::expected<void, WhyFailed> read_response(Core& core, const IkeSa& sa, IkeSaNegotiation& ours,
                                             const CreateChildSaResponse& response) {
    const auto no = [](Reason reason, std::string detail) {
        return std::unexpected{WhyFailed{reason, std::move(detail), false}};
    };
    // Of a connection that the old one does not belong to any more if the answer is late.
    const IkeSa* theirs = crossed_ike_sa(core, ours);
    const Connection* wanted = core.wanted_of(sa.is_established() || theirs == nullptr ? sa : *theirs);
    if (wanted == nullptr) return std::unexpected{configuration_changed()};
    if (!response.rekeys_ike_sa()) return no(Reason::InvalidSyntax, "the peer answers with a child");
    const auto& proposals = response.security_association->proposals;
    if (proposals.size() != 1 ||
        !is_subset_of_offer(proposals.front(),
                            as_offer(wanted->ike_proposals, spi_octets(ours.our_spi))))
        return no(Reason::NoProposalChosen, "the peer chose " + offer_text(proposals) + " for the IKE SA, we offered " +
                                                offer_text(wanted->ike_proposals));
    const auto suite = ike_suite_of(proposals.front());
    const auto spi = read_spi(proposals.front().spi);
    if (!suite || !spi) return no(Reason::NoProposalChosen, "the peer's IKE proposal is unusable");
    if (suite->method != ours.keys.method)
        return no(Reason::InvalidKeyExchange, "the peer's key exchange is not of the group we used");
    ours.suite = *suite;
    ours.keys.additional = suite->additional;
    ours.peer_spi = *spi;
    ours.peer_crash_token = find_crash_token(response.notifies);
    return {};
}

void conclude(Core& core, IkeSa& sa, IkeSaNegotiation ours) {
    IkeSa* made = make(core, sa, ours);
    if (made == nullptr)
        return failed(core, sa, ours, {Reason::CredentialUnusable, "key derivation failed", false});
    sa.outgoing.reset();
    if (!sa.is_established()) {
        // The peer has ended the old one for its own: this one is nobody's.
        made->successor = sa.successor;
        return close_replaced(core, *made);
    }
    IkeSa* theirs = crossed_ike_sa(core, ours);
    const bool ours_stays =
        theirs == nullptr || survivor(ours.keys.lowest_nonce(), ours.crossed->lowest_nonce) == Survivor::Ours;
    if (!ours_stays) {
        // RFC 7296 §2.8.1: the redundant one is deleted by whoever made it, the old one by the peer.
        take_over(core, sa, *theirs);
        await_delete(core, sa);
        made->successor = theirs->self;
        return close_replaced(core, *made);
    }
    take_over(core, sa, *made);
    if (theirs != nullptr) {
        theirs->predecessor.reset();
        sa.undecided.reset();
        theirs->successor = made->self;
        await_delete(core, *theirs);
    }
    close_replaced(core, sa);
}

void refused(Core& core, IkeSa& sa, const IkeSaNegotiation& ours, const Notify& error) {
    WhyFailed why{reason_of(error.type), answered(error.type), true};
    const Connection* wanted = core.wanted_of(sa);
    if (why.reason == Reason::NoProposalChosen && wanted != nullptr)
        why.detail += "; for the IKE SA we offered " + offer_text(wanted->ike_proposals);
    failed(core, sa, ours, why);
}

void failed(Core& core, IkeSa& sa, const IkeSaNegotiation& ours, const WhyFailed& why) {
    sa.outgoing.reset();
    if (!sa.is_established()) return;
    if (IkeSa* theirs = crossed_ike_sa(core, ours)) {
        // Theirs was answered, so the purpose is served.
        take_over(core, sa, *theirs);
        return await_delete(core, sa);
    }
    if (why.reason != Reason::Limit)
        core.emit(NegotiationFailed{sa.connection, sa.role, sa.path.remote, why.reason, why.detail,
                                    why.said_by_peer, Duration{0}});
    rekey_later(core, sa);
    begin_next_task(core, sa);
}

void leave_to_peer(Core& core, IkeSa& sa) {
    const IkeSaNegotiation* ours = our_negotiation(sa);
    IkeSa* theirs = ours != nullptr ? crossed_ike_sa(core, *ours) : nullptr;
    if (theirs != nullptr) take_over(core, sa, *theirs);
}

// ---- the peer's ------------------------------------------------------------------------------------------------

std::expected<IkeSaNegotiation, ChildRefusal> read_request(Core& core, const IkeSa& sa,
                                                           const CreateChildSaRequest& request) {
    const auto no = [](NotifyType type, Reason reason, std::string detail) {
        return std::unexpected{ChildRefusal{type, {reason, std::move(detail), false}}};
    };
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) return std::unexpected{ChildRefusal{NotifyType::NoProposalChosen, configuration_changed()}};
    const auto chosen =
        select_proposal(request.security_association->proposals, wanted->ike_proposals);
    const auto suite = chosen ? ike_suite_of(chosen->answer) : std::nullopt;
    const auto spi = chosen ? read_spi(chosen->peer_spi) : std::nullopt;
    if (!suite || !spi)
        return no(NotifyType::NoProposalChosen, Reason::NoProposalChosen,
                  "no common algorithms for the IKE SA: the peer offers " +
                      offer_text(request.security_association->proposals) + ", connection \"" + wanted->name + "\" has " +
                      offer_text(wanted->ike_proposals));
    IkeSaNegotiation theirs;
    theirs.our_spi = core.fresh_ike_spi();
    theirs.peer_spi = *spi;
    theirs.peer_crash_token = find_crash_token(request.notifies);
    theirs.suite = *suite;
    theirs.chosen = chosen->answer;
    theirs.keys.method = suite->method;
    theirs.keys.additional = suite->additional;
    return theirs;
}

CreateChildSaResponse write_response(const Core& core, const IkeSaNegotiation& theirs) {
    CreateChildSaResponse response;
    Proposal chosen = theirs.chosen;
    chosen.spi = spi_octets(theirs.our_spi);
    response.security_association = SecurityAssociation{{std::move(chosen)}};
    response.nonce = Nonce{theirs.keys.responder_nonce};
    response.key_exchange = KeyExchange{theirs.keys.method, theirs.keys.own_share};
    announce_crash_token(core, theirs.our_spi, response.notifies);
    return response;
}

void conclude_theirs(Core& core, IkeSa& sa, IkeSaNegotiation theirs) {
    IkeSa* made = make(core, sa, theirs);
    if (made == nullptr)
        return send_response(core, sa, theirs.keys.exchange,
                             make_notify(NotifyType::NoProposalChosen));
    followup_ke::answer(core, sa, theirs);
    if (IkeSaNegotiation* ours = our_negotiation(sa)) {
        // RFC 7296 §2.8.2: both have to be known before one of them can be chosen.
        ours->crossed = CrossedRekey{theirs.keys.lowest_nonce(), made->self};
        made->predecessor = sa.self;
        sa.undecided = made->self;
        return;
    }
    take_over(core, sa, *made);
    await_delete(core, sa);
}

}  // namespace xfrmd::ike::ike_sa_part
