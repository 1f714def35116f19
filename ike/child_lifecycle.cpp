// SPDX-License-Identifier: Apache-2.0
#include "ike/child_lifecycle.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ike/bundle.h"
#include "ike/child_offer.h"
#include "ike/connections.h"
#include "ike/former_sas.h"
#include "ike/relocation.h"
#include "ike/tasks.h"

namespace xfrmd::ike {

namespace {

// The peer deletes the old child as soon as it has our answer. If it has the answer and does not, its packets show it: we
// look for them this often.
constexpr Duration kLookForPeer = std::chrono::seconds{10};
// A peer that has made an IKE SA beside another one may have lost that: it shows this soon that it has our answer, or is asked.
constexpr Duration kAskPeer = std::chrono::seconds{1};
// How long the one who is to delete a superseded child may take.
constexpr Duration kSupersededPatience = std::chrono::seconds{60};
// How long packets may be late.
constexpr Duration kLatePackets = std::chrono::seconds{5};
// If both ends see that a child must be made anew, one of them should begin.
constexpr Duration kPeerFirst = std::chrono::seconds{2};
// Until a failed rekey is tried again; up to twice that.
constexpr Duration kRekeyAgain = std::chrono::seconds{10};
constexpr Duration kCreateAgain = std::chrono::seconds{3};

void start_lifetime(Core& core, const IkeSa& sa, ChildSa& child) {
    const Connection* connection = core.wanted_of(sa);
    const Child* wanted = connection != nullptr ? find_child(*connection, child.name) : nullptr;
    if (wanted == nullptr || wanted->rekey.time == Duration::zero()) return;
    child.rekey_at = core.now + core.shortened(wanted->rekey.time);
    child.expires_at = core.now + hard_time(wanted->rekey.time);
}

// The child that people know and that `child` takes over from; null if there is none. Where both ends have made one for the
// same purpose, that is the other one, whichever it was to replace.
ChildSa* known_before(IkeSa& sa, const ChildSa& child) {
    const auto found = std::ranges::find_if(sa.children, [&](const ChildSa& other) {
        return other.announced && other.inbound != child.inbound && other.name == child.name &&
               (other.inbound.spi == child.replaces || !other.is_in_use());
    });
    return found == sa.children.end() ? nullptr : &*found;
}

// It carries the traffic from here on.
void announce(Core& core, IkeSa& sa, ChildSa& child) {
    child.announced = true;
    hand_over_from_former(core, sa, child);
    if (ChildSa* old = known_before(sa, child); old != nullptr) {
        old->announced = false;
        return core.emit(ChildRekeyed{sa.connection, child.name, old->inbound.spi, child.inbound.spi,
                                      child.outbound.spi, to_string(child.suite)});
    }
    core.emit(ChildUp{sa.connection, child.name, child.inbound.spi, child.outbound.spi,
                      to_string(child.suite)});
}

// Takes a child out of the kernel and out of the IKE SA; the reference is gone afterwards.
void discard(Core& core, IkeSa& sa, ChildSa& child) {
    core.remove_sas(child.all_sas());
    std::erase_if(sa.children, [&](const ChildSa& other) { return &other == &child; });
}

// One that took over from `old`, if any.
bool has_successor(const IkeSa& sa, const ChildSa& old) {
    return std::ranges::any_of(sa.children, [&](const ChildSa& other) {
        return other.is_in_use() && other.replaces == old.inbound.spi;
    });
}

// The kernel's answer goes to another IKE SA than the one that has asked.
void redirect_answer(Core& core, RequestId request, const IkeSa& to) {
    if (const auto waiter = core.kernel_requests.find(request); waiter != core.kernel_requests.end()) waiter->second.who = to.self;
}

// What the kernel still has to say about its outbound SAs goes along.
void move_child(Core& core, ChildSa& child, IkeSa& to) {
    if (child.switching) redirect_answer(core, *child.switching, to);
    to.children.push_back(std::move(child));
}

// Nothing is sent with it any more.
void make_retired(Core& core, ChildSa& child) {
    child.phase = ChildPhase::Retired;
    child.rekey_at.reset();
    child.expires_at.reset();
    child.phase_ends_at = core.now + kLatePackets;
    if (std::exchange(child.outbound_to_come, {}).empty()) core.remove_sas(child.outbound_sas());
}

// The peer takes back a child that was to replace another one: that one goes on.
void revive_replaced(Core& core, IkeSa& sa, const ChildSa& child) {
    ChildSa* old = !child.outbound_to_come.empty() && child.replaces ? find_child(sa, *child.replaces) : nullptr;
    if (old == nullptr || old->phase != ChildPhase::Superseded) return;
    old->phase = ChildPhase::Active;
    old->phase_ends_at.reset();
    rekey_later(core, sa, old->inbound.spi);
}

void end_of_phase(Core& core, IkeSa& sa, ChildSa& child) {
    child.phase_ends_at.reset();
    switch (child.phase) {
        case ChildPhase::AwaitingSwitch:
            child.phase_ends_at = core.now + kLookForPeer;
            if (create_partner(core, sa, child.name)) return;
            child.looking = core.request_kernel({sa.self, {}, false, {}}, xfrm::QuerySa{child.inbound});
            if (std::ranges::contains(waiting_for_peer(core, sa), child.inbound.spi)) enqueue(core, sa, task::Ask{});
            return;
        case ChildPhase::Superseded: return enqueue(core, sa, task::DeleteChild{child.inbound.spi, child.inbound.protocol});
        case ChildPhase::Retired:
            announce_gone(core, sa, child, Reason::Deleted);  // what was to take over never came into use
            return discard(core, sa, child);
        case ChildPhase::Active:
        case ChildPhase::Deleting: return;
    }
}

// Past its hard lifetime nothing may pass through it, whether the peer agrees or not.
void end_of_life(Core& core, IkeSa& sa, ChildSa& child) {
    child.expires_at.reset();
    switch_over_from(core, sa, child.inbound.spi);
    end_child(core, sa, child.inbound.spi, Reason::Expired);
}

bool is_due(const Core& core, const std::optional<Time>& at) { return at && *at <= core.now; }

// What one child waits for, one thing at a time. False if there was nothing.
bool run_due(Core& core, IkeSa& sa, ChildSa& child) {
    if (is_due(core, child.expires_at)) {
        end_of_life(core, sa, child);
    } else if (is_due(core, child.phase_ends_at)) {
        end_of_phase(core, sa, child);
    } else if (is_due(core, child.rekey_at)) {
        child.rekey_at.reset();
        if (child.phase == ChildPhase::Active) enqueue(core, sa, task::RekeyChild{child.inbound.spi});
    } else {
        return false;
    }
    return true;
}

bool run_one_due(Core& core, IkeSa& sa) {
    for (std::size_t i = 0; i < sa.children.size(); ++i)
        if (run_due(core, sa, sa.children[i])) return true;
    return false;
}

}  // namespace

IkeSa& children_holder(Core& core, IkeSa& sa) {
    IkeSa* holder = &sa;
    if (sa.predecessor)
        if (IkeSa* before = core.ike_sas.find(*sa.predecessor)) holder = before;
    while (holder->successor) {
        IkeSa* after = core.ike_sas.find(*holder->successor);
        if (after == nullptr) break;
        holder = after;
    }
    return *holder;
}

ChildSa* find_child(IkeSa& sa, xfrm::EspSpi inbound) {
    const auto found = std::ranges::find(sa.children, inbound, [](const ChildSa& child) { return child.inbound.spi; });
    return found == sa.children.end() ? nullptr : &*found;
}

ChildSa* find_child_of_peer(IkeSa& sa, xfrm::EspSpi outbound) {
    const auto found = std::ranges::find_if(sa.children, [&](const ChildSa& child) {
        return child.outbound.spi == outbound && child.phase != ChildPhase::Retired;
    });
    return found == sa.children.end() ? nullptr : &*found;
}

OwnedChild find_by_kernel_id(Core& core, xfrm::ReqId reqid, const xfrm::SaId& id) {
    const auto is_it = [&](const ChildSa& child) {
        return child.reqid == reqid && std::ranges::any_of(child.all_sas(), [&](const xfrm::SaId& own) {
            return own.protocol == id.protocol && own.spi == id.spi;
        });
    };
    const auto find_in = [&](const ManagedConnection& connection) -> OwnedChild {
        for (const SaHandle handle : connection.ike_sas) {
            IkeSa* sa = core.ike_sas.find(handle);
            if (sa == nullptr || !sa->is_established()) continue;
            const auto child = std::ranges::find_if(sa->children, is_it);
            if (child != sa->children.end()) return {sa, &*child};
        }
        return {};
    };
    if (const auto owner = core.by_reqid.find(reqid); owner != core.by_reqid.end())
        return find_in(core.connections.at(owner->second.connection));
    // The reqids of policies that others install are not ours to tell children apart by: mostly they are 0.
    for (const xfrm::Address& end : {id.source, id.destination}) {
        const auto names = core.by_remote.find(end);
        if (names == core.by_remote.end()) continue;
        for (const std::string& name : names->second)
            if (const OwnedChild found = find_in(core.connections.at(name)); found.sa != nullptr) return found;
    }
    return {};
}

void adopt_child(Core& core, IkeSa& sa, ChildSa child) {
    child.since = core.now;
    start_lifetime(core, sa, child);
    if (!child.outbound_to_come.empty()) {
        child.phase = ChildPhase::AwaitingSwitch;
        const bool takes_over_elsewhere = !child.replaces && !lacks_partner(core, sa, child);
        child.phase_ends_at = core.now + (takes_over_elsewhere ? kAskPeer : kLookForPeer);
    }
    sa.children.push_back(std::move(child));
    if (sa.children.back().outbound_to_come.empty()) announce(core, sa, sa.children.back());
    arm_children(core, sa);
    bring_children_along(core, sa);}

void supersede(Core& core, IkeSa& sa, ChildSa& child) {
    if (!child.is_in_use()) return;
    child.phase = ChildPhase::Superseded;
    child.outbound_to_come.clear();
    child.rekey_at.reset();
    child.phase_ends_at = core.now + kSupersededPatience;
    arm_children(core, sa);
}

void hold_outbound_back(ChildSa& child, xfrm::InstallSas& request) {
    const auto first = static_cast<std::ptrdiff_t>(child.inbound_sas().size());
    std::ranges::move(request.sas.begin() + first, request.sas.end(), std::back_inserter(child.outbound_to_come));
    request.sas.erase(request.sas.begin() + first, request.sas.end());
    request.reserved.resize(request.sas.size());
}

RequestId switch_over(Core& core, IkeSa& sa, const std::vector<xfrm::EspSpi>& inbound) {
    xfrm::InstallSas request;
    std::vector<xfrm::SaId> leftovers;
    for (const xfrm::EspSpi spi : inbound) {
        ChildSa& child = *find_child(sa, spi);
        std::ranges::copy(child.outbound_sas(), std::back_inserter(leftovers));
        std::ranges::move(std::exchange(child.outbound_to_come, {}), std::back_inserter(request.sas));
    }
    request.reserved.resize(request.sas.size());
    const RequestId id = core.request_kernel({sa.self, std::move(leftovers), false, {}}, std::move(request));
    for (const xfrm::EspSpi spi : inbound) find_child(sa, spi)->switching = id;
    return id;
}

void switch_over_from(Core& core, IkeSa& sa, xfrm::EspSpi replaced) {
    if (const auto waiting = waiting_successors(sa, {replaced}); !waiting.empty())
        static_cast<void>(switch_over(core, sa, waiting));
}

std::vector<xfrm::EspSpi> waiting_successors(const IkeSa& sa, const std::vector<xfrm::EspSpi>& replaced) {
    std::vector<xfrm::EspSpi> waiting;
    for (const ChildSa& child : sa.children)
        if (!child.outbound_to_come.empty() && child.replaces && std::ranges::contains(replaced, *child.replaces))
            waiting.push_back(child.inbound.spi);
    return waiting;
}

namespace {

bool on_peer_looked_for(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result) {
    const auto child = std::ranges::find(sa.children, std::optional{id}, &ChildSa::looking);
    if (child == sa.children.end()) return false;
    child->looking.reset();
    const auto* info = result ? std::get_if<xfrm::SaInfo>(&*result) : nullptr;
    const bool peer_uses_it = info != nullptr && info->usage.packets > 0;
    if (peer_uses_it && child->phase == ChildPhase::AwaitingSwitch && !child->outbound_to_come.empty())
        static_cast<void>(switch_over(core, sa, {child->inbound.spi}));
    return true;
}

}  // namespace

std::vector<xfrm::EspSpi> waiting_for_peer(Core& core, const IkeSa& sa) {
    std::vector<xfrm::EspSpi> waiting;
    for (const ChildSa& child : sa.children)
        if (!child.outbound_to_come.empty() && !child.replaces && !lacks_partner(core, sa, child))
            waiting.push_back(child.inbound.spi);
    return waiting;
}

void peer_has_answers(Core& core, IkeSa& sa) { peer_has_answer_about(core, sa, waiting_for_peer(core, sa)); }

void peer_has_answer_about(Core& core, IkeSa& sa, const std::vector<xfrm::EspSpi>& children) {
    auto waiting = waiting_for_peer(core, sa);
    std::erase_if(waiting, [&](xfrm::EspSpi inbound) { return !std::ranges::contains(children, inbound); });
    if (waiting.empty()) return;
    static_cast<void>(switch_over(core, sa, waiting));
    // The peer began anew beside an IKE SA that it may have lost: if so, it says so.
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr) return;
    for (const SaHandle handle : std::vector{connection->ike_sas}) {
        IkeSa* other = core.ike_sas.find(handle);
        if (other != nullptr && handle != sa.self && other->is_current()) enqueue(core, *other, task::Ask{});
    }
}

