// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration_plan.h"

#include <algorithm>
#include <format>
#include <map>
#include <utility>

#include "ike/policy/connection_change.h"

namespace xfrmd::daemon {

using ike::Child;
using ike::Connection;

namespace {

using Settings = std::vector<std::string>;

// NAME is the setting's word, FIELDS what it fills.
template <class Thing, class... Fields>
void compare(Settings& differing, std::string_view name, const Thing& left, const Thing& right,
             Fields... fields) {
    if (((left.*fields != right.*fields) || ...)) differing.emplace_back(name);
}

Settings settings_of(const Child& left, const Child& right) {
    Settings all;
    compare(all, "mode", left, right, &Child::mode);
    compare(all, "local", left, right, &Child::local);
    compare(all, "remote", left, right, &Child::remote);
    compare(all, "protocol", left, right, &Child::protocol, &Child::bundle);
    compare(all, "esp", left, right, &Child::proposals);
    compare(all, "priority of its policies", left, right, &Child::policy_priority, &Child::reqid);
    compare(all, "replay_window", left, right, &Child::replay_window);
    compare(all, "compress", left, right, &Child::compress);
    compare(all, "rekey", left, right, &Child::rekey);
    return all;
}

void compare_children(Settings& differing, const Connection& left, const Connection& right) {
    const auto find = [](const Connection& connection, const std::string& name) {
        const auto found = std::ranges::find(connection.children, name, &Child::name);
        return found == connection.children.end() ? nullptr : &*found;
    };
    for (const Child& child : left.children)
        if (find(right, child.name) == nullptr)
            differing.push_back(std::format("child {} goes", child.name));
    for (const Child& child : right.children) {
        const Child* const former = find(left, child.name);
        if (former == nullptr) {
            differing.push_back(std::format("child {} comes", child.name));
            continue;
        }
        for (const std::string& setting : settings_of(*former, child))
            differing.push_back(std::format("child {}: {}", child.name, setting));
    }
}

Settings settings_of(const Connection& left, const Connection& right) {
    Settings all;
    compare(all, "remote", left, right, &Connection::remote, &Connection::remote_port);
    if (right.local_fixed || left.local_fixed)
        compare(all, "local", left, right, &Connection::local, &Connection::local_fixed);
    compare(all, "local_id", left, right, &Connection::local_id);
    compare(all, "identity", left, right, &Connection::local_authentication);
    compare(all, "peer", left, right, &Connection::peer_id, &Connection::peer_authentication);
    compare(all, "ike", left, right, &Connection::ike_proposals);
    compare(all, "require_pq", left, right, &Connection::require_pq);
    compare(all, "require_transcript_auth", left, right, &Connection::require_transcript_auth);
    compare(all, "childless", left, right, &Connection::childless);
    compare(all, "nat_traversal", left, right, &Connection::nat_traversal);
    compare(all, "mobike", left, right, &Connection::mobike);
    compare(all, "additional_local", left, right, &Connection::additional_addresses);
    compare(all, "start", left, right, &Connection::start);
    compare(all, "when_down", left, right, &Connection::when_down);
    compare(all, "liveness", left, right, &Connection::liveness_interval);
    compare(all, "ike_rekey", left, right, &Connection::ike_rekey);
    compare(all, "reauthenticate", left, right, &Connection::reauthenticate);
    compare(all, "serve_acquires", left, right, &Connection::served);
    compare_children(all, left, right);
    // The order of children counts: the first one comes with the IKE SA.
    if (all.empty()) all.emplace_back("order of children");
    return all;
}

constexpr std::size_t kNamesMax = 3;

ChangeKind kind_of(const PlannedChange& change) {
    if (change.impact == Impact::Added) return ChangeKind::Added;
    return change.impact == Impact::Removed ? ChangeKind::Removed : ChangeKind::Changed;
}

// "changed a, b, c and 3 more"
std::string told(std::string_view verb, const ConfigurationPlan& plan, ChangeKind kind) {
    const auto count = static_cast<std::size_t>(std::ranges::count(plan.changes, kind, &kind_of));
    if (count == 0) return {};
    std::string text;
    for (const std::string& name : names_of(plan, kind, kNamesMax)) text += (text.empty() ? "" : ", ") + name;
    if (count > kNamesMax) text += std::format(" and {} more", count - kNamesMax);
    return std::format("{} {}", verb, text);
}

std::map<std::string, const Connection*> by_name(const ike::Configuration& configuration) {
    std::map<std::string, const Connection*> all;
    for (const Connection& connection : configuration.connections)
        all[connection.name] = &connection;
    return all;
}

Impact impact_of(ike::ConnectionChange change) {
    switch (change) {
        case ike::ConnectionChange::None:
        case ike::ConnectionChange::Lifetimes:
            return Impact::KeepsSas;
        case ike::ConnectionChange::Children:
            return Impact::ReplacesChildren;
        case ike::ConnectionChange::Everything:
            return Impact::ReplacesSas;
    }
    std::unreachable();
}

}  // namespace

std::string_view word_for(Impact impact) {
    switch (impact) {
        case Impact::Added:
            return "added";
        case Impact::Removed:
            return "removed";
        case Impact::KeepsSas:
            return "keeps_sas";
        case Impact::ReplacesChildren:
            return "replaces_children";
        case Impact::ReplacesSas:
            return "replaces_sas";
    }
    std::unreachable();
}

std::vector<std::string> names_of(const ConfigurationPlan& plan, ChangeKind kind, std::size_t names_max) {
    std::vector<std::string> names;
    for (const PlannedChange& change : plan.changes)
        if (names.size() < names_max && kind_of(change) == kind) names.push_back(change.connection);
    return names;
}

std::string summary_of(const ConfigurationPlan& plan) {
    const std::vector<std::string> parts{told("added", plan, ChangeKind::Added), told("changed", plan, ChangeKind::Changed),
                                         told("removed", plan, ChangeKind::Removed),
                                         plan.limits_differ ? "limits of the whole host changed" : "",
                                         plan.unchanged == 0 ? "" : std::format("{} unchanged", plan.unchanged)};
    std::string text;
    for (const std::string& part : parts)
        if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
    return text.empty() ? "no connections" : text;
}

ConfigurationPlan plan_of(const ike::Configuration& in_force, const ike::Configuration& wanted) {
    ConfigurationPlan plan{
        .changes = {},
        .limits_differ = in_force.limits != wanted.limits || in_force.options != wanted.options};
    const auto former = by_name(in_force);
    const auto coming = by_name(wanted);
    for (const auto& [name, connection] : former)
        if (!coming.contains(name))
            plan.changes.push_back({name, Impact::Removed, {}, connection->origin});
    for (const auto& [name, connection] : coming) {
        const auto before = former.find(name);
        if (before == former.end()) {
            plan.changes.push_back({name, Impact::Added, {}, connection->origin});
            continue;
        }
        const auto change = ike::change_between(*before->second, *connection);
        if (change == ike::ConnectionChange::None) {
            ++plan.unchanged;
            continue;
        }
        plan.changes.push_back({name, impact_of(change), settings_of(*before->second, *connection),
                                connection->origin});
    }
    std::ranges::sort(plan.changes, {}, &PlannedChange::connection);
    return plan;
}

}  // namespace xfrmd::daemon
