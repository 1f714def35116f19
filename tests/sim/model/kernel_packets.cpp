// SPDX-License-Identifier: Apache-2.0
// The way of a packet through the kernel model: policies, then SAs, as net/xfrm does it.
#include <algorithm>
#include <ranges>
#include <utility>

#include "tests/sim/model/kernel_model.h"

namespace xfrmd::sim {

using namespace xfrm;

namespace {

constexpr std::uint64_t kPacketOctets = 100;
constexpr std::uint64_t kSequenceMax = 0xffff'ffff;  // without ESN

bool under(const PortMask& mask, std::uint16_t port) { return ((port ^ mask.port) & mask.mask) == 0; }

void append_text(Bytes& to, std::string_view text) {
    append(to, as_view(text));
    to.push_back(0);
}

// Between whom the next SA runs. Transport mode protects between the packet's own ends, tunnel mode between the
// template's, and what is around a tunnel has the tunnel's ends. net/xfrm/xfrm_policy.c, xfrm_tmpl_resolve_one()
KernelModel::Ends ends_for(const Template& wanted, const KernelModel::Ends& so_far) {
    if (wanted.mode == Mode::Transport) return so_far;
    return {wanted.source.is_unspecified() ? so_far.source : wanted.source, wanted.destination};
}

bool is_for(const SaSpec& sa, const Template& wanted, const KernelModel::Ends& ends) {
    return sa.id.source == ends.source && sa.id.destination == ends.destination && sa.id.protocol == wanted.protocol &&
           sa.mode == wanted.mode && sa.reqid == wanted.reqid &&
           (wanted.spi == EspSpi{} || wanted.spi == sa.id.spi);
}

// net/xfrm/xfrm_policy.c, xfrm_state_ok()
bool satisfies(const SaSpec& sa, const Template& wanted) {
    const auto same_or_any = [](const Address& asked, const Address& is) {
        return asked.is_unspecified() || asked == is;
    };
    return sa.id.protocol == wanted.protocol && sa.mode == wanted.mode &&
           (wanted.spi == EspSpi{} || wanted.spi == sa.id.spi) &&
           (wanted.reqid == ReqId{} || wanted.reqid == sa.reqid) &&
           (wanted.mode == Mode::Transport || (same_or_any(wanted.source, sa.id.source) &&
                                               same_or_any(wanted.destination, sa.id.destination)));
}

// What transport mode protects stands behind the same IP header: whatever a NAT has made of its addresses, all of it has.
IpsecPacket as_received(IpsecPacket sealed) {
    const IpsecHeader* before = nullptr;
    for (IpsecHeader& header : sealed.headers) {
        if (before != nullptr && before->mode == Mode::Transport) {
            header.source = before->source;
            header.destination = before->destination;
        }
        before = &header;
    }
    if (before->mode != Mode::Transport) return sealed;
    sealed.inner.source = before->source;
    sealed.inner.destination = before->destination;
    return sealed;
}

}  // namespace

const char* drop_name(Drop drop) {
    switch (drop) {
        case Drop::Blocked: return "blocked";
        case Drop::WaitingForSa: return "waiting for an SA";
        case Drop::SaExhausted: return "SA exhausted";
        case Drop::SequenceExhausted: return "sequence numbers exhausted";
        case Drop::NoSuchSa: return "no such SA";
        case Drop::WrongProtection: return "does not open";
        case Drop::Replayed: return "replayed";
        case Drop::WrongEncapsulation: return "wrong encapsulation";
        case Drop::NotProtected: return "not protected as required";
        case Drop::NoPolicy: return "no policy for what came out";
    }
    std::unreachable();
}

bool matches(const Selector& selector, const Packet& packet) {
    return selector.source.contains(packet.source) && selector.destination.contains(packet.destination) &&
           (selector.protocol == 0 || selector.protocol == packet.protocol) &&
           under(selector.source_port, packet.source_port) &&
           under(selector.destination_port, packet.destination_port);
}

Bytes KernelModel::protection_of(const SaSpec& spec) {
    Bytes all;
    if (spec.aead) {
        append_text(all, spec.aead->name);
        append(all, spec.aead->key.view());
        all.push_back(static_cast<std::uint8_t>(spec.aead->icv_bits));
    }
    if (spec.encryption) {
        append_text(all, spec.encryption->name);
        append(all, spec.encryption->key.view());
    }
    if (spec.integrity) {
        append_text(all, spec.integrity->name);
        append(all, spec.integrity->key.view());
        append_text(all, std::to_string(spec.integrity->truncated_bits));
    }
    all.push_back(spec.extended_sequence_numbers ? 1 : 0);
    return all;
}

const PolicyInfo* KernelModel::find_policy(const Packet& packet, Direction direction) const {
    const PolicyInfo* best = nullptr;
    for (const PolicyInfo& policy : policies_) {
        const PolicyId& id = policy.spec.id;
        if (id.direction != direction || id.mark.mask != 0 || id.if_id != IfId{}) continue;
        if (!matches(id.selector, packet)) continue;
        if (best == nullptr || policy.spec.priority < best->spec.priority) best = &policy;
    }
    return best;
}

std::expected<WirePacket, Drop> KernelModel::output(const Packet& packet) {
    const PolicyInfo* policy = find_policy(packet, Direction::Out);
    if (policy == nullptr) return packet;
    if (policy->spec.action == PolicyAction::Block) return std::unexpected{Drop::Blocked};
    std::vector<Sa*> chosen;  // innermost first, as the templates
    Ends ends{packet.source, packet.destination};
    for (const Template& wanted : policy->spec.templates) {
        const Ends wanted_ends = ends_for(wanted, ends);
        const auto [lookup, sa] = find_outbound(wanted, wanted_ends, packet);
        if (lookup == Lookup::Found) {
            chosen.push_back(sa);
            ends = wanted_ends;
            continue;
        }
        if (lookup == Lookup::Missing) acquire(*policy, wanted, wanted_ends, packet);
        if (!wanted.optional)  // net.core.xfrm_larval_drop is on
            return std::unexpected{lookup == Lookup::Expired ? Drop::SaExhausted : Drop::WaitingForSa};
    }
    if (chosen.empty()) return packet;
    return protect(chosen, packet);
}

// net/xfrm/xfrm_state.c, xfrm_state_look_at(): the youngest valid one that is not dying.
std::pair<KernelModel::Lookup, KernelModel::Sa*> KernelModel::find_outbound(const Template& wanted, const Ends& ends,
                                                                            const Packet& packet) {
    Sa* best = nullptr;
    bool in_progress = false;
    bool expired = false;
    for (Sa& sa : sas_) {
        if (!is_for(sa.spec, wanted, ends)) continue;
        if (sa.spec.id.mark.mask != 0 || sa.spec.if_id != IfId{}) continue;
        if (sa.larval) {
            in_progress = true;
            continue;
        }
        if (sa.spec.selector && !matches(*sa.spec.selector, packet)) continue;
        if (sa.expired) {
            expired = true;
            continue;
        }
        if (best == nullptr || best->dying > sa.dying || (best->dying == sa.dying && best->added <= sa.added))
            best = &sa;
    }
    if (best != nullptr) return {Lookup::Found, best};
    if (expired) return {Lookup::Expired, nullptr};
    return {in_progress ? Lookup::AcquireInProgress : Lookup::Missing, nullptr};
}

void KernelModel::acquire(const PolicyInfo& policy, const Template& wanted, const Ends& ends, const Packet& packet) {
    if (!listening_) return;
    SaSpec larval;
    larval.id = {ends.source, ends.destination, wanted.protocol, {}, {}};
    larval.mode = wanted.mode;
    larval.reqid = wanted.reqid;
    larval.acquire_sequence = ++last_acquire_;
    larval.limits.hard_add_seconds =
        std::chrono::duration_cast<std::chrono::seconds>(kReservationLifetime).count();
    raise(Acquire{.sequence = last_acquire_,
                  .protocol = wanted.protocol,
                  .source = larval.id.source,
                  .destination = larval.id.destination,
                  .packet = {Prefix::host(packet.source), Prefix::host(packet.destination), packet.protocol,
                             PortMask::exactly(packet.source_port), PortMask::exactly(packet.destination_port), 0},
                  .policy = policy.spec,
                  .policy_index = policy.index});
    add(std::move(larval), true);
}

// net/xfrm/xfrm_state.c, xfrm_state_check_expire()
bool KernelModel::admits(Sa& sa) {
    if (!sa.first_used) {
        sa.first_used = now_;
        sa.usage.use_time = wall_seconds();
    }
    const LifetimeLimits& limits = sa.spec.limits;
    if (sa.usage.bytes >= limits.hard_bytes || sa.usage.packets >= limits.hard_packets) {
        sa.expired = true;
        return false;
    }
    if (!sa.dying && (sa.usage.bytes >= limits.soft_bytes || sa.usage.packets >= limits.soft_packets)) {
        sa.dying = true;
        expire(sa, false);
    }
    sa.usage.bytes += kPacketOctets;
    ++sa.usage.packets;
    return true;
}

std::expected<WirePacket, Drop> KernelModel::protect(const std::vector<Sa*>& sas, const Packet& packet) {
    IpsecPacket out{.headers = {}, .udp = {}, .inner = packet};
    for (Sa* sa : sas) {
        if (!admits(*sa)) return std::unexpected{Drop::SaExhausted};
        if (!sa->spec.extended_sequence_numbers && sa->sequence == kSequenceMax)
            return std::unexpected{Drop::SequenceExhausted};
        const SaId& id = sa->spec.id;
        out.headers.insert(out.headers.begin(), IpsecHeader{.protocol = id.protocol,
                                                            .source = id.source,
                                                            .destination = id.destination,
                                                            .spi = id.spi,
                                                            .sequence = ++sa->sequence,
                                                            .mode = sa->spec.mode,
                                                            .protection = protection_of(sa->spec)});
        if (const auto& udp = sa->spec.encapsulation) out.udp = UdpPorts{udp->source_port, udp->destination_port};
    }
    return out;
}

std::expected<Delivered, Drop> KernelModel::input(const WirePacket& arrived) {
    std::vector<const Sa*> opened;  // in the order of opening: the kernel's secpath
    Packet packet;
    if (const auto* sealed = std::get_if<IpsecPacket>(&arrived)) {
        const IpsecPacket received = as_received(*sealed);
        packet = received.inner;
        for (const IpsecHeader& header : received.headers) {
            auto sa = open(header, opened.empty() ? received.udp : std::nullopt, packet);
            if (!sa) return std::unexpected{sa.error()};
            opened.push_back(*sa);
        }
    } else {
        packet = std::get<Packet>(arrived);
    }
    if (auto refused = check_policy(packet, opened)) return std::unexpected{*refused};
    return Delivered{packet, !opened.empty()};
}

// net/xfrm/xfrm_policy.c, __xfrm_policy_check()
std::optional<Drop> KernelModel::check_policy(const Packet& packet, const std::vector<const Sa*>& opened) const {
    const auto has_tunnel = [&](std::size_t from) {
        return std::any_of(opened.begin() + static_cast<std::ptrdiff_t>(from), opened.end(),
                           [](const Sa* sa) { return sa->spec.mode != Mode::Transport; });
    };
    const Direction direction = owns(packet.destination) ? Direction::In : Direction::Forward;
    const PolicyInfo* policy = find_policy(packet, direction);
    if (policy == nullptr) return has_tunnel(0) ? std::optional{Drop::NoPolicy} : std::nullopt;
    if (policy->spec.action == PolicyAction::Block) return Drop::Blocked;
    std::size_t done = 0;  // of `opened`
    for (const Template& wanted : policy->spec.templates | std::views::reverse) {
        std::size_t at = done;
        // An optional transport template is met by what stands next, or by nothing.
        while (at < opened.size() && !satisfies(opened[at]->spec, wanted) && !wanted.optional &&
               opened[at]->spec.mode == Mode::Transport)
            ++at;
        const bool satisfied = at < opened.size() && satisfies(opened[at]->spec, wanted);
        if (satisfied)
            done = at + 1;
        else if (!wanted.optional)
            return Drop::NotProtected;
    }
    return has_tunnel(done) ? std::optional{Drop::NotProtected} : std::nullopt;
}

std::expected<const KernelModel::Sa*, Drop> KernelModel::open(const IpsecHeader& header,
                                                              const std::optional<UdpPorts>& udp,
                                                              const Packet& inner) {
    Sa* sa = find({header.source, header.destination, header.protocol, header.spi, {}});
    if (sa == nullptr || sa->larval || sa->expired) return std::unexpected{Drop::NoSuchSa};
    if (sa->spec.encapsulation.has_value() != udp.has_value()) return std::unexpected{Drop::WrongEncapsulation};
    if (is_replay(*sa, header.sequence)) {
        ++sa->replay_errors;
        return std::unexpected{Drop::Replayed};
    }
    if (!equal(protection_of(sa->spec), header.protection) || sa->spec.mode != header.mode) {
        ++sa->integrity_failures;
        return std::unexpected{Drop::WrongProtection};
    }
    if (udp) tell_mapping(*sa, {header.source, udp->source});
    remember(*sa, header.sequence);
    if (!admits(*sa)) return std::unexpected{Drop::SaExhausted};
    if (sa->spec.selector && !matches(*sa->spec.selector, inner)) return std::unexpected{Drop::NotProtected};
    return sa;
}

// net/ipv4/esp4.c, esp_input_done2(): the kernel tells of each such packet, and goes on sending to the old end.
void KernelModel::tell_mapping(const Sa& sa, const Endpoint& from) {
    const Endpoint known{sa.spec.id.source, sa.spec.encapsulation->source_port};
    if (from != known) raise(MappingChanged{sa.spec.id, sa.spec.reqid, known, from});
}

// RFC 4303 §3.4.3, with the window as a list: probes are few.
bool KernelModel::is_replay(const Sa& sa, std::uint64_t sequence) {
    const std::uint64_t window = sa.spec.replay_window;
    if (window == 0) return false;
    return sequence + window <= sa.sequence || std::ranges::contains(sa.seen, sequence);
}

void KernelModel::remember(Sa& sa, std::uint64_t sequence) {
    const std::uint64_t window = sa.spec.replay_window;
    if (window == 0) return;
    sa.seen.push_back(sequence);
    sa.sequence = std::max(sa.sequence, sequence);
    std::erase_if(sa.seen, [&](std::uint64_t seen) { return seen + window <= sa.sequence; });
}

}  // namespace xfrmd::sim
