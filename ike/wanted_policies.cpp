// SPDX-License-Identifier: Apache-2.0
#include "ike/wanted_policies.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "ike/connections.h"
#include "ike/demand.h"
#include "ike/held_traffic.h"
#include "netlink/model/neighbour_discovery.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

void install_policies(Core& core, ManagedConnection& connection, std::optional<CommandId> command) {
    // The policies of a pattern are others'.
    connection.policies_state = connection.policies.empty() ? ManagedConnection::Policies::Installed
                                                            : ManagedConnection::Policies::Installing;
    if (connection.policies.empty()) return;
    ++core.installing_policies;
    core.request_kernel({connection.wanted->name, {}, false, command},
                        xfrm::InstallPolicies{connection.policies, true});
}

void remove_policies(Core& core, std::vector<xfrm::PolicyId> policies, std::optional<CommandId> command) {
    if (policies.empty()) return;
    core.request_kernel({std::monostate{}, {}, false, command}, xfrm::RemovePolicies{std::move(policies)});
}

bool is_refused(const Core& core, const std::string& name) {
    const auto found = core.connections.find(name);
    return found != core.connections.end() && found->second.policies_state == ManagedConnection::Policies::Refused;
}

// All policies of a connection, or the sentence that says why there are none.
std::expected<std::vector<xfrm::PolicySpec>, std::string> all_policies(const Connection& connection) {
    std::vector<xfrm::PolicySpec> policies;
    for (const Child& child : connection.children) {
        auto more = TRY(waits_for_address(connection) ? holding_policies(connection, child)
                                                      : policies_for(connection, child));
        std::ranges::move(more, std::back_inserter(policies));
    }
    return policies;
}

void refuse_policies(Core& core, ManagedConnection& connection, const std::string& detail) {
    connection.policies_state = ManagedConnection::Policies::Refused;
    connection.last_failure = Failure{Reason::KernelRefused, detail, false, core.now};
    core.emit(PolicyFailed{connection.wanted->name, detail});
    answer_waiting(core, connection,
                   std::unexpected{CommandFailure{CommandFailure::Code::Failed, detail,
                                                  Reason::KernelRefused}});
}

std::vector<xfrm::PolicyId> ids_of(const std::vector<xfrm::PolicySpec>& policies) {
    std::vector<xfrm::PolicyId> ids;
    for (const xfrm::PolicySpec& policy : policies) ids.push_back(policy.id);
    return ids;
}

}  // namespace

void install_wanted_policies(Core& core, ManagedConnection& connection, std::optional<CommandId> command) {
    auto policies = all_policies(*connection.wanted);
    if (!policies) return refuse_policies(core, connection, policies.error());
    connection.policies = *std::move(policies);
    const bool elsewhere = connection.local != connection.wanted->local || connection.remote != connection.wanted->remote;
    if (elsewhere) point_policies_at_ends(connection);
    install_policies(core, connection, command);
}

void reinstall_policies(Core& core, ManagedConnection& connection) {
    install_policies(core, connection, std::nullopt);
}

void point_policies_at_ends(ManagedConnection& connection) {
    for (xfrm::PolicySpec& policy : connection.policies) {
        const bool outwards = policy.id.direction == xfrm::Direction::Out;
        for (xfrm::Template& wanted : policy.templates) {
            wanted.source = outwards ? connection.local : connection.remote;
            wanted.destination = outwards ? connection.remote : connection.local;
        }
    }
}

void supersede_policies(Core& core, const std::string& connection, const std::vector<xfrm::PolicySpec>& policies) {
    for (const xfrm::PolicySpec& policy : policies) core.superseded_policies.push_back({connection, policy.id});
}

// An installation looks first at what is there, and a removal could overtake it. Where the new ones were refused, the old ones stay.
void remove_superseded(Core& core, std::optional<CommandId> command) {
    if (core.installing_policies > 0 || core.superseded_policies.empty()) return;
    std::set<xfrm::PolicyId> wanted;
    for (const auto& [name, connection] : core.connections)
        for (const xfrm::PolicySpec& policy : connection.policies) wanted.insert(policy.id);
    std::vector<xfrm::PolicyId> removed;
    std::erase_if(core.superseded_policies, [&](const SupersededPolicy& policy) {
        if (is_refused(core, policy.connection)) return false;
        if (!wanted.contains(policy.id)) removed.push_back(policy.id);
        return true;
    });
    remove_policies(core, std::move(removed), command);
}

void update_neighbour_discovery(Core& core, CommandId command) {
    const bool wanted = std::ranges::any_of(core.configuration->connections, [](const Connection& c) {
        return std::ranges::any_of(c.children, [](const Child& child) {
            return std::ranges::any_of(child.local, [](const AddressRange& range) {
                return range.first.family() == xfrm::Family::V6;
            });
        });
    });
    if (wanted == core.neighbour_discovery_installed) return;
    core.neighbour_discovery_installed = wanted;
    if (wanted)
        core.request_kernel({NeighbourDiscovery{}, {}, false, command},
                            xfrm::InstallPolicies{xfrm::neighbour_discovery_policies(), true});
    else
        remove_policies(core, ids_of(xfrm::neighbour_discovery_policies()), command);
}

void neighbour_discovery_answered(Core& core, const xfrm::KernelResult& result) {
    if (result) return;
    core.neighbour_discovery_installed = false;  // the next configuration tries again
    core.emit(PolicyFailed{"", "neighbour discovery does not pass, so IPv6 peers cannot be reached: " + result.error().what});
}

void policies_answered(Core& core, const std::string& name, const xfrm::KernelResult& result, std::optional<CommandId> command) {
    --core.installing_policies;
    ManagedConnection* connection = core.find_connection(name);
    if (connection != nullptr && !result) refuse_policies(core, *connection, result.error().what);
    if (connection != nullptr && result) connection->policies_state = ManagedConnection::Policies::Installed;
    remove_superseded(core, command);
    if (connection == nullptr || !result) return;
    core.emit(PoliciesInstalled{name, connection->policies.size()});
    if (!connection->waiting.empty()) demand_all(core, *connection);
    if (is_satisfied(core, *connection)) answer_waiting(core, *connection, std::monostate{});
    serve_demands(core, *connection);
}

}  // namespace xfrmd::ike
