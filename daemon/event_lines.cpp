// SPDX-License-Identifier: Apache-2.0
// Events in words.
#include "daemon/event_lines.h"

#include <chrono>
#include <format>

#include "daemon/api/encode_event.h"
#include "daemon/api/encode_words.h"
#include "daemon/api/failure_text.h"

namespace xfrmd::daemon {
namespace {

using api::spi_text;
using api::word;

std::string because(ike::Reason reason, const std::string& detail) {
    return api::failure_text(detail, ike::reason_name(reason));
}

std::string named(const std::string& connection) {
    return connection.empty() ? "a peer without a connection" : "connection " + connection;
}

LogLine line(const ike::Progress& event) {
    return {Level::Debug, std::format("{}: {}", named(event.connection), event.step), {}};
}

LogLine line(const ike::IkeSaUp& event) {
    return {Level::Info,
            std::format("{}: IKE SA with {} at {} is up", named(event.connection), event.peer_id,
                        event.remote.to_string()),
            {{"role", word(event.role)},
             {"local", event.local.to_string()},
             {"remote", event.remote.to_string()},
             {"peer_id", event.peer_id},
             {"initiator_spi", spi_text(event.initiator_spi)},
             {"responder_spi", spi_text(event.responder_spi)},
             {"suite", event.suite}}};
}

LogLine line(const ike::IkeSaDown& event) {
    return {Level::Info,
            std::format("{}: IKE SA ended: {}", named(event.connection),
                        because(event.reason, event.detail)),
            {{"initiator_spi", spi_text(event.initiator_spi)},
             {"responder_spi", spi_text(event.responder_spi)},
             {"reason", ike::reason_name(event.reason)}}};
}

LogLine line(const ike::ChildUp& event) {
    return {Level::Info,
            std::format("{}: child {} is up", named(event.connection), event.child),
            {{"child", event.child},
             {"inbound_spi", spi_text(event.inbound)},
             {"outbound_spi", spi_text(event.outbound)},
             {"suite", event.suite}}};
}

LogLine line(const ike::ChildRekeyed& event) {
    return {Level::Info,
            std::format("{}: child {} has new keys", named(event.connection), event.child),
            {{"child", event.child},
             {"replaced_spi", spi_text(event.replaced)},
             {"inbound_spi", spi_text(event.inbound)},
             {"outbound_spi", spi_text(event.outbound)},
             {"suite", event.suite}}};
}

LogLine line(const ike::IkeSaRekeyed& event) {
    return {Level::Info,
            std::format("{}: the IKE SA has new keys", named(event.connection)),
            {{"role", word(event.role)},
             {"initiator_spi", spi_text(event.initiator_spi)},
             {"responder_spi", spi_text(event.responder_spi)},
             {"suite", event.suite}}};
}

LogLine line(const ike::IkeSaMoved& event) {
    return {Level::Info,
            std::format("{}: moved to {} and {}", named(event.connection), event.local.to_string(),
                        event.remote.to_string()),
            {{"initiator_spi", spi_text(event.initiator_spi)},
             {"responder_spi", spi_text(event.responder_spi)},
             {"local", event.local.to_string()},
             {"remote", event.remote.to_string()}}};
}

LogLine line(const ike::ChildDown& event) {
    return {Level::Info,
            std::format("{}: child {} ended: {}", named(event.connection), event.child,
                        ike::reason_name(event.reason)),
            {{"child", event.child},
             {"inbound_spi", spi_text(event.inbound)},
             {"outbound_spi", spi_text(event.outbound)},
             {"reason", ike::reason_name(event.reason)}}};
}

LogLine line(const ike::NegotiationFailed& event) {
    std::string message =
        std::format("{}: negotiation with {} failed: {}", named(event.connection),
                    event.remote.to_string(), because(event.reason, event.detail));
    if (event.retry_in > ike::Duration{0})
        message += std::format("; retry in {:.1f} s",
                               std::chrono::duration<double>{event.retry_in}.count());
    return {Level::Warning,
            std::move(message),
            {{"role", word(event.role)},
             {"remote", event.remote.to_string()},
             {"reason", ike::reason_name(event.reason)}}};
}

LogLine line(const ike::PolicyFailed& event) {
    if (event.connection.empty())
        return {Level::Error, "the kernel refused policies: " + event.detail, {}};
    return {Level::Error,
            std::format("{}: the kernel refused its policies, its traffic is not protected: {}",
                        named(event.connection), event.detail),
            {}};
}

LogLine line(const ike::PoliciesInstalled& event) {
    return {Level::Debug,
            std::format("{}: {} policies are in place", named(event.connection), event.count),
            {}};
}

LogLine line(const ike::Ikev1PeerSeen& event) {
    return {Level::Notice,
            std::format("{}: peer at {} still speaks IKEv1", named(event.connection),
                        event.remote.to_string()),
            {{"remote", event.remote.to_string()}}};
}

}  // namespace

LogLine describe(const ike::Event& event) {
    return std::visit(
        [&](const auto& what) {
            LogLine described = line(what);
            if (!what.connection.empty())
                described.fields.insert(described.fields.begin(), {"connection", what.connection});
            described.fields.insert(described.fields.begin(),
                                    {"event", std::string{api::event_type(event)}});
            return described;
        },
        event);
}

}  // namespace xfrmd::daemon
