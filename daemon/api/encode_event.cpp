// SPDX-License-Identifier: Apache-2.0
// Events as JSON.
#include "daemon/api/encode_event.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "daemon/api/encode_words.h"
#include "daemon/api/interface.h"

namespace xfrmd::api {
namespace {

using Json = nlohmann::json;

static_assert(kEventTypes.at(std::variant_size_v<ike::Event>) == event::kConnectionState);

Json fields(const ike::Progress& event) {
    return {{"step", event.step}};
}

Json fields(const ike::IkeSaUp& event) {
    return {{"role", word(event.role)},
            {"initiator_spi", spi_text(event.initiator_spi)},
            {"responder_spi", spi_text(event.responder_spi)},
            {"local", event.local.to_string()},
            {"remote", event.remote.to_string()},
            {"peer_id", event.peer_id},
            {"suite", event.suite}};
}

Json fields(const ike::IkeSaDown& event) {
    return {{"initiator_spi", spi_text(event.initiator_spi)},
            {"responder_spi", spi_text(event.responder_spi)},
            {"reason", ike::reason_name(event.reason)},
            {"detail", event.detail}};
}

Json fields(const ike::ChildUp& event) {
    return {{"child", event.child},
            {"inbound_spi", spi_text(event.inbound)},
            {"outbound_spi", spi_text(event.outbound)},
            {"suite", event.suite}};
}

Json fields(const ike::ChildRekeyed& event) {
    return {{"child", event.child},
            {"replaced_spi", spi_text(event.replaced)},
            {"inbound_spi", spi_text(event.inbound)},
            {"outbound_spi", spi_text(event.outbound)},
            {"suite", event.suite}};
}

Json fields(const ike::IkeSaRekeyed& event) {
    return {{"role", word(event.role)},
            {"replaced_initiator_spi", spi_text(event.replaced_initiator_spi)},
            {"replaced_responder_spi", spi_text(event.replaced_responder_spi)},
            {"initiator_spi", spi_text(event.initiator_spi)},
            {"responder_spi", spi_text(event.responder_spi)},
            {"suite", event.suite}};
}

Json fields(const ike::IkeSaMoved& event) {
    return {{"initiator_spi", spi_text(event.initiator_spi)},
            {"responder_spi", spi_text(event.responder_spi)},
            {"local", event.local.to_string()},
            {"remote", event.remote.to_string()}};
}

Json fields(const ike::ChildDown& event) {
    return {{"child", event.child},
            {"inbound_spi", spi_text(event.inbound)},
            {"outbound_spi", spi_text(event.outbound)},
            {"reason", ike::reason_name(event.reason)}};
}

Json fields(const ike::NegotiationFailed& event) {
    Json json{{"role", word(event.role)},
              {"remote", event.remote.to_string()},
              {"reason", ike::reason_name(event.reason)},
              {"detail", event.detail},
              {"said_by_peer", event.said_by_peer}};
    if (event.retry_in > ike::Duration{0})
        json["retry_in"] = std::chrono::duration<double>{event.retry_in}.count();
    return json;
}

Json fields(const ike::PolicyFailed& event) {
    return {{"detail", event.detail}};
}
Json fields(const ike::Ikev1PeerSeen& event) {
    return {{"remote", event.remote.to_string()}};
}
Json fields(const ike::PoliciesInstalled& event) {
    return {{"count", event.count}};
}

}  // namespace

Json encode_event(const ike::Event& event, WallTime at) {
    return std::visit(
        [&](const auto& what) {
            Json json = fields(what);
            json["at"] = rfc3339(at);
            json["type"] = event_type(event);
            if (!what.connection.empty()) json["connection"] = what.connection;
            return json;
        },
        event);
}

std::string_view event_type(const ike::Event& event) {
    return kEventTypes.at(event.index());
}

}  // namespace xfrmd::api
