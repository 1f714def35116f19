// SPDX-License-Identifier: Apache-2.0
// The core's state as JSON.
#include "daemon/api/encode_snapshot.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "daemon/api/encode_words.h"
#include "ike/policy/offer_text.h"

namespace xfrmd::api {
namespace {

using Json = nlohmann::json;

Json encode_selectors(const ike::TrafficSelectorList& selectors) {
    Json texts = Json::array();
    for (const ike::AddressRange& range : selectors) texts.push_back(range.to_string());
    return texts;
}

// What is made from a pattern has its name, a colon, and the ends.
std::size_t peers_up(const ike::Snapshot& snapshot, const ike::ConnectionSnapshot& pattern) {
    return static_cast<std::size_t>(
        std::ranges::count_if(snapshot.connections, [&](const ike::ConnectionSnapshot& each) {
            return each.state == ike::ConnectionState::Up && each.name.starts_with(pattern.name + ':');
        }));
}

// "any" for the connection of policies that name their ends themselves.
std::string end_text(const xfrm::Address& address) {
    return address.is_unspecified() ? "any" : address.to_string();
}

}  // namespace

WallTime to_wall(ike::Time time, WallOffset offset) {
    return WallTime{time.time_since_epoch() + offset};
}

bool is_serving(const ike::ConnectionSnapshot& connection) {
    return connection.connection != nullptr && connection.connection->served &&
           connection.state != ike::ConnectionState::HeldDown &&
           connection.state != ike::ConnectionState::PoliciesRefused;
}

const char* state_word(const ike::ConnectionSnapshot& connection) {
    return is_serving(connection) ? "serving" : ike::state_name(connection.state);
}

Json encode_connection(const ike::Snapshot& snapshot, const ike::ConnectionSnapshot& connection,
                       WallOffset offset) {
    Json json{{"name", connection.name},
              {"state", state_word(connection)},
              {"since", rfc3339(to_wall(connection.since, offset))},
              {"child_names", Json::array()},
              {"ike_sas", Json::array()},
              {"children", Json::array()}};
    if (const auto& failure = connection.last_failure) {
        json["reason"] = ike::reason_name(failure->reason);
        json["detail"] = failure->detail;
        json["said_by_peer"] = failure->said_by_peer;
        json["failed_at"] = rfc3339(to_wall(failure->at, offset));
    }
    if (connection.next_attempt)
        json["next_attempt"] = rfc3339(to_wall(*connection.next_attempt, offset));
    if (const ike::Connection* wanted = connection.connection) {
        json["local"] = end_text(wanted->local);
        json["remote"] = end_text(wanted->remote);
        json["local_id"] = ike::to_string(wanted->local_id);
        json["peer_id"] = wanted->peer_id.to_string();
        json["start"] = word(wanted->start);
        json["when_down"] = word(wanted->when_down);
        json["origin"] = wanted->origin;
        for (const ike::Child& child : wanted->children) json["child_names"].push_back(child.name);
    }
    for (const ike::IkeSaSnapshot& ike_sa : connection.ike_sas) {
        json["ike_sas"].push_back(encode_ike_sa(ike_sa, offset));
        for (const ike::ChildSnapshot& child : ike_sa.children)
            json["children"].push_back(encode_child(child, ike_sa, offset));
    }
    if (!connection.kept_sas.empty()) json["kept_sas"] = connection.kept_sas.size();
    if (connection.connection != nullptr && connection.connection->served)
        json["peers_up"] = peers_up(snapshot, connection);
    return json;
}

Json encode_addresses(const std::vector<xfrm::Address>& addresses) {
    Json texts = Json::array();
    for (const xfrm::Address& address : addresses) texts.push_back(address.to_string());
    return texts;
}

Json encode_ike_sa(const ike::IkeSaSnapshot& ike_sa, WallOffset offset) {
    return {{"connection", ike_sa.connection},
            {"initiator_spi", spi_text(ike_sa.initiator_spi)},
            {"responder_spi", spi_text(ike_sa.responder_spi)},
            {"role", word(ike_sa.role)},
            {"state", ike_sa.state},
            {"local", ike_sa.local.to_string()},
            {"remote", ike_sa.remote.to_string()},
            {"local_id", ike_sa.local_id},
            {"peer_id", ike_sa.peer_id},
            {"suite", ike_sa.suite},
            {"nat_local", ike_sa.nat_local},
            {"nat_remote", ike_sa.nat_remote},
            {"mobike", ike_sa.mobike},
            {"peer_addresses", encode_addresses(ike_sa.peer_addresses)},
            {"since", rfc3339(to_wall(ike_sa.since, offset))}};
}

Json encode_child(const ike::ChildSnapshot& child, const ike::IkeSaSnapshot& ike_sa,
                  WallOffset offset) {
    Json json{{"connection", child.connection},
            {"name", child.name},
            {"ike_initiator_spi", spi_text(ike_sa.initiator_spi)},
            {"ike_responder_spi", spi_text(ike_sa.responder_spi)},
            {"mode", word(child.mode)},
            {"reqid", child.reqid.value},
            {"inbound_spi", spi_text(child.inbound)},
            {"outbound_spi", spi_text(child.outbound)},
            {"suite", child.suite},
            {"local", encode_selectors(child.local)},
            {"remote", encode_selectors(child.remote)},
            {"encapsulated", child.encapsulated},
            {"phase", ike::phase_name(child.phase)},
            {"since", rfc3339(to_wall(child.since, offset))}};
    if (child.inbound_cpi.value != 0) {
        json["inbound_cpi"] = spi_text(child.inbound_cpi);
        json["outbound_cpi"] = spi_text(child.outbound_cpi);
    }
    return json;
}

Json encode_configured_child(const ike::Child& child) {
    return {{"name", child.name},
            {"mode", word(child.mode)},
            {"reqid", child.reqid.value},
            {"local", encode_selectors(child.local)},
            {"remote", encode_selectors(child.remote)},
            {"proposals", encode_proposals(child.proposals)},
            {"policy_priority", child.policy_priority},
            {"replay_window", child.replay_window},
            {"compress", child.compress}};
}

Json encode_failure(const ike::Failure& failure, WallOffset offset) {
    return {{"reason", ike::reason_name(failure.reason)},
            {"detail", failure.detail},
            {"said_by_peer", failure.said_by_peer},
            {"at", rfc3339(to_wall(failure.at, offset))}};
}

Json encode_ikev1_peer(const ike::Ikev1Peer& peer, WallOffset offset) {
    return {{"address", peer.address.to_string()},
            {"first_seen", rfc3339(to_wall(peer.first, offset))},
            {"last_seen", rfc3339(to_wall(peer.last, offset))},
            {"messages", peer.messages}};
}

Json encode_statistics(const ike::Statistics& statistics) {
    Json dropped = Json::object();
    for (std::size_t i = 0; i < statistics.dropped.size(); ++i)
        dropped[ike::dropped_name(static_cast<ike::Dropped>(i))] = statistics.dropped[i];
    return {{"ike_sas", statistics.ike_sas},
            {"half_open", statistics.half_open},
            {"established_total", statistics.established_total},
            {"failed_total", statistics.failed_total},
            {"cookies_sent", statistics.cookies_sent},
            {"dropped", std::move(dropped)}};
}

Json encode_proposals(const std::vector<ike::Proposal>& proposals) {
    Json texts = Json::array();
    for (const ike::Proposal& proposal : proposals) texts.push_back(ike::proposal_text(proposal));
    return texts;
}

}  // namespace xfrmd::api
