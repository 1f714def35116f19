// SPDX-License-Identifier: Apache-2.0
#include "ike/timeout.h"

#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/exchange/followup_ke.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/mobike.h"
#include "ike/keepalive.h"
#include "ike/tasks.h"
#include "ike/teardown.h"

namespace xfrmd::ike {

namespace {

// RFC 4555 §3.10: then it may be the path that fails, not the peer.
constexpr std::uint32_t kTransmissionsOverOnePath = 2;

std::string unanswered(const IkeSa& sa) {
    const auto& outstanding = sa.outbound.outstanding();
    const std::string times = outstanding ? std::to_string(outstanding->transmissions) : "0";
    return "no answer from " + sa.path.remote.to_string() + " to " + times + " transmissions";
}

void peer_is_gone(Core& core, IkeSa& sa) {
    if (sa.is<state::Closing>()) return core.erase(sa);
    if (sa.is_established())
        return drop_established(core, sa, Reason::PeerUnresponsive, unanswered(sa));
    abort_handshake(core, sa, {Reason::PeerUnresponsive, unanswered(sa), false});
}

// RFC 7296 §2.1: the stored octets again, never a new encryption; of a message in fragments all of them.
void retransmit(Core& core, IkeSa& sa) {
    if (sa.outbound.is_idle()) return;
    const Limits& limits = core.configuration->limits;
    const auto& outstanding = *sa.outbound.outstanding();
    if (outstanding.transmissions > limits.retransmissions_max) {
        if (!mobike::return_to_former_path(core, sa)) return peer_is_gone(core, sa);
        sa.outbound.resend(Datagrams{outstanding.datagrams});
    }
    sa.outbound.count_retransmission();
    core.transmit(sa.path, outstanding.datagrams);
    if (outstanding.transmissions > kTransmissionsOverOnePath)
        for (const Path& other : mobike::other_paths(sa)) core.transmit(other, outstanding.datagrams);
    core.arm_in(sa, Timer::Retransmit,
                retransmission_delay(limits, outstanding.transmissions, core.fresh_jitter()));
}

void give_up(Core& core, IkeSa& sa) {
    if (sa.is<state::Closed>()) return core.erase(sa);
    // Another one has taken its place for long enough.
    if (sa.is_established()) return close_replaced(core, sa);
    if (sa.handshake && sa.handshake->hint) {
        const Failure& hint = *sa.handshake->hint;
        return abort_handshake(core, sa, {hint.reason, hint.detail, hint.said_by_peer});
    }
    abort_handshake(core, sa, {Reason::HalfOpenTimeout, "the peer began but did not finish", false});
}

// Keys are not used for ever: RFC 7296 §2.8. This comes only if no rekey has come about before.
void end_of_life(Core& core, IkeSa& sa) {
    close_gracefully(core, sa, Reason::Expired, "the IKE SA reached its lifetime");
}

void end_if_childless(Core& core, IkeSa& sa) {
    if (sa.is_current() && sa.children.empty()) close_gracefully(core, sa, Reason::Unexpected, "no child was made");
}

void run(Core& core, IkeSa& sa, Timer timer) {
    switch (timer) {
        case Timer::Retransmit: return retransmit(core, sa);
        case Timer::GiveUp: return give_up(core, sa);
        case Timer::Liveness: return informational::check_liveness(core, sa);
        case Timer::Rekey: return enqueue(core, sa, task::RekeyIkeSa{});
        case Timer::Reauthenticate: return reauthenticate(core, sa);
        case Timer::Lifetime: return end_of_life(core, sa);
        case Timer::Childless: return end_if_childless(core, sa);
        case Timer::Children: return on_children_due(core, sa);
        case Timer::Keepalive: return send_keepalive(core, sa);
        case Timer::Followup:
            return followup_ke::on_overdue(core, sa);
        case Timer::Count_: break;
    }
    std::unreachable();
}

// One that is due, taken off.
std::optional<Timer> take_due(Core& core, IkeSa& sa) {
    for (std::size_t i = 0; i < sa.timers.size(); ++i) {
        if (!sa.timers[i] || *sa.timers[i] > core.now) continue;
        const auto timer = static_cast<Timer>(i);
        core.arm(sa, timer, std::nullopt);
        return timer;
    }
    // The owner's deadline was taken off its queue: put back what is left.
    core.arm(sa, Timer::Retransmit, sa.timers[static_cast<std::size_t>(Timer::Retransmit)]);
    return std::nullopt;
}

}  // namespace

void on_timeout(Core& core, IkeSa& sa) {
    const SaHandle self = sa.self;
    for (IkeSa* alive = &sa; alive != nullptr; alive = core.ike_sas.find(self)) {
        const auto timer = take_due(core, *alive);
        if (!timer) return;
        run(core, *alive, *timer);
    }
}

std::optional<Deadline> earliest_deadline(Core& core) {
    const auto next = core.deadlines.earliest_owner();
    if (!next) return std::nullopt;
    const auto& [at, owner] = *next;
    const IkeSa* sa = core.ike_sas.find(owner.sa);
    if (sa == nullptr) return Deadline{at, owner.kept ? "end of kept SAs" : "next attempt"};
    for (std::size_t i = 0; i < sa->timers.size(); ++i)
        if (sa->timers[i] == at) return Deadline{at, timer_name(static_cast<Timer>(i))};
    return Deadline{at, "timer"};
}

}  // namespace xfrmd::ike
