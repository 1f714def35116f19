// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/transcript.h"

#include <array>
#include <cinttypes>
#include <cstdio>

#include "ike/wire/dump.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::sim {

namespace {

// What every IKE_SA_INIT or IKE_AUTH announces, and no reader needs to see each time.
constexpr auto kCapabilities = std::to_array<std::string_view>({
    "NAT_DETECTION_SOURCE_IP",
    "NAT_DETECTION_DESTINATION_IP",
    "SIGNATURE_HASH_ALGORITHMS",
    "IKEV2_FRAGMENTATION_SUPPORTED",
    "INTERMEDIATE_EXCHANGE_SUPPORTED",
    "IKE_SA_INIT_FULL_TRANSCRIPT_AUTH",
    "ESP_TFC_PADDING_NOT_SUPPORTED",
    "CHILDLESS_IKEV2_SUPPORTED",
    "QUICK_CRASH_DETECTION",
    "MOBIKE_SUPPORTED",
    "REDIRECT_SUPPORTED",
});

std::string hex(std::uint32_t number) {
    std::array<char, 12> text{};
    std::snprintf(text.data(), text.size(), "%08" PRIx32, number);
    return text.data();
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

std::string because(ike::Reason reason) {
    return reason == ike::Reason::None ? "" : std::string{": "} + reason_name(reason);
}

}  // namespace

std::string Transcript::message(const IkeDatagram& datagram) {
    const auto message = ike::parse_message(datagram.octets);
    if (!message) return "what is no message";
    std::string text = datagram.contents.empty() ? ike::dump(*message) : datagram.contents;
    for (const std::string_view capability : kCapabilities) replace_all(text, " N(" + std::string{capability} + ")", "");
    return ike_sa(message->header.initiator_spi) + (datagram.encapsulated ? " in 4500  " : "  ") + with_names(std::move(text));
}

std::string Transcript::event(const ike::Event& event) {
    return std::visit(
        Overloaded{
            [&](const ike::IkeSaUp& e) { return "IKE SA " + ike_sa(e.initiator_spi) + " up with " + e.peer_id; },
            [&](const ike::IkeSaDown& e) {
                return "IKE SA " + ike_sa(e.initiator_spi) + " down" + because(e.reason);
            },
            [&](const ike::ChildUp& e) {
                return "child " + e.child + " up: in " + spi(e.inbound) + ", out " + spi(e.outbound);
            },
            [&](const ike::IkeSaRekeyed& e) {
                return "IKE SA " + ike_sa(e.initiator_spi) + " takes over from " + ike_sa(e.replaced_initiator_spi);
            },
            [&](const ike::IkeSaMoved& e) {
                return "IKE SA " + ike_sa(e.initiator_spi) + " moved, to " + e.local.to_string() + " and " + e.remote.to_string();
            },
            [&](const ike::ChildRekeyed& e) {
                return "child " + e.child + " rekeyed: in " + spi(e.inbound) + ", out " + spi(e.outbound) +
                       ", instead of in " + spi(e.replaced);
            },
            [&](const ike::ChildDown& e) {
                return "child " + e.child + " down (in " + spi(e.inbound) + ", out " + spi(e.outbound) + ")" +
                       because(e.reason);
            },
            [](const ike::NegotiationFailed& e) {
                return "failed" + because(e.reason) + (e.said_by_peer ? ", says the peer" : "");
            },
            [](const ike::PolicyFailed& e) { return "policies refused: " + e.detail; },
            [](const auto&) { return std::string{}; },
        },
        event);
}

std::vector<std::string> Transcript::state(const ike::Snapshot& snapshot) {
    std::vector<std::string> lines;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections) {
        lines.push_back(connection.name + " " + state_name(connection.state));
        for (const ike::IkeSaSnapshot& sa : connection.ike_sas) {
            lines.push_back("  IKE SA " + ike_sa(sa.initiator_spi) + " " + sa.state + ", " +
                            (sa.role == ike::Role::Initiator ? "initiator" : "responder"));
            for (const ike::ChildSnapshot& child : sa.children)
                lines.push_back("    child " + child.name + ": in " + spi(child.inbound) + ", out " +
                                spi(child.outbound) +
                                (child.phase == ike::ChildPhase::Active ? "" : std::string{", "} + phase_name(child.phase)));
        }
    }
    return lines;
}

std::string Transcript::kernel(const KernelModel& kernel) {
    std::string text;
    for (const KernelModel::Sa& sa : kernel.sas()) {
        if (!text.empty()) text += ", ";
        text += kernel.owns(sa.spec.id.destination) ? "in " : "out ";
        text += sa.larval && sa.spec.id.spi == xfrm::EspSpi{} ? "wanted" : spi(sa.spec.id.spi);
        if (sa.larval) text += " (larval)";
    }
    return text.empty() ? "nothing" : text;
}

void Transcript::learn(const KernelModel& kernel, std::string_view host) {
    for (const KernelModel::Sa& sa : kernel.sas()) {
        if (!kernel.owns(sa.spec.id.destination) || sa.spec.id.spi == xfrm::EspSpi{}) continue;
        if (spis_.contains(sa.spec.id.spi)) continue;
        const std::size_t number = ++counts_[std::string{host}];
        spis_.emplace(sa.spec.id.spi, std::string{host} + std::to_string(number));
    }
}

std::string Transcript::ike_sa(ike::IkeSpi initiator) {
    const auto name = std::string(1, static_cast<char>('A' + ike_sas_.size() % 26));
    return ike_sas_.try_emplace(initiator, name).first->second;
}

std::string Transcript::spi(xfrm::EspSpi spi) {
    const auto found = spis_.find(spi);
    return found == spis_.end() ? "?" : found->second;
}

std::string Transcript::with_names(std::string text) {
    for (const auto& [spi, name] : spis_) replace_all(text, hex(spi.value), name);
    return text;
}

}  // namespace xfrmd::sim
