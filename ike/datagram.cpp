// SPDX-License-Identifier: Apache-2.0
#include "ike/datagram.h"

#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/exchange/create_child_sa.h"
#include "ike/exchange/followup_ke.h"
#include "ike/exchange/ike_auth.h"
#include "ike/exchange/ike_intermediate.h"
#include "ike/exchange/ike_sa_init.h"
#include "ike/exchange/informational.h"
#include "ike/exchange/mobike.h"
#include "ike/relocation.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"
#include "ike/teardown.h"
#include "ike/unprotected.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike {

namespace {

// RFC 7296 §2.6: the I flag says whose SPI is whose. The peer's SPI must be the one we know.
IkeSa* find_ike_sa(Core& core, const Header& header) {
    const IkeSpi ours = header.initiator ? header.responder_spi : header.initiator_spi;
    const IkeSpi theirs = header.initiator ? header.initiator_spi : header.responder_spi;
    const auto found = core.by_local_spi.find(ours);
    if (found == core.by_local_spi.end()) return nullptr;
    IkeSa* sa = core.ike_sas.find(found->second);
    const bool we_initiated = sa->role == Role::Initiator;
    if (header.initiator == we_initiated) return nullptr;  // our own message, reflected
    const IkeSpi known = we_initiated ? sa->responder_spi : sa->initiator_spi;
    return known == theirs || known.is_zero() ? sa : nullptr;
}

// ---- requests

// The exchanges that each state allows the peer to begin. Before authentication there is one at a
// time: IKE_INTERMEDIATE as often as was agreed in IKE_SA_INIT, then IKE_AUTH, and nothing else.
// RFC 9242 §3.2, RFC 9370 §2.2.2
bool allows(const IkeSa& sa, ExchangeType exchange) {
    if (sa.is<state::InitAnswered>() || sa.is<state::AgreeingAsResponder>() || sa.is<state::KeysReady>())
        return exchange == (ike_intermediate::is_due(sa) ? ExchangeType::IkeIntermediate
                                                         : ExchangeType::IkeAuth);
    if (sa.is_established() || sa.is<state::Closing>())
        return exchange == ExchangeType::Informational || exchange == ExchangeType::CreateChildSa ||
               exchange == ExchangeType::IkeFollowupKe;
    return false;
}

// RFC 7296 §2.23: a NAT may have given the peer another address and port. Without one the peer is where its IKE_SA_INIT
// came from, or has gone on to port 4500; from anywhere else it is a copy that somebody passed on.
bool may_have_moved_to(const IkeSa& sa, const Path& path) {
    if (sa.nat.remote) return true;
    if (path.local.address != sa.path.local.address || path.remote.address != sa.path.remote.address)
        return false;
    return path.encapsulated ? path.remote.port == path.local.port : path == sa.path;
}

// The peer's first requests tell where it is.
void follow_handshake(IkeSa& sa, const Path& path) {
    sa.handshake->passed_on = !may_have_moved_to(sa, path);
    if (!sa.handshake->passed_on) sa.path = path;
}

// RFC 7296 §2.23: its NAT may give the peer another address and port at any time; it is where its last message came from
// that is authentic and not a repetition. Who is behind a NAT itself does not follow.
void follow_nat(Core& core, IkeSa& sa, const Path& path) {
    const bool same_end = path.local == sa.path.local && path.encapsulated && sa.path.encapsulated;
    if (sa.mobility.in_use) {
        // RFC 4555 §3.8: only the peer's word counts. What it does not answer goes there, too.
        if (same_end && sa.nat.remote) sa.mobility.heard_from = path.remote;
        return;
    }
    if (sa.was_established() && sa.nat.remote && !sa.nat.local && same_end) follow_peer(core, sa, path.remote);
}

void dispatch_request(Core& core, IkeSa& sa, const Path& path, const PlainMessage& message) {
    const ExchangeType exchange = message.header.exchange;
    const bool initial =
        exchange == ExchangeType::IkeIntermediate || exchange == ExchangeType::IkeAuth;
    if (initial) {
        follow_handshake(sa, path);
    } else {
        // RFC 7296 §2.11: the answer goes where the request came from, whether we follow or not.
        sa.answer_path = path;
        follow_nat(core, sa, path);
    }
    if (exchange == ExchangeType::IkeIntermediate)
        return ike_intermediate::on_request(core, sa, message);
    auto payloads = parse_payloads(message.first_inner, message.chain.view());
    if (exchange == ExchangeType::IkeAuth)
        return ike_auth::on_request(core, sa, std::move(payloads));
    if (exchange == ExchangeType::Informational)
        return informational::on_request(core, sa, path, std::move(payloads));
    if (exchange == ExchangeType::IkeFollowupKe)
        return followup_ke::on_request(core, sa, std::move(payloads));
    create_child_sa::on_request(core, sa, std::move(payloads));
}

// The keys are not there yet. A key agreement is what a stranger may not have for free: something
// must look like the next request.
void on_request_before_keys(Core& core, IkeSa& sa, const Datagram& datagram) {
    const auto message = parse_message(datagram.octets);
    if (!message) return core.drop(Dropped::Malformed);
    if (!sealed_layout(*message)) return core.drop(Dropped::NotAllowedInState);
    if (sa.is<state::InitAnswered>()) return ike_sa_init::begin_agreement(core, sa, datagram);
    const bool fragment = std::holds_alternative<EncryptedFragment>(message->payloads.back());
    if (!fragment || !sa.fragmentation) return core.drop(Dropped::StillComputing);
    ike_sa_init::await_agreement(core, sa, datagram);
}

void on_next_request(Core& core, IkeSa& sa, const Datagram& datagram, const Header& header) {
    if (!allows(sa, header.exchange)) return core.drop(Dropped::NotAllowedInState);
    if (sa.is<state::InitAnswered>() || sa.is<state::AgreeingAsResponder>())
        return on_request_before_keys(core, sa, datagram);
    auto received = receive(core, sa, datagram.octets);
    if (!received) return;
    sa.inbound.begin(std::move(received->datagram));
    proven(core, sa);
    peer_has_answers(core, sa);
    dispatch_request(core, sa, datagram.path, received->message);
}

// RFC 7383 §2.5.2: who gets no answer may repeat the request in smaller fragments; §2.6.1: the first of them is answered.
bool repeats_in_smaller_fragments(const IkeSa& sa, const Datagram& datagram, const Header& header) {
    return sa.fragmentation && sa.inbound.has_just_answered(header.message_id) &&
           is_first_fragment(sa, datagram.octets);
}

// RFC 7296 §2.1: as sent, octet for octet. A copy of the request that comes from elsewhere proves nothing about where.
void repeat_response(Core& core, const IkeSa& sa, const Datagram& datagram) {
    std::size_t octets = 0;
    for (const Bytes& each : sa.inbound.response()) octets += each.size();
    if (datagram.path != sa.path && octets > datagram.octets.size())
        return core.drop(Dropped::AnswerTooLarge);
    core.transmit(datagram.path, sa.inbound.response());
}

void on_request(Core& core, IkeSa& sa, const Datagram& datagram, const Header& header) {
    switch (sa.inbound.classify(header.message_id, datagram.octets)) {
        case Arrival::Next: return on_next_request(core, sa, datagram, header);
        case Arrival::Duplicate: return repeat_response(core, sa, datagram);
        case Arrival::InProgress: return core.drop(Dropped::StillComputing);
        case Arrival::Ahead: return core.drop(Dropped::OutsideWindow);
        case Arrival::Stale:
            if (repeats_in_smaller_fragments(sa, datagram, header))
                return repeat_response(core, sa, datagram);
            return core.drop(Dropped::StaleMessageId);
    }
    std::unreachable();
}

// ---- responses

bool answers_outstanding(const IkeSa& sa, const Header& header) {
    const auto& outstanding = sa.outbound.outstanding();
    return outstanding && outstanding->id == header.message_id;
}

void dispatch_response(Core& core, IkeSa& sa, const Path& path, const PlainMessage& message) {
    auto payloads = parse_payloads(message.first_inner, message.chain.view());
    if (sa.is<state::Closing>()) {
        if (std::get<state::Closing>(sa.state).told) return core.erase(sa);
        return send_delete_when_idle(core, sa);
    }
    if (message.header.exchange == ExchangeType::IkeIntermediate)
        return ike_intermediate::on_response(core, sa, message);
    if (message.header.exchange == ExchangeType::IkeAuth)
        return ike_auth::on_response(core, sa, std::move(payloads));
    if (message.header.exchange == ExchangeType::CreateChildSa)
        return create_child_sa::on_response(core, sa, std::move(payloads));
    if (message.header.exchange == ExchangeType::IkeFollowupKe)
        return followup_ke::on_response(core, sa, std::move(payloads));
    informational::on_response(core, sa, path, std::move(payloads));
}

// The exchange that our outstanding request has begun.
ExchangeType outstanding_exchange(const IkeSa& sa) {
    const Datagrams& sent = sa.outbound.outstanding()->datagrams;
    const auto header = sent.empty() ? Decoded<Header>{Header{}} : parse_header(sent.front());
    return header ? header->exchange : ExchangeType::IkeSaInit;
}

void on_response(Core& core, IkeSa& sa, const Datagram& datagram, const Header& header) {
    if (!answers_outstanding(sa, header)) return core.drop(Dropped::UnsolicitedResponse);
    if (header.exchange != outstanding_exchange(sa)) return core.drop(Dropped::NotAllowedInState);
    const bool init = header.exchange == ExchangeType::IkeSaInit;
    if (init) {
        auto message = parse_message(datagram.octets);
        if (!message) return core.drop(Dropped::Malformed);
        return ike_sa_init::on_response(core, sa, datagram.path, datagram.octets, *std::move(message));
    }
    const auto received = receive(core, sa, datagram.octets);
    if (!received) return;
    static_cast<void>(sa.outbound.accept_response(header.message_id));
    core.arm(sa, Timer::Retransmit, std::nullopt);
    follow_nat(core, sa, datagram.path);
    mobike::answered_over(core, sa, datagram.path);
    dispatch_response(core, sa, datagram.path, received->message);
}

}  // namespace

