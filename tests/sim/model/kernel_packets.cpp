// SPDX-License-Identifier: Apache-2.0
// The way of a packet through the kernel model: policies, then SAs, as net/xfrm does it.
#include <algorithm>
#include <utility>

#include "tests/sim/model/kernel_model.h"

namespace xfrmd::sim {

using namespace xfrm;

namespace {

constexpr std::uint64_t kPacketOctets = 100;

bool under(const PortMask& mask, std::uint16_t port) { return ((port ^ mask.port) & mask.mask) == 0; }

void append_text(Bytes& to, std::string_view text) {
    append(to, as_view(text));
    to.push_back(0);
}

bool is_acquire_for(const KernelModel::Sa& sa, const Template& wanted, const Address& source,
                    const Address& destination) {
    return sa.spec.id.source == source && sa.spec.id.destination == destination &&
           sa.spec.id.protocol == wanted.protocol && sa.spec.mode == wanted.mode && sa.spec.reqid == wanted.reqid;
}

// Transport mode protects between the packet's own ends, tunnel mode between the template's.
Address source_of(const Template& wanted, const Packet& packet) {
    return wanted.mode == Mode::Transport || wanted.source.is_unspecified() ? packet.source : wanted.source;
}
Address destination_of(const Template& wanted, const Packet& packet) {
    return wanted.mode == Mode::Transport ? packet.destination : wanted.destination;
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

}  // namespace

const char* drop_name(Drop drop) {
    switch (drop) {
        case Drop::Blocked: return "blocked";
        case Drop::WaitingForSa: return "waiting for an SA";
        case Drop::SaExhausted: return "SA exhausted";
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
    Sa* chosen = nullptr;
    for (const Template& wanted : policy->spec.templates) {
        const auto [lookup, sa] = find_outbound(wanted, packet);
        if (lookup == Lookup::Found) {
            chosen = sa;  // the sets of policies we install have one template each
            continue;
        }
        if (wanted.optional) continue;
        if (lookup == Lookup::Expired) return std::unexpected{Drop::SaExhausted};
        if (lookup == Lookup::Missing) acquire(*policy, wanted, packet);
        return std::unexpected{Drop::WaitingForSa};  // net.core.xfrm_larval_drop is on
    }
    if (chosen == nullptr) return packet;
    return protect(*chosen, packet);
}

// net/xfrm/xfrm_state.c, xfrm_state_look_at(): the youngest valid one that is not dying.
std::pair<KernelModel::Lookup, KernelModel::Sa*> KernelModel::find_outbound(const Template& wanted,
                                                                            const Packet& packet) {
    const Address source = source_of(wanted, packet);
    const Address destination = destination_of(wanted, packet);
    Sa* best = nullptr;
    bool in_progress = false;
    bool expired = false;
    for (Sa& sa : sas_) {
        if (!is_acquire_for(sa, wanted, source, destination)) continue;
        if (wanted.spi != EspSpi{} && wanted.spi != sa.spec.id.spi) continue;
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
        if (best == nullptr || best->dying > sa.dying || (best->dying == sa.dying && best->added < sa.added))
            best = &sa;
    }
    if (best != nullptr) return {Lookup::Found, best};
    if (expired) return {Lookup::Expired, nullptr};
    return {in_progress ? Lookup::AcquireInProgress : Lookup::Missing, nullptr};
}

bool KernelModel::acquire(const PolicyInfo& policy, const Template& wanted, const Packet& packet) {
    if (!listening_) return false;
    SaSpec larval;
    larval.id = {source_of(wanted, packet), destination_of(wanted, packet), wanted.protocol, {}, {}};
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
    return true;
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

std::expected<WirePacket, Drop> KernelModel::protect(Sa& sa, const Packet& packet) {
    if (!admits(sa)) return std::unexpected{Drop::SaExhausted};
    return EspPacket{.source = sa.spec.id.source,
                     .destination = sa.spec.id.destination,
                     .spi = sa.spec.id.spi,
                     .sequence = ++sa.sequence,
                     .mode = sa.spec.mode,
                     .encapsulated = sa.spec.encapsulation.has_value(),
                     .protection = protection_of(sa.spec),
                     .inner = packet};
}

std::expected<Delivered, Drop> KernelModel::input(const WirePacket& arrived) {
    const Sa* sa = nullptr;
    Packet packet;
    if (const auto* esp = std::get_if<EspPacket>(&arrived)) {
        auto opened = open(*esp, sa);
        if (!opened) return std::unexpected{opened.error()};
        packet = *opened;
    } else {
        packet = std::get<Packet>(arrived);
    }
    const Direction direction = owns(packet.destination) ? Direction::In : Direction::Forward;
    const PolicyInfo* policy = find_policy(packet, direction);
    // net/xfrm/xfrm_policy.c, __xfrm_policy_check()
    if (policy == nullptr) {
        if (sa != nullptr && sa->spec.mode != Mode::Transport) return std::unexpected{Drop::NoPolicy};
        return Delivered{packet, sa != nullptr};
    }
    if (policy->spec.action == PolicyAction::Block) return std::unexpected{Drop::Blocked};
    for (const Template& wanted : policy->spec.templates) {
        const bool satisfied = sa != nullptr && satisfies(sa->spec, wanted);
        if (!satisfied && !wanted.optional) return std::unexpected{Drop::NotProtected};
    }
    if (policy->spec.templates.empty() && sa != nullptr && sa->spec.mode != Mode::Transport)
        return std::unexpected{Drop::NotProtected};
    return Delivered{packet, sa != nullptr};
}

std::expected<Packet, Drop> KernelModel::open(const EspPacket& packet, const Sa*& opened_by) {
    Sa* sa = find({packet.source, packet.destination, IpsecProtocol::Esp, packet.spi, {}});
    if (sa == nullptr || sa->larval || sa->expired) return std::unexpected{Drop::NoSuchSa};
    if (sa->spec.encapsulation.has_value() != packet.encapsulated)
        return std::unexpected{Drop::WrongEncapsulation};
    if (!equal(protection_of(sa->spec), packet.protection) || sa->spec.mode != packet.mode) {
        ++sa->integrity_failures;
        return std::unexpected{Drop::WrongProtection};
    }
    if (is_replay(*sa, packet.sequence)) {
        ++sa->replay_errors;
        return std::unexpected{Drop::Replayed};
    }
    if (!admits(*sa)) return std::unexpected{Drop::SaExhausted};
    if (sa->spec.selector && !matches(*sa->spec.selector, packet.inner)) return std::unexpected{Drop::NotProtected};
    opened_by = sa;
    return packet.inner;
}

// RFC 4303 §3.4.3, with the window as a list: probes are few.
bool KernelModel::is_replay(Sa& sa, std::uint64_t sequence) {
    const std::uint64_t window = sa.spec.replay_window;
    if (window == 0) return false;
    if (sequence + window <= sa.sequence || std::ranges::contains(sa.seen, sequence)) return true;
    sa.seen.push_back(sequence);
    sa.sequence = std::max(sa.sequence, sequence);
    std::erase_if(sa.seen, [&](std::uint64_t seen) { return seen + window <= sa.sequence; });
    return false;
}

}  // namespace xfrmd::sim