bool on_kernel_child(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result) {
    bool found = on_peer_looked_for(core, sa, id, result);
    std::vector<xfrm::EspSpi> useless;
    for (ChildSa& child : sa.children) {
        if (child.switching != id) continue;
        found = true;
        child.switching.reset();
        if (child.phase != ChildPhase::AwaitingSwitch) {  // it went meanwhile
            if (result) core.remove_sas(child.outbound_sas());
            continue;
        }
        child.phase_ends_at.reset();
        if (result) {
            child.phase = ChildPhase::Active;
            child.since = core.now;
            announce(core, sa, child);
            continue;
        }
        useless.push_back(child.inbound.spi);
    }
    // Without an outbound SA they are good for nothing.
    for (const xfrm::EspSpi inbound : useless) end_child(core, sa, inbound, Reason::KernelRefused);
    return found;
}

void retire(Core& core, IkeSa& sa, xfrm::EspSpi inbound, Reason reason) {
    ChildSa* child = find_child(sa, inbound);
    if (child == nullptr || child->phase == ChildPhase::Retired) return;
    const bool replaced = child->phase == ChildPhase::Superseded || has_successor(sa, *child);
    if (!replaced) {
        revive_replaced(core, sa, *child);
        announce_gone(core, sa, *child, reason);
        const std::string name = child->name;
        discard(core, sa, *child);
        return end_partner(core, sa, name, reason);
    }
    make_retired(core, *child);
    arm_children(core, sa);
}

