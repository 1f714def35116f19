// SPDX-License-Identifier: Apache-2.0
#include "ike/configure.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/former_sas.h"
#include "ike/held_traffic.h"
#include "ike/policy/connection_change.h"
#include "ike/wanted_policies.h"

namespace xfrmd::ike {

namespace {

// What was made from these stays as it is.
std::set<std::string> unchanged_patterns(const Core& core, const Configuration& configuration) {
    std::set<std::string> names;
    for (const Connection& wanted : configuration.connections) {
        const auto present = core.connections.find(wanted.name);
        if (wanted.served && present != core.connections.end() && change_between(*present->second.wanted, wanted) == ConnectionChange::None)
            names.insert(wanted.name);
    }
    return names;
}

// What is new about a connection.
WhyFailed configuration_says(const Core& core, const std::string& what) {
    return {Reason::ConfigurationChanged, "configuration " + std::to_string(core.configuration->number) + ' ' + what, false};
}

void add_connection(Core& core, const Connection& wanted, CommandId command) {
    ManagedConnection fresh;
    fresh.configuration = core.configuration;
    fresh.wanted = &wanted;
    fresh.local = wanted.local;
    fresh.remote = wanted.remote;
    fresh.since = core.now;
    install_wanted_policies(core, core.connections.emplace(wanted.name, std::move(fresh)).first->second, command);
}

void keep_connection(Core& core, ManagedConnection& connection, const Connection& wanted) {
    connection.configuration = core.configuration;
    connection.wanted = &wanted;
}

// What failed before says nothing about what is wanted now.
void take_policies(Core& core, ManagedConnection& connection, const Connection& wanted, CommandId command) {
    supersede_policies(core, wanted.name, std::exchange(connection.policies, {}));
    keep_connection(core, connection, wanted);
    connection.failures = 0;
    connection.last_failure.reset();
    core.schedule(connection, std::nullopt);
    install_wanted_policies(core, connection, command);
}

// Nothing is under way that could make, remake or move a child, or hand them to another IKE SA.
bool has_quiet_children(const IkeSa& sa) {
    const bool asks_at_most = !sa.outgoing || std::holds_alternative<outgoing::Asking>(*sa.outgoing);
    return sa.is_current() && asks_at_most && !sa.incoming && sa.tasks.empty() && !sa.relocating && !sa.former_path;
}

bool can_replace_children(Core& core, const ManagedConnection& connection) {
    return connection.policies_state == ManagedConnection::Policies::Installed && connection.kept.empty() &&
           !waits_for_address(*connection.wanted) && std::ranges::all_of(connection.ike_sas, [&](SaHandle handle) {
               const IkeSa* sa = core.ike_sas.find(handle);
               return sa == nullptr || has_quiet_children(*sa);
           });
}

void replace_children(Core& core, ManagedConnection& connection, const Connection& wanted, CommandId command) {
    const std::set<std::string> changed = changed_children(*connection.wanted, wanted);
    for (const SaHandle handle : std::vector{connection.ike_sas}) {
        IkeSa* sa = core.ike_sas.find(handle);
        if (sa == nullptr) continue;
        std::vector<xfrm::EspSpi> ending;
        for (const ChildSa& child : sa->children)
            if (child.phase != ChildPhase::Retired && changed.contains(child.name)) ending.push_back(child.inbound.spi);
        for (const xfrm::EspSpi inbound : ending)
            if (find_child(*sa, inbound)->phase != ChildPhase::Deleting)  // it may have gone with the other one of its bundle
                end_child(core, *sa, inbound, Reason::ConfigurationChanged);
    }
    take_policies(core, connection, wanted, command);
}

void remake_connection(Core& core, ManagedConnection& connection, const Connection& wanted, CommandId command) {
    connection.held_down = true;  // no new attempt while the old SAs go
    close_all(core, wanted.name, configuration_says(core, "has other settings for this connection"));
    if (!waits_for_address(*connection.wanted)) remove_former(core, connection);
    connection.held_down = false;
    connection.last_remotes.clear();
    connection.local = wanted.local;
    connection.remote = wanted.remote;
    take_policies(core, connection, wanted, command);
    remove_misplaced_former(core, connection);
}

void replace_connection(Core& core, const Connection& wanted, CommandId command) {
    const auto found = core.connections.find(wanted.name);
    if (found == core.connections.end()) return add_connection(core, wanted, command);
    ManagedConnection& connection = found->second;
    switch (change_between(*connection.wanted, wanted)) {
        case ConnectionChange::None:
        case ConnectionChange::Lifetimes: return keep_connection(core, connection, wanted);
        case ConnectionChange::Children:
            if (can_replace_children(core, connection)) return replace_children(core, connection, wanted, command);
            break;
        case ConnectionChange::Everything: break;
    }
    remake_connection(core, connection, wanted, command);
}

void remove_connection(Core& core, const std::string& name) {
    ManagedConnection& connection = *core.find_connection(name);
    connection.held_down = true;
    close_all(core, name, configuration_says(core, "does not have this connection"));
    remove_former(core, connection);
    supersede_policies(core, name, connection.policies);
    answer_waiting(core, connection,
                   std::unexpected{CommandFailure{CommandFailure::Code::Superseded,
                                                  "the connection was taken out of the configuration"}});
    core.schedule(connection, std::nullopt);
    core.connections.erase(name);
}

}  // namespace

void configure(Core& core, CommandId id, Configure what) {
    const std::set<std::string> same_patterns = unchanged_patterns(core, *what.configuration);
    core.configuration = std::move(what.configuration);
    core.configuring.emplace(id, 1);  // this function itself: answered at its end at the earliest
    update_neighbour_discovery(core, id);
    for (const Connection& wanted : core.configuration->connections)
        replace_connection(core, wanted, id);
    std::vector<std::string> gone;
    for (const auto& [name, connection] : core.connections)
        if (connection.configuration != core.configuration && !same_patterns.contains(connection.pattern)) gone.push_back(name);
    for (const std::string& name : gone) remove_connection(core, name);
    remove_superseded(core, id);
    rebuild_indexes(core);
    adopt_former(core, what.former);
    configure_answered(core, id);
}

void configure_answered(Core& core, CommandId id) {
    const auto found = core.configuring.find(id);
    if (found == core.configuring.end() || --found->second > 0) return;
    core.configuring.erase(found);
    core.answer(id, std::monostate{});
}

}  // namespace xfrmd::ike
