// SPDX-License-Identifier: Apache-2.0
#include "ike/demand.h"

#include <algorithm>
#include <utility>

#include "ike/bundle.h"
#include "ike/child_offer.h"
#include "ike/connections.h"
#include "ike/exchange/ike_sa_init.h"
#include "ike/former_sas.h"
#include "ike/held_traffic.h"
#include "ike/tasks.h"

namespace xfrmd::ike {

namespace {

// How long a packet's wish for a child counts: as long as the kernel's larval state, xfrm_acq_expires.
constexpr Duration kDemandLifetime = std::chrono::seconds{30};

// How long those wait that want an IKE SA while too many others do.
constexpr Duration kTurn = std::chrono::seconds{2};

// True if one more IKE SA may be begun now, which is then counted.
bool take_initiation(Core& core) {
    InitiationBudget& budget = core.initiations;
    if (core.now - budget.begun >= std::chrono::seconds{1}) budget = {core.now, 0};
    if (budget.given >= core.configuration->limits.initiations_per_second) return false;
    ++budget.given;
    return true;
}

bool is_wanted(const Core& core, const ManagedConnection& connection, const std::string& child) {
    if (connection.wanted->start == Start::Now) return true;
    if (carries_on(connection, child)) return true;
    const auto demand = connection.demands.find(child);
    return demand != connection.demands.end() && core.now - demand->second.at < kDemandLifetime;
}

// Some IKE SA of the connection is on its way, or makes this child already.
bool is_being_made(Core& core, const ManagedConnection& connection, std::string_view child) {
    return std::ranges::any_of(connection.ike_sas, [&](SaHandle handle) {
        const IkeSa* sa = core.ike_sas.find(handle);
        return sa != nullptr && sa->is_established() && is_being_made(*sa, child);
    });
}

}  // namespace

void demand_all(Core& core, ManagedConnection& connection) {
    for (const Child& child : connection.wanted->children) connection.demands[child.name].at = core.now;
}

void demand(Core& core, ManagedConnection& connection, const std::string& child, std::uint32_t acquire_sequence) {
    connection.demands[child] = {core.now, acquire_sequence};
    const Child* wanted = find_child(*connection.wanted, child);
    if (wanted != nullptr && wanted->bundle) connection.demands[wanted->bundle->partner].at = core.now;
}

void forget_demands(ManagedConnection& connection) { connection.demands.clear(); }

bool is_demanded(const Core& core, const ManagedConnection& connection) {
    return std::ranges::any_of(connection.wanted->children,
                               [&](const Child& child) { return is_wanted(core, connection, child.name); });
}

bool has_child(Core& core, const ManagedConnection& connection, std::string_view child) {
    return std::ranges::any_of(connection.ike_sas, [&](SaHandle handle) {
        const IkeSa* sa = core.ike_sas.find(handle);
        return sa != nullptr && sa->is_established() && std::ranges::any_of(sa->children, [&](const ChildSa& each) {
            return each.name == child && each.is_in_use();
        });
    });
}

bool is_satisfied(Core& core, const ManagedConnection& connection) {
    return std::ranges::all_of(connection.wanted->children, [&](const Child& child) {
        return !is_wanted(core, connection, child.name) || has_child(core, connection, child.name);
    });
}

void serve_demands(Core& core, ManagedConnection& connection) {
    if (connection.held_down || core.shutting_down || waits_for_address(*connection.wanted) ||
        connection.policies_state != ManagedConnection::Policies::Installed)
        return;
    IkeSa* current = current_ike_sa(core, connection);
    if (current == nullptr && is_busy(core, connection)) return;
    for (const Child& child : connection.wanted->children) {
        if (!is_wanted(core, connection, child.name) || has_child(core, connection, child.name) ||
            is_being_made(core, connection, child.name))
            continue;
        if (current == nullptr && !take_initiation(core)) return core.schedule(connection, core.now + core.shortened(kTurn));
        core.schedule(connection, std::nullopt);
        if (current == nullptr) return ike_sa_init::initiate(core, connection);
        enqueue(core, *current, task::CreateChild{child.name, take_acquire_sequence(connection, child.name),
                                                  time_to_ask(core, *current, child)});
    }
}

const Child& first_wanted_child(const Core& core, const ManagedConnection& connection) {
    const auto& children = connection.wanted->children;
    const auto found = std::ranges::find_if(
        children, [&](const Child& child) { return is_wanted(core, connection, child.name); });
    return found == children.end() ? children.front() : *found;
}

std::uint32_t take_acquire_sequence(ManagedConnection& connection, const std::string& child) {
    const auto found = connection.demands.find(child);
    return found == connection.demands.end() ? 0 : std::exchange(found->second.acquire_sequence, 0);
}

IkeSa* current_ike_sa(Core& core, const ManagedConnection& connection) {
    for (auto handle = connection.ike_sas.rbegin(); handle != connection.ike_sas.rend(); ++handle) {
        IkeSa* sa = core.ike_sas.find(*handle);
        if (sa != nullptr && sa->is_current()) return sa;
    }
    return nullptr;
}

}  // namespace xfrmd::ike
