// SPDX-License-Identifier: Apache-2.0
#include "ike/serving.h"

#include <algorithm>

#include "ike/child_offer.h"
#include "ike/connections.h"
#include "ike/demand.h"
#include "ike/policy/policy_children.h"
#include "ike/resync.h"

namespace xfrmd::ike {

namespace {

// Connections that are made from patterns, and children of one of them.
constexpr std::size_t kPeersMax = 10'000;
constexpr std::size_t kChildrenMax = 256;
// A connection that serves nobody is shown for so long, with why it failed.
constexpr Duration kForgetAfter = std::chrono::minutes{5};
constexpr Duration kReadAgain = std::chrono::seconds{5};
// People are told once in so long that a policy cannot be served.
constexpr Duration kTellAgain = std::chrono::minutes{1};

// What the pattern of this connection serves; null if a reload has taken it away.
const Served* served_by(Core& core, const ManagedConnection& connection) {
    const ManagedConnection* pattern = core.find_connection(connection.pattern);
    return pattern != nullptr && pattern->wanted->served ? &*pattern->wanted->served : nullptr;
}

// The pattern for this pair of ends; null if nobody serves it.
ManagedConnection* find_pattern(Core& core, const xfrm::Address& local, const xfrm::Address& remote) {
    for (const std::string& name : connections_with(core, remote)) {
        ManagedConnection& connection = core.connections.at(name);
        if (connection.wanted->served && has_end(connection, local)) return &connection;
    }
    return nullptr;
}

// Replaces what is wanted of a connection that was made from a pattern.
void replace_wanted(ManagedConnection& connection, Connection wanted) {
    auto configuration = std::make_shared<Configuration>();
    configuration->connections.push_back(std::move(wanted));
    connection.wanted = &configuration->connections.front();
    connection.configuration = std::move(configuration);
}

// "kernel:192.0.2.1-192.0.2.2", the ends as setkey writes them.
std::string name_for(const ManagedConnection& pattern, const xfrm::Address& local, const xfrm::Address& remote) {
    return pattern.wanted->name + ":" + local.to_string() + "-" + remote.to_string();
}

// The connection for this pair of ends, made if it is not there; null if there are too many.
ManagedConnection* connection_between(Core& core, const ManagedConnection& pattern, const xfrm::Address& local,
                                      const xfrm::Address& remote) {
    const std::string name = name_for(pattern, local, remote);
    if (ManagedConnection* present = core.find_connection(name)) return present;
    if (core.connections.size() >= core.configuration->connections.size() + kPeersMax) return nullptr;
    Connection wanted = *pattern.wanted;
    wanted.name = name;
    wanted.local = local;
    wanted.remote = remote;
    wanted.served.reset();
    ManagedConnection fresh;
    fresh.pattern = pattern.wanted->name;
    fresh.local = local;
    fresh.remote = remote;
    fresh.policies_state = ManagedConnection::Policies::Installed;  // somebody else's
    fresh.since = core.now;
    replace_wanted(fresh, std::move(wanted));
    // Before the pattern: whoever looks for a connection finds this one first.
    core.by_remote[remote].insert(core.by_remote[remote].begin(), name);
    return &core.connections.emplace(name, std::move(fresh)).first->second;
}

// Children that are not there yet are added; those that are, stay.
void add_children(ManagedConnection& connection, std::vector<Child> children) {
    Connection wanted = *connection.wanted;
    for (Child& child : children) {
        const auto same = std::ranges::find(wanted.children, child.name, &Child::name);
        if (same != wanted.children.end())
            *same = std::move(child);
        else if (wanted.children.size() < kChildrenMax)
            wanted.children.push_back(std::move(child));
    }
    if (wanted != *connection.wanted) replace_wanted(connection, std::move(wanted));
}

void tell_unserved(Core& core, ManagedConnection& pattern, const xfrm::PolicySpec& policy, const std::string& why) {
    if (pattern.told_unserved && core.now - *pattern.told_unserved < kTellAgain) return;
    pattern.told_unserved = core.now;
    const std::string detail = "the policy for " + policy.id.selector.to_string() + " cannot be served: " + why;
    pattern.last_failure = Failure{Reason::PolicyUnservable, detail, false, core.now};
    core.emit(PolicyFailed{pattern.wanted->name, detail});
}

bool is_ours(const Core& core, const xfrm::PolicySpec& policy) {
    return std::ranges::any_of(policy.templates, [&](const xfrm::Template& wanted) {
        return core.by_reqid.contains(wanted.reqid);
    });
}

// What all policies of the kernel ask for between the ends of the connection.
void take_policies(Core& core, ManagedConnection& connection, const std::vector<xfrm::PolicyInfo>& policies) {
    const Served* served = served_by(core, connection);
    if (served == nullptr) return;
    std::vector<Child> children;
    for (const xfrm::PolicyInfo& policy : policies) {
        if (is_ours(core, policy.spec)) continue;
        // What cannot be served is told when a packet asks for it.
        auto more = children_of_policy(*served, policy.spec, connection.local, connection.remote);
        if (more) std::ranges::move(*more, std::back_inserter(children));
        if (children.size() >= kChildrenMax) break;
    }
    add_children(connection, std::move(children));
}

const std::vector<xfrm::PolicyInfo>* policies_in(const xfrm::KernelResult& result) {
    return result ? std::get_if<std::vector<xfrm::PolicyInfo>>(&*result) : nullptr;
}

}  // namespace

void on_foreign_acquire(Core& core, const xfrm::Acquire& acquire) {
    ManagedConnection* pattern = find_pattern(core, acquire.source, acquire.destination);
    if (pattern == nullptr || pattern->held_down || pattern->wanted->start == Start::Passive || core.shutting_down) return;
    auto children = children_of_policy(*pattern->wanted->served, acquire.policy, acquire.source, acquire.destination);
    if (!children) return tell_unserved(core, *pattern, acquire.policy, children.error());
    if (children->empty()) return;
    ManagedConnection* connection = connection_between(core, *pattern, acquire.source, acquire.destination);
    if (connection == nullptr || connection->held_down) return;
    const std::string name = children->front().name;
    const bool is_innermost = acquire.protocol == acquire.policy.templates.front().protocol;
    add_children(*connection, *std::move(children));
    demand(core, *connection, name, is_innermost ? acquire.sequence : 0);
    if (has_child(core, *connection, name)) look_for_loss(core);
    if (!connection->next_attempt) serve_demands(core, *connection);
}

bool is_served(const ManagedConnection& connection) {
    return connection.wanted->served.has_value() || !connection.pattern.empty();
}

bool settle_peer(Core& core, IkeSa& sa, const xfrm::KernelResult& policies) {
    ManagedConnection& assigned = *core.connection_of(sa);
    ManagedConnection* connection = &assigned;
    if (assigned.pattern.empty()) {
        connection = connection_between(core, assigned, sa.path.local.address, sa.path.remote.address);
        if (connection == nullptr) return false;
        std::erase(assigned.ike_sas, sa.self);
        core.assign(sa, connection->wanted->name);
    }
    if (const auto* all = policies_in(policies)) take_policies(core, *connection, *all);
    return true;
}

bool read_policies_again(Core& core, IkeSa& sa) {
    ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || connection->pattern.empty()) return false;
    if (connection->policies_read && core.now - *connection->policies_read < kReadAgain) return false;
    connection->policies_read = core.now;
    core.request_kernel({PoliciesFor{sa.connection}, {}, false, {}}, xfrm::DumpPolicies{});
    return true;
}

void on_policies(Core& core, const std::string& name, const xfrm::KernelResult& policies) {
    ManagedConnection* connection = core.find_connection(name);
    const auto* all = policies_in(policies);
    if (connection != nullptr && all != nullptr) take_policies(core, *connection, *all);
}

bool forget_idle(Core& core, const ManagedConnection& connection) {
    if (connection.pattern.empty() || !connection.forget_at || *connection.forget_at > core.now) return false;
    if (is_busy(core, connection) || !connection.ike_sas.empty() || is_demanded(core, connection)) return false;
    const std::string name = connection.wanted->name;
    remember_remotes(core, *core.find_connection(name), {});
    std::erase(core.by_remote[connection.remote], name);
    core.connections.erase(name);
    return true;
}

void forget_later(Core& core, ManagedConnection& connection) {
    if (connection.pattern.empty() || connection.next_attempt) return;
    connection.forget_at = core.now + kForgetAfter;
    core.deadlines.set({{}, connection.wanted->name}, connection.forget_at);
}

}  // namespace xfrmd::ike
