// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/probes.h"

#include <array>

#include "ike/wire/names.h"
#include "netlink/model/overloaded.h"

namespace xfrmd::sim {

namespace {

// The rare ones among what a few hundred seeds reach: if one of these is not reached any more, the search has gone blind
// there. `xfrmd_sim --probes` shows all that were.
constexpr auto kMust = std::to_array<std::string_view>({
    "child down deleted_by_command",
    "child down deleted_by_peer",
    "child down expired",
    "child down peer_unresponsive",
    "child down replaced",
    "child rekeyed",
    "crossed IKE SA rekey",
    "crossed child",
    "crossed child rekey",
    "dropped integrity_failed",
    "dropped malformed",
    "dropped not_allowed_in_state",
    "dropped outside_window",
    "dropped stale_message_id",
    "dropped still_computing",
    "dropped unknown_spi",
    "dropped unsolicited_response",
    "failed authentication_failed",
    "failed half_open_timeout",
    "failed kernel_refused",
    "failed no_proposal_chosen",
    "failed peer_unresponsive",
    "failed traffic_selectors_unacceptable",
    "failed transport_mode_refused",
    "fault: acquire storm",
    "fault: crash",
    "fault: hostile peer",
    "fault: partition",
    "fault: power off",
    "fault: reload",
    "fault: roaming",
    "a host moves out",
    "fault: sleep",
    "fault: wall clock",
    "IKE SA moved",
    "IKE SA down peer_restarted",
    "IKE SA down replaced",
    "IKE SA rekeyed",
    "kernel: events lost",
    "kernel: replies reordered",
    "kernel: slow reply",
    "restart: SAs of a former run",
    "served",
    "sent CREATE_CHILD_SA response N(CHILD_SA_NOT_FOUND)",
    "sent CREATE_CHILD_SA response N(INVALID_KE_PAYLOAD)",
    "sent CREATE_CHILD_SA response N(NO_PROPOSAL_CHOSEN)",
    "sent CREATE_CHILD_SA response N(TEMPORARY_FAILURE)",
    "sent IKE_AUTH response N(AUTHENTICATION_FAILED)",
    "sent IKE_AUTH response N(TS_UNACCEPTABLE)",
    "sent IKE_FOLLOWUP_KE request N(ADDITIONAL_KEY_EXCHANGE)",
    "sent IKE_FOLLOWUP_KE response N(ADDITIONAL_KEY_EXCHANGE)",
    "sent IKE_INTERMEDIATE request",
    "sent IKE_SA_INIT response N(COOKIE)",
    "sent IKE_SA_INIT response N(INVALID_KE_PAYLOAD)",
    "sent IKE_SA_INIT response N(NO_PROPOSAL_CHOSEN)",
    "sent INFORMATIONAL request N(ADDITIONAL_IP4_ADDRESS)",
    "sent INFORMATIONAL request N(COOKIE2)",
    "sent INFORMATIONAL request N(UPDATE_SA_ADDRESSES)",
    "sent INFORMATIONAL response N(COOKIE2)",
    "sent INFORMATIONAL response N(QUICK_CRASH_DETECTION)",
    "transport mode in UDP",
    "tunnel mode in UDP",
});

// What our exchange is about, if the peer has begun one about the same; null otherwise.
const char* crossed(const ike::ChildNegotiation& ours) {
    if (!ours.crossed) return nullptr;
    return ours.rekeys ? "crossed child rekey" : "crossed child";
}
const char* crossed(const ike::IkeSaNegotiation& ours) { return ours.crossed ? "crossed IKE SA rekey" : nullptr; }
const char* crossed(const ike::Negotiation& ours) {
    return std::visit([](const auto& what) { return crossed(what); }, ours);
}
const char* crossed(const ike::OutgoingExchange& ours) {
    return std::visit(Overloaded{[](const ike::outgoing::DeletingChild&) -> const char* { return nullptr; },
                                 [](const ike::outgoing::Asking&) -> const char* { return nullptr; },
                                 [](const ike::outgoing::TellingPath&) -> const char* { return nullptr; },
                                 [](const ike::outgoing::CheckingReturn&) -> const char* { return nullptr; },
                                 [](const auto& exchange) { return crossed(exchange.what); }},
                      ours);
}

}  // namespace

void Probes::happened(const ike::Event& event) {
    std::visit(Overloaded{
                   [](const ike::Progress&) {},
                   [&](const ike::IkeSaUp& e) {
                       hit("IKE SA up");
                       if (e.connection.contains(':')) hit("served");
                   },
                   [&](const ike::IkeSaDown& e) { hit(std::string{"IKE SA down "} + reason_name(e.reason)); },
                   [&](const ike::IkeSaRekeyed&) { hit("IKE SA rekeyed"); },
                   [&](const ike::IkeSaMoved&) { hit("IKE SA moved"); },
                   [&](const ike::ChildUp&) { hit("child up"); },
                   [&](const ike::ChildRekeyed&) { hit("child rekeyed"); },
                   [&](const ike::ChildDown& e) { hit(std::string{"child down "} + reason_name(e.reason)); },
                   [&](const ike::NegotiationFailed& e) { hit(std::string{"failed "} + reason_name(e.reason)); },
                   [&](const ike::PolicyFailed&) { hit("policies refused"); },
                   [&](const ike::PoliciesInstalled&) { hit("policies installed"); },
                   [&](const ike::Ikev1PeerSeen&) { hit("IKEv1 peer seen"); },
               },
               event);
}

void Probes::sent(const OpenedMessage& message) {
    // An answer in another version of IKE repeats whatever exchange it was asked for.
    if (message.header.exchange < ike::ExchangeType::IkeSaInit ||
        message.header.exchange > ike::ExchangeType::IkeFollowupKe)
        return;
    const std::string what = "sent " + name(message.header.exchange) + (message.header.response ? " response" : " request");
    hit(what);
    for (const ike::Payload& payload : message.payloads) {
        if (const auto* notify = std::get_if<ike::Notify>(&payload)) hit(what + " N(" + name(notify->type) + ")");
        if (const auto* deletion = std::get_if<ike::Delete>(&payload)) hit(what + " D " + name(deletion->protocol));
    }
}

void Probes::passed(const ike::IkeSa& sa) {
    hit(std::string{sa.role == ike::Role::Initiator ? "state initiator " : "state responder "} + ike::state_name(sa.state));
    if (const char* what = sa.outgoing ? crossed(*sa.outgoing) : nullptr) hit(what);
    for (const ike::ChildSa& child : sa.children)
        if (child.encapsulated) hit(child.mode == xfrm::Mode::Transport ? "transport mode in UDP" : "tunnel mode in UDP");
}

void Probes::counted(const ike::Statistics& statistics) {
    for (std::size_t i = 0; i < statistics.dropped.size(); ++i)
        if (statistics.dropped[i] > 0) hit(std::string{"dropped "} + dropped_name(static_cast<ike::Dropped>(i)));
}

std::vector<std::string> Probes::missed() const {
    std::vector<std::string> missed;
    for (const std::string_view situation : kMust)
        if (!hit_.contains(situation)) missed.emplace_back(situation);
    return missed;
}

}  // namespace xfrmd::sim
