// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ladder.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>
#include <variant>

#include "ike/wire/dump.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::sim {

namespace {

std::string hex(std::uint64_t number) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%" PRIx64, number);
    return text.data();
}
std::string spi(xfrm::EspSpi value) { return hex(value.value); }
std::string spis(ike::IkeSpi initiator, ike::IkeSpi responder) {
    return hex(initiator.value).substr(0, 6) + "/" + hex(responder.value).substr(0, 6);
}
std::string text_of(const xfrm::SaId& id) {
    return spi(id.spi) + " " + id.source.to_string() + ">" + id.destination.to_string();
}

const char* protocol_name(xfrm::IpsecProtocol protocol) {
    switch (protocol) {
        case xfrm::IpsecProtocol::Esp: return "ESP";
        case xfrm::IpsecProtocol::Ah: return "AH";
        case xfrm::IpsecProtocol::Ipcomp: return "IPComp";
    }
    std::unreachable();
}

std::string text_of(const Packet& packet) {
    return "probe " + std::to_string(packet.probe) + " " + packet.source.to_string() + ">" +
           packet.destination.to_string();
}

std::string text_of(const IkeDatagram& datagram) {
    std::string text = datagram.source.to_string() + " > " + datagram.destination.to_string() + "  ";
    const auto message = ike::parse_message(datagram.octets);
    if (message && !datagram.contents.empty())
        return text + spis(message->header.initiator_spi, message->header.responder_spi) + "  " + datagram.contents;
    if (!message)
        return text + std::to_string(datagram.octets.size()) + " octets, " + to_string(message.error());
    return text + spis(message->header.initiator_spi, message->header.responder_spi) + "  " + dump(*message);
}

std::string text_of(const WirePacket& packet) {
    if (const auto* clear = std::get_if<Packet>(&packet)) return "CLEAR " + text_of(*clear);
    const auto& sealed = std::get<IpsecPacket>(packet);
    std::string text = sealed.udp ? "UDP " + std::to_string(sealed.udp->source) + " " : "";
    for (const IpsecHeader& header : sealed.headers)
        text += protocol_name(header.protocol) + (" " + spi(header.spi)) + " seq " + std::to_string(header.sequence) + " ";
    return text + "{" + text_of(sealed.inner) + "}";
}

std::string text_of(const ike::IkeSaSnapshot& sa) {
    // RFC 7296 §2.6: up to the first IKE_AUTH that opens, nothing about the peer is known, whatever was computed.
    constexpr auto kUnproven = std::to_array<std::string_view>({"init_answered", "agreeing_on_keys", "keys_ready"});
    const bool unproven = std::ranges::any_of(
        kUnproven, [&](std::string_view name) { return sa.role == ike::Role::Responder && sa.state == name; });
    std::string text = "IKE " + sa.connection + " " + spis(sa.initiator_spi, sa.responder_spi) + " " +
                       (sa.role == ike::Role::Initiator ? "initiator " : "responder ") +
                       (unproven ? "half-open" : sa.state) + " " + sa.local.to_string() + "-" +
                       sa.remote.to_string() + " " + (unproven ? "" : sa.suite) + " " + sa.peer_id + "\n";
    for (const ike::ChildSnapshot& child : sa.children)
        text += "  child " + child.name + " " + spi(child.inbound) + "/" + spi(child.outbound) + " " + child.suite +
                " " + to_string(child.local) + " to " + to_string(child.remote) + "\n";
    return text;
}

std::string text_of(const std::optional<ike::Failure>& failure) {
    if (!failure) return "";
    return std::string{" failed: "} + reason_name(failure->reason) + (failure->said_by_peer ? " (peer)" : "") + " " +
           failure->detail;
}

}  // namespace

void Ladder::note(ike::Time now, std::string_view who, std::string_view text) {
    if (!enabled_) return;
    std::array<char, 40> stamp{};
    const auto micros = now.time_since_epoch().count();
    std::snprintf(stamp.data(), stamp.size(), "%6" PRId64 ".%06" PRId64 " ", std::int64_t{micros / 1'000'000},
                  std::int64_t{micros % 1'000'000});
    std::string line = stamp.data();
    line += who;
    line.append(who.size() < 6 ? 6 - who.size() : 0, ' ');
    line += ' ';
    line += text;
    lines_.push_back(std::move(line));
}

std::string describe(const Frame& frame) {
    const std::string text = std::visit([](const auto& content) { return text_of(content); }, frame.content);
    return frame.tampered ? "(tampered) " + text : text;
}

std::string describe(const xfrm::KernelRequest& request) {
    return std::visit(
        Overloaded{
            [](const xfrm::AllocateSpi& r) {
                return "allocate SPI " + r.source.to_string() + ">" + r.destination.to_string();
            },
            [](const xfrm::InstallSas& r) {
                std::string text = "install SAs";
                for (const xfrm::SaSpec& sa : r.sas) text += " " + text_of(sa.id);
                return text;
            },
            [](const xfrm::RemoveSas& r) {
                std::string text = "remove SAs";
                for (const xfrm::SaId& id : r.sas) text += " " + text_of(id);
                return text;
            },
            [](const xfrm::InstallPolicies& r) {
                return "install " + std::to_string(r.policies.size()) + " policies" + (r.replace ? " (replace)" : "");
            },
            [](const xfrm::RemovePolicies& r) {
                return "remove " + std::to_string(r.policies.size()) + " policies";
            },
            [](const xfrm::Migrate& r) {
                std::string text = "move " + std::to_string(r.migrations.size()) + " policies and their SAs";
                if (r.migrations.empty()) return text;
                const xfrm::Migration& first = r.migrations.front();
                text += " to " + first.new_source.to_string() + ">" + first.new_destination.to_string();
                if (first.encapsulation) text += " port " + std::to_string(first.encapsulation->destination_port);
                return text;
            },
            [](const xfrm::FindSource& r) { return "find source towards " + r.destination.to_string(); },
            [](const xfrm::QuerySa& r) { return "query SA " + text_of(r.id); },
            [](const xfrm::DumpSas&) { return std::string{"dump SAs"}; },
            [](const xfrm::DumpPolicies&) { return std::string{"dump policies"}; },
        },
        request);
}