void on_datagram(Core& core, const Datagram& datagram) {
    const auto header = parse_header(datagram.octets);
    if (!header) return core.drop(Dropped::Malformed);
    if (header->major != kMajorVersion) return on_foreign_version(core, datagram, *header);
    const bool opening = header->exchange == ExchangeType::IkeSaInit && !header->response;
    if (opening) {
        if (!header->initiator || !header->responder_spi.is_zero())
            return core.drop(Dropped::NotAllowedInState);
        return ike_sa_init::on_request(core, datagram.path, datagram.octets, *header);
    }
    const bool unprotected = header->next_payload == PayloadType::Notify &&
                             header->exchange != ExchangeType::IkeSaInit;
    // RFC 7296 §1.5: INVALID_SPI, with whatever SPIs. Anybody may say so: it changes nothing, and is not answered.
    if (unprotected && !header->response) return core.drop(Dropped::UnprotectedHint);
    IkeSa* sa = find_ike_sa(core, *header);
    if (sa == nullptr) return on_unknown_spi(core, datagram, *header);
    if (header->response && unprotected) return on_unprotected_response(core, *sa, datagram);
    if (header->response)
        on_response(core, *sa, datagram, *header);
    else
        on_request(core, *sa, datagram, *header);
}

}  // namespace xfrmd::ike