void end_child(Core& core, IkeSa& sa, xfrm::EspSpi inbound, Reason reason) {
    ChildSa& child = *find_child(sa, inbound);
    const std::string name = child.name;
    child.phase = ChildPhase::Deleting;
    child.outbound_to_come.clear();
    core.remove_sas(child.all_sas());
    enqueue(core, sa, task::DeleteChild{inbound, child.inbound.protocol});
    announce_gone(core, sa, child, reason);
    end_partner(core, sa, name, reason);
}

void announce_gone(Core& core, const IkeSa& sa, ChildSa& child, Reason reason) {
    if (!std::exchange(child.announced, false)) return;
    core.emit(ChildDown{sa.connection, child.name, child.inbound.spi, child.outbound.spi, reason});
}

bool retire_elsewhere(Core& core, IkeSa& ending, ChildSa& child) {
    const ManagedConnection* connection = core.connection_of(ending);
    if (connection == nullptr || !child.is_in_use()) return false;
    for (const SaHandle handle : connection->ike_sas) {
        IkeSa* sa = core.ike_sas.find(handle);
        if (sa == nullptr || handle == ending.self || !sa->is_current()) continue;
        const auto carries_on = [&](const ChildSa& other) { return other.name == child.name && other.is_in_use(); };
        if (std::ranges::none_of(sa->children, carries_on)) continue;
        make_retired(core, child);
        move_child(core, child, *sa);
        arm_children(core, *sa);
        return true;
    }
    return false;
}