std::string describe(const xfrm::KernelResult& result) {
    if (!result) return "refused: " + std::to_string(result.error().error_number) + " " + result.error().what;
    return std::visit(Overloaded{
                          [](const xfrm::Done&) { return std::string{"done"}; },
                          [](const xfrm::EspSpi& allocated) { return "SPI " + spi(allocated); },
                          [](const xfrm::Address& address) { return address.to_string(); },
                          [](const xfrm::SaInfo& info) {
                              return "SA with " + std::to_string(info.usage.packets) + " packets";
                          },
                          [](const std::vector<xfrm::SaInfo>& all) { return std::to_string(all.size()) + " SAs"; },
                          [](const std::vector<xfrm::PolicyInfo>& all) {
                              return std::to_string(all.size()) + " policies";
                          },
                      },
                      *result);
}

std::string describe(const xfrm::KernelEvent& event) {
    return std::visit(
        Overloaded{
            [](const xfrm::Acquire& e) {
                return "acquire " + std::to_string(e.sequence) + " " + e.packet.to_string();
            },
            [](const xfrm::SaExpired& e) { return "expired " + text_of(e.id) + (e.hard ? " hard" : " soft"); },
            [](const xfrm::PolicyExpired&) { return std::string{"policy expired"}; },
            [](const xfrm::MappingChanged& e) { return "mapping changed of " + text_of(e.id); },
            [](const xfrm::AddressChanged& e) { return "address " + e.address.to_string(); },
            [](const xfrm::RouteChanged& e) { return "route " + e.destination.to_string(); },
            [](const xfrm::Resync&) { return std::string{"events lost"}; },
        },
        event);
}

std::string describe(const ike::CryptoJob& job) {
    return std::visit(Overloaded{
                          [](const ike::GenerateKeyShare&) { return std::string{"generate share"}; },
                          [](const ike::AgreeOnKey&) { return std::string{"agree on key"}; },
                          [](const ike::EncapsulateKey&) { return std::string{"encapsulate"}; },
                          [](const ike::AuthenticateWithSecret& j) { return "authenticate with \"" + j.secret + "\""; },
                          [](const ike::SignWithIdentity& j) { return "sign as \"" + j.identity + "\""; },
                          [](const ike::VerifyPeer& j) { return "verify \"" + to_string(j.peer) + "\""; },
                      },
                      job);
}

std::string describe(const ike::CryptoOutcome& outcome) {
    return outcome ? "done" : "refused: " + outcome.error().what;
}

std::string describe(const ike::Event& event) {
    return std::visit(
        Overloaded{
            [](const ike::Progress& e) { return e.connection + ": " + e.step; },
            [](const ike::IkeSaUp& e) {
                return "IKE SA up " + e.connection + " " + spis(e.initiator_spi, e.responder_spi) + " " + e.peer_id;
            },
            [](const ike::IkeSaDown& e) {
                return "IKE SA down " + e.connection + " " + spis(e.initiator_spi, e.responder_spi) + " " +
                       reason_name(e.reason) + " " + e.detail;
            },
            [](const ike::ChildUp& e) {
                return "child up " + e.connection + "/" + e.child + " " + spi(e.inbound) + "/" + spi(e.outbound);
            },
            [](const ike::ChildRekeyed& e) {
                return "child rekeyed " + e.connection + "/" + e.child + " " + spi(e.replaced) + " -> " +
                       spi(e.inbound) + "/" + spi(e.outbound);
            },
            [](const ike::IkeSaRekeyed& e) {
                return "IKE SA rekeyed " + e.connection + " " +
                       spis(e.replaced_initiator_spi, e.replaced_responder_spi) + " -> " +
                       spis(e.initiator_spi, e.responder_spi);
            },
            [](const ike::IkeSaMoved& e) {
                return "IKE SA moved " + e.connection + " " + e.local.to_string() + "-" + e.remote.to_string();
            },
            [](const ike::ChildDown& e) {
                return "child down " + e.connection + "/" + e.child + " " + spi(e.inbound) + "/" +
                       spi(e.outbound) + " " + reason_name(e.reason);
            },
            [](const ike::NegotiationFailed& e) {
                return "failed " + e.connection + " " + reason_name(e.reason) + (e.said_by_peer ? " (peer) " : " ") +
                       e.detail;
            },
            [](const ike::PolicyFailed& e) { return "policies refused " + e.connection + " " + e.detail; },
            [](const ike::PoliciesInstalled& e) {
                return std::to_string(e.count) + " policies installed " + e.connection;
            },
            [](const ike::Ikev1PeerSeen& e) { return "speaks IKEv1: " + e.remote.to_string(); },
        },
        event);
}

std::string describe(const ike::CommandReply& reply) {
    return "command " + std::to_string(reply.id.value) + (reply.result ? " done" : ": " + reply.result.error().what);
}

std::string describe(const ike::Snapshot& snapshot) {
    std::string text;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        text += connection.name + " " + state_name(connection.state) + text_of(connection.last_failure) + "\n";
        for (const ike::IkeSaSnapshot& sa : connection.ike_sas) text += text_of(sa);
    }
    for (const ike::IkeSaSnapshot& sa : snapshot.unassigned) text += text_of(sa);
    return text + text_of(snapshot.last_unassigned_failure);
}

}  // namespace xfrmd::sim
