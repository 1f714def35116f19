// SPDX-License-Identifier: Apache-2.0
#include "ike/establish.h"

#include <algorithm>

#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/former_sas.h"
#include "ike/keepalive.h"
#include "ike/tasks.h"
#include "ike/teardown.h"

namespace xfrmd::ike {

namespace {

// How long the peer may take to complete the IKE SA that goes, when two have crossed.
constexpr Duration kCrossedPatience = std::chrono::seconds{5};
// However short the lifetime is that a peer sets, we are not at it all the time.
constexpr Duration kAuthLifetimeMin = std::chrono::seconds{30};
// Without a child an IKE SA serves nobody.
constexpr Duration kChildlessLifetime = std::chrono::seconds{10};

std::vector<SaHandle> other_established(Core& core, const IkeSa& sa) {
    std::vector<SaHandle> others;
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr) return others;
    for (const SaHandle handle : connection->ike_sas) {
        const IkeSa* other = core.ike_sas.find(handle);
        if (handle != sa.self && other != nullptr && other->is_current()) others.push_back(handle);
    }
    return others;
}

// Both were being negotiated at the same time: neither side could know of the other one.
bool crossed(const IkeSa& older, const IkeSa& newer) {
    return older.origin.authenticated >= newer.origin.begun;
}

// RFC 7296 §2.4: the peer has lost what it had before. What it was still negotiating with us it has not.
void forget_lost(Core& core, const IkeSa& sa) {
    for (const SaHandle handle : other_established(core, sa)) {
        IkeSa& other = *core.ike_sas.find(handle);
        const bool same_peer = other.peer_id == sa.peer_id && other.local_id == sa.local_id;
        if (same_peer && !crossed(other, sa))
            drop_established(core, other, Reason::Replaced, "the peer made a new IKE SA as its only one");
    }
}

// Of two crossed IKE SAs the one with the lowest nonce goes, as RFC 7296 §2.8.1 has it for rekeying. Both sides know both,
// so they agree without a word. Whoever initiated the one that stays closes the other: it alone knows that both ends have
// the one that stays. If it has only just answered the other, the peer gets a little time to complete that first.
void settle_crossed(Core& core, IkeSa& sa) {
    for (const SaHandle handle : other_established(core, sa)) {
        IkeSa& other = *core.ike_sas.find(handle);
        if (!crossed(other, sa)) continue;
        const bool sa_stays = other.origin.lowest_nonce < sa.origin.lowest_nonce;
        IkeSa& loser = sa_stays ? other : sa;
        if ((sa_stays ? sa : other).origin.role != Role::Initiator) continue;
        if (!sa_stays) return core.arm_in(sa, Timer::GiveUp, kCrossedPatience);
        close_gracefully(core, loser, Reason::Replaced, "both sides began at the same time");
    }
}

// An attempt of ours that the peer has not answered yet is needed no more. Left alone, it would make a second IKE SA
// whenever the peer's answer comes, and only we would see that the two have crossed.
void abandon_unanswered(Core& core, const IkeSa& sa) {
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr) return;
    for (const SaHandle handle : std::vector{connection->ike_sas}) {
        IkeSa* other = core.ike_sas.find(handle);
        if (other == nullptr || handle == sa.self) continue;
        if (other->is<state::MakingInitShare>() || other->is<state::InitSent>()) core.erase(*other);
    }
}

// Early enough before the end of a lifetime that the peer has set, and not all peers' at once.
Time due_before(Core& core, Duration lifetime) {
    const Duration usable = std::max(lifetime, kAuthLifetimeMin);
    return core.now + core.shortened(usable - usable / 8);
}

// Reauthentication: the other children of the IKE SA that this one replaces are made again in this one.
void remake_children(Core& core, IkeSa& sa) {
    const IkeSa* old = core.ike_sas.find(*sa.replaces);
    const Connection* connection = core.wanted_of(sa);
    if (old == nullptr || connection == nullptr) return;
    const auto has = [](const IkeSa& holder, const Child& wanted) {
        return std::ranges::any_of(holder.children, [&](const ChildSa& child) {
            return child.name == wanted.name && child.is_in_use();
        });
    };
    for (const Child& child : connection->children)
        if (has(*old, child) && !has(sa, child)) enqueue(core, sa, task::CreateChild{child.name});
}