void on_children_due(Core& core, IkeSa& sa) {
    while (run_one_due(core, sa)) {}
    arm_children(core, sa);
    begin_next_task(core, sa);
}

void on_child_expired(Core& core, IkeSa& sa, xfrm::EspSpi inbound, bool hard) {
    ChildSa* child = find_child(sa, inbound);
    if (child == nullptr || child->phase == ChildPhase::Retired) return;
    if (hard) return end_of_life(core, sa, *child);
    if (child->phase != ChildPhase::Active) return;
    child->rekey_at.reset();
    arm_children(core, sa);
    enqueue(core, sa, task::RekeyChild{inbound});
}

void rekey_soon(Core& core, IkeSa& sa, xfrm::EspSpi inbound) {
    ChildSa* child = find_child(sa, inbound);
    if (child == nullptr || child->phase != ChildPhase::Active) return;
    child->rekey_at = core.now + kPeerFirst;
    arm_children(core, sa);
}

void rekey_later(Core& core, IkeSa& sa, xfrm::EspSpi inbound) {
    ChildSa* child = find_child(sa, inbound);
    if (child == nullptr || child->phase != ChildPhase::Active) return;
    child->rekey_at = core.now + core.shortened(2 * kRekeyAgain);
    arm_children(core, sa);
}

