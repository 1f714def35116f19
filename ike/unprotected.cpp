// SPDX-License-Identifier: Apache-2.0
#include "ike/unprotected.h"

#include <algorithm>

#include "ike/crash_detection.h"
#include "ike/exchange/informational.h"
#include "ike/former_sas.h"
#include "ike/teardown.h"
#include "ike/wire/isakmp.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike {

namespace {

constexpr std::uint8_t kIkev1 = 1;
constexpr std::size_t kIkev1PeersMax = 256;
constexpr Duration kIkev1EventInterval = std::chrono::seconds{1};

// RFC 7296 §1.5: a response with the SPIs, message id and exchange type of the request.
Header answer_header(const Header& request) {
    Header answer = request;
    answer.major = kMajorVersion;
    answer.minor = 0;
    answer.version_flag = false;
    answer.initiator = !request.initiator;
    answer.response = true;
    return answer;
}

// Whether one more stranger may be answered; costs an answer.
bool may_answer(Core& core, const Datagram& datagram) {
    const bool may = core.answers.take(core.now, core.configuration->limits, datagram.path.remote.address);
    if (!may) core.drop(Dropped::StrangerLimit);
    return may;
}

void answer(Core& core, const Datagram& datagram, const Header& request, std::span<const Payload> payloads) {
    core.answer_stranger(datagram.path, datagram.octets, write_message(answer_header(request), payloads));
}

// ---- IKEv1

// Each peer is told once; the memory for that is bounded, and so is the rate.
void note_ikev1_peer(Core& core, const xfrm::Endpoint& remote) {
    auto& peers = core.ikev1_peers;
    const auto known = std::ranges::find(peers, remote.address, &Ikev1Peer::address);
    if (known != peers.end()) {
        ++known->messages;
        known->last = core.now;
        return;
    }
    if (!peers.empty() && core.now - peers.back().first < kIkev1EventInterval) return;
    if (peers.size() >= kIkev1PeersMax) peers.erase(peers.begin());
    peers.push_back({remote.address, core.now, core.now, 1});
    const auto names = core.by_remote.find(remote.address);
    core.emit(Ikev1PeerSeen{names == core.by_remote.end() ? std::string{} : names->second.front(), remote});
}

void on_ikev1(Core& core, const Datagram& datagram, const Header& header) {
    core.drop(Dropped::OldVersion);
    note_ikev1_peer(core, datagram.path.remote);
    if (!core.configuration->options.refuse_ikev1) return;
    const auto refusal = refuse_isakmp(header, core.fresh_message_id());
    if (!refusal || !may_answer(core, datagram)) return;
    core.answer_stranger(datagram.path, datagram.octets, *refusal);
}

// ---- what the peer says about an IKE SA of ours

// RFC 6290 §4.3: all of it goes, without a word, since there is nobody to hear it.
void on_token(Core& core, IkeSa& sa, View token) {
    if (!is_crash_token(sa, token)) return core.drop(Dropped::IntegrityFailed);
    if (sa.is<state::Closing>()) return core.erase(sa);
    const std::string name = sa.connection;
    drop_established(core, sa, Reason::PeerRestarted, "the peer has restarted and lost the IKE SA");
    // Nothing is to be gained by waiting: the peer has just answered.
    ManagedConnection* connection = core.find_connection(name);
    if (connection != nullptr && connection->next_attempt) core.schedule(*connection, core.now);
}

}  // namespace

void on_foreign_version(Core& core, const Datagram& datagram, const Header& header) {
    if (header.major == kIkev1) return on_ikev1(core, datagram, header);
    if (header.major < kMajorVersion) return core.drop(Dropped::OldVersion);
    core.drop(Dropped::NewerVersion);
    // RFC 7296 §2.5
    if (!header.response && may_answer(core, datagram))
        answer(core, datagram, header, std::array<Payload, 1>{make_notify(NotifyType::InvalidMajorVersion)});
}

void on_unknown_spi(Core& core, const Datagram& datagram, const Header& header) {
    core.drop(Dropped::UnknownSpi);
    // RFC 7296 §2.21.4: a response is never answered, or two sides could go on for ever.
    if (header.response || header.length != datagram.octets.size()) return;
    const IkeSpi ours = header.initiator ? header.responder_spi : header.initiator_spi;
    if (ours.is_zero()) return;
    // RFC 6290 §5: a token is for IKE SAs that are gone. One that lives under this SPI is not, and neither is one that the
    // peer has made already, while its answer is still on its way to us.
    // Nor those that a new one is to replace without a gap: the peer's question comes again if it does not.
    if (is_being_renewed(core, datagram.path.remote.address)) return;
    if (core.by_local_spi.contains(ours) || !may_answer(core, datagram) || core.announced_spis.contains(ours)) return;
    std::vector<Payload> payloads{make_notify(NotifyType::InvalidIkeSpi)};
    if (const auto token = crash_token(core, ours))
        payloads.emplace_back(make_crash_token(*token));
    answer(core, datagram, header, payloads);
}

void on_unprotected_response(Core& core, IkeSa& sa, const Datagram& datagram) {
    const auto message = parse_message(datagram.octets);
    if (!message) return core.drop(Dropped::Malformed);
    if (!sa.is_established() && !sa.is<state::Closing>())
        return core.drop(Dropped::UnsolicitedResponse);
    bool invalid_spi = false;
    const Notify* token = nullptr;
    for (const Payload& payload : message->payloads) {
        const auto* notify = std::get_if<Notify>(&payload);
        if (notify == nullptr) continue;
        if (notify->type == NotifyType::InvalidIkeSpi) invalid_spi = true;
        if (notify->type == NotifyType::QuickCrashDetection) token = notify;
    }
    if (!invalid_spi) return core.drop(Dropped::NotAllowedInState);
    if (token != nullptr) return on_token(core, sa, token->data);
    // RFC 7296 §2.21.4: a hint that something is wrong, to be checked, and no more.
    if (!informational::follow_hint(core, sa)) core.drop(Dropped::StrangerLimit);
}

}  // namespace xfrmd::ike
