// SPDX-License-Identifier: Apache-2.0
#include "ike/observe.h"

#include <algorithm>
#include <utility>

#include "ike/held_traffic.h"

namespace xfrmd::ike {

namespace {

ChildSnapshot observe_child(const IkeSa& sa, const ChildSa& child) {
    ChildSnapshot shot;
    shot.connection = sa.connection;
    shot.name = child.name;
    shot.mode = child.mode;
    shot.reqid = child.reqid;
    shot.inbound = child.inbound.spi;
    shot.outbound = child.outbound.spi;
    if (child.compression) {
        shot.inbound_cpi = child.compression->inbound.spi;
        shot.outbound_cpi = child.compression->outbound.spi;
    }
    shot.suite = to_string(child.suite);
    shot.local = child.local;
    shot.remote = child.remote;
    shot.encapsulated = child.encapsulated;
    shot.phase = child.phase;
    shot.announced = child.announced;
    shot.since = child.since;
    return shot;
}

IkeSaSnapshot observe_ike_sa(const IkeSa& sa) {
    IkeSaSnapshot shot;
    shot.connection = sa.connection;
    shot.initiator_spi = sa.initiator_spi;
    shot.responder_spi = sa.responder_spi;
    shot.role = sa.role;
    shot.state = state_name(sa.state);
    shot.local = sa.path.local;
    shot.remote = sa.path.remote;
    shot.local_id = sa.local_id;
    shot.peer_id = sa.peer_id;
    shot.spare = sa.is_spare();
    if (sa.sealing) shot.suite = to_string(sa.suite);
    shot.nat_local = sa.nat.local;
    shot.nat_remote = sa.nat.remote;
    shot.mobike = sa.mobility.in_use;
    shot.peer_addresses = sa.mobility.peer_addresses;
    shot.since = sa.was_established() ? sa.established : sa.origin.begun;
    for (const ChildSa& child : sa.children) shot.children.push_back(observe_child(sa, child));
    return shot;
}

ConnectionState state_of(const ManagedConnection& connection, const ConnectionSnapshot& shot) {
    using enum ConnectionState;
    const auto has_child = [](const IkeSaSnapshot& sa) {
        return std::ranges::any_of(sa.children, &ChildSnapshot::is_in_use);
    };
    if (std::ranges::any_of(shot.ike_sas, has_child)) return Up;
    if (connection.policies_state == ManagedConnection::Policies::Refused) return PoliciesRefused;
    if (connection.held_down) return HeldDown;
    if (waits_for_address(*connection.wanted)) return WaitingForAddress;
    if (!shot.ike_sas.empty()) return Connecting;
    if (connection.next_attempt) return Retrying;
    if (connection.policies_state == ManagedConnection::Policies::Installing) return Connecting;
    switch (connection.wanted->start) {
        case Start::OnTraffic: return WaitingForTraffic;
        case Start::Passive: return Passive;
        case Start::Now: return Connecting;
    }
    std::unreachable();
}

ConnectionSnapshot observe_connection(Core& core, const ManagedConnection& connection) {
    ConnectionSnapshot shot;
    shot.name = connection.wanted->name;
    shot.since = connection.since;
    shot.last_failure = connection.last_failure;
    shot.next_attempt = connection.next_attempt;
    shot.configuration = connection.configuration;
    shot.connection = connection.wanted;
    for (const SaHandle handle : connection.ike_sas)
        if (const IkeSa* sa = core.ike_sas.find(handle)) shot.ike_sas.push_back(observe_ike_sa(*sa));
    for (const KeptSa& sa : connection.kept) shot.kept_sas.push_back(sa.id);
    shot.state = state_of(connection, shot);
    return shot;
}

// What was made from this pattern: their names begin with its own.
void observe_peers(Core& core, const std::string& pattern, std::vector<ConnectionSnapshot>& shots) {
    for (auto at = core.connections.lower_bound(pattern + ":"); at != core.connections.end(); ++at) {
        if (!at->first.starts_with(pattern + ":")) break;
        if (at->second.pattern == pattern) shots.push_back(observe_connection(core, at->second));
    }
}

}  // namespace

Snapshot observe(Core& core) {
    Snapshot shot;
    shot.configuration = core.configuration->number;
    for (const Connection& wanted : core.configuration->connections) {
        if (const ManagedConnection* connection = core.find_connection(wanted.name))
            shot.connections.push_back(observe_connection(core, *connection));
        if (wanted.served) observe_peers(core, wanted.name, shot.connections);
    }
    core.ike_sas.for_each([&](const IkeSa& sa) {
        if (sa.connection.empty()) shot.unassigned.push_back(observe_ike_sa(sa));
    });
    shot.last_unassigned_failure = core.last_unassigned_failure;
    shot.ikev1_peers = core.ikev1_peers;
    shot.statistics = core.statistics;
    shot.statistics.ike_sas = core.ike_sas.size();
    shot.statistics.half_open = core.half_open.total();
    return shot;
}

const char* state_name(ConnectionState state) {
    switch (state) {
        case ConnectionState::Up: return "up";
        case ConnectionState::Connecting: return "connecting";
        case ConnectionState::WaitingForTraffic: return "waiting_for_traffic";
        case ConnectionState::WaitingForAddress: return "waiting_for_address";
        case ConnectionState::Passive: return "passive";
        case ConnectionState::Retrying: return "retrying";
        case ConnectionState::HeldDown: return "held_down";
        case ConnectionState::PoliciesRefused: return "policies_refused";
    }
    std::unreachable();
}

}  // namespace xfrmd::ike