void create_later(Core& core, IkeSa& sa, const std::string& child) {
    sa.tasks.push_back(task::CreateChild{child, 0, core.now + core.shortened(kCreateAgain)});
    arm_children(core, sa);
}

void switch_over_waiting(Core& core, const IkeSa& ending) {
    const ManagedConnection* connection = core.connection_of(ending);
    if (connection == nullptr) return;
    for (const SaHandle handle : connection->ike_sas) {
        IkeSa* sa = core.ike_sas.find(handle);
        if (sa == nullptr || handle == ending.self) continue;
        std::vector<xfrm::EspSpi> waiting;
        for (const ChildSa& child : sa->children)
            if (!child.outbound_to_come.empty() && !child.replaces) waiting.push_back(child.inbound.spi);
        if (!waiting.empty()) static_cast<void>(switch_over(core, *sa, waiting));
    }
}

void inherit_children(Core& core, IkeSa& from, IkeSa& to) {
    for (ChildSa& child : from.children) {
        move_child(core, child, to);
    }
    from.children.clear();
    if (from.relocating) redirect_answer(core, from.relocating->request, to);
    to.relocating = std::exchange(from.relocating, std::nullopt);
    for (Task& task : std::exchange(from.tasks, {}))
        if (!std::holds_alternative<task::RekeyIkeSa>(task)) to.tasks.push_back(std::move(task));
    if (const ManagedConnection* connection = core.connection_of(from))
        for (const SaHandle handle : connection->ike_sas)
            if (IkeSa* other = core.ike_sas.find(handle); other != nullptr && other->replaces == from.self)
                other->replaces = to.self;
    to.replaces = std::exchange(from.replaces, std::nullopt);
    from.successor = to.self;
    from.undecided.reset();
    to.predecessor.reset();
    arm_children(core, from);
    arm_children(core, to);
    begin_next_task(core, to);
}

void arm_children(Core& core, IkeSa& sa) {
    std::optional<Time> earliest;
    for (const ChildSa& child : sa.children)
        for (const auto& at : {child.rekey_at, child.expires_at, child.phase_ends_at})
            if (at && (!earliest || *at < *earliest)) earliest = at;
    for (const Task& task : sa.tasks) {
        const auto* create = std::get_if<task::CreateChild>(&task);
        if (create == nullptr || create->not_before <= core.now) continue;
        if (!earliest || create->not_before < *earliest) earliest = create->not_before;
    }
    core.arm(sa, Timer::Children, earliest);
}

const char* phase_name(ChildPhase phase) {
    switch (phase) {
        case ChildPhase::Active: return "active";
        case ChildPhase::AwaitingSwitch: return "awaiting_switch";
        case ChildPhase::Superseded: return "superseded";
        case ChildPhase::Deleting: return "deleting";
        case ChildPhase::Retired: return "retired";
    }
    std::unreachable();
}

}  // namespace xfrmd::ike