// RFC 4478 §2: the initiator is the one to begin. A responder that has told it so begins only if it does not.
std::optional<Time> reauthentication_due(Core& core, const IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    const Duration ours = wanted == nullptr ? Duration::zero() : wanted->reauthenticate;
    std::optional<Time> due;
    if (ours > Duration::zero())
        due = core.now + (sa.role == Role::Initiator ? core.shortened(ours) : hard_time(ours));
    if (sa.peer_auth_lifetime) {
        const Time in_time = due_before(core, *sa.peer_auth_lifetime);
        due = due ? std::min(*due, in_time) : in_time;
    }
    return due;
}

}  // namespace

std::optional<Duration> find_auth_lifetime(std::span<const Notify> notifies) {
    const Notify* notify = find_notify(notifies, NotifyType::AuthLifetime);
    if (notify == nullptr) return std::nullopt;
    const auto lifetime = read_auth_lifetime(*notify);
    if (!lifetime) return std::nullopt;
    return std::chrono::seconds{*lifetime};
}

void shorten_authentication(Core& core, IkeSa& sa, Duration lifetime) {
    sa.peer_auth_lifetime = lifetime;
    const Time in_time = due_before(core, lifetime);
    sa.reauthenticate_at = sa.reauthenticate_at ? std::min(*sa.reauthenticate_at, in_time) : in_time;
    core.arm(sa, Timer::Reauthenticate, sa.reauthenticate_at);
}

void establish(Core& core, IkeSa& sa, std::optional<ChildSa> child, bool initial_contact) {
    const SaHandle self = sa.self;
    core.half_open.remove(self);
    sa.state = state::Established{};
    sa.origin.role = sa.role;
    sa.origin.authenticated = core.now;
    sa.origin.lowest_nonce = std::min(sa.handshake->initiator_nonce, sa.handshake->responder_nonce);
    // RFC 6023 §3: a peer that asked for no child makes one when it likes.
    const bool child_comes_later = sa.role == Role::Responder && sa.handshake->childless;
    sa.handshake.reset();
    sa.established = core.now;
    ++core.statistics.established_total;
    core.disarm_all(sa);
    sa.reauthenticate_at = reauthentication_due(core, sa);
    start_timers(core, sa);
    if (!child && !child_comes_later) core.arm_in(sa, Timer::Childless, kChildlessLifetime);

    if (initial_contact) forget_lost(core, sa);
    core.emit(IkeSaUp{sa.connection, sa.role, sa.initiator_spi, sa.responder_spi, sa.path.local,
                      sa.path.remote, sa.peer_id, to_string(sa.suite)});
    if (child) {
        adopt_child(core, sa, *std::move(child));
        connection_up(core, sa.connection);
        abandon_unanswered(core, sa);
    }
    if (sa.replaces) remake_children(core, sa);
    settle_crossed(core, sa);
    if (IkeSa* alive = core.ike_sas.find(self)) begin_next_task(core, *alive);
}

void start_timers(Core& core, IkeSa& sa) {
    postpone_keepalive(core, sa);
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) return;
    if (wanted->liveness_interval > Duration::zero())
        core.arm_in(sa, Timer::Liveness, wanted->liveness_interval);
    core.arm(sa, Timer::Reauthenticate, sa.reauthenticate_at);
    if (wanted->ike_rekey == Duration::zero()) return;
    core.arm_in(sa, Timer::Rekey, core.shortened(wanted->ike_rekey));
    core.arm_in(sa, Timer::Lifetime, hard_time(wanted->ike_rekey));
}

bool takes_over(Core& core, const IkeSa& sa, std::string_view child, bool initial_contact) {
    const ManagedConnection* connection = core.connection_of(sa);
    if (!initial_contact && connection != nullptr && carries_on(*connection, child)) return true;
    const auto others = other_established(core, sa);
    return std::ranges::any_of(others, [&](SaHandle handle) {
        const IkeSa& other = *core.ike_sas.find(handle);
        if (initial_contact && !crossed(other, sa)) return false;  // the peer has lost it
        return std::ranges::any_of(other.children, [&](const ChildSa& each) {
            return each.name == child && each.is_in_use();
        });
    });
}

bool is_initial_contact(Core& core, const IkeSa& sa) {
    const ManagedConnection* connection = core.connection_of(sa);
    // The peer still sends with what a former run of ours has made.
    if (connection != nullptr && carries_on(*connection)) return false;
    return other_established(core, sa).empty();
}

}  // namespace xfrmd::ike
