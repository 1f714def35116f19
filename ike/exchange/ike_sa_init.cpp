// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/ike_sa_init.h"

#include <algorithm>
#include <ranges>

#include "ike/connections.h"
#include "ike/demand.h"
#include "ike/exchange/ike_auth.h"
#include "ike/exchange/ike_intermediate.h"
#include "ike/exchange/reasons.h"
#include "ike/former_sas.h"
#include "ike/nat.h"
#include "ike/policy/offer_text.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/suite_select.h"
#include "ike/relocation.h"
#include "ike/teardown.h"
#include "ike/wire/messages.h"
#include "ike/wire/names.h"
#include "ike/wire/opening.h"

namespace xfrmd::ike::ike_sa_init {

namespace {

// How often IKE_SA_INIT is begun again because the responder wants a cookie or another group. RFC 7296 §2.6.1
constexpr std::uint32_t kRestartsMax = 6;
// How long something better may come after an unauthenticated error. RFC 7296 §2.21.1: it may be forged.
constexpr std::chrono::seconds kHintPatience{3};
constexpr std::size_t kCookieOctetsMax = 64;  // RFC 7296 §2.6
// How many connections a refusal tells the algorithms of.
constexpr std::size_t kConnectionsTold = 2;

constexpr std::array kOurHashes{SignatureHash::Sha2_256, SignatureHash::Sha2_384,
                                SignatureHash::Sha2_512, SignatureHash::Identity};

// What both sides say about themselves. RFC 7296 §2.23, RFC 7427 §4
std::vector<Notify> our_notifies(const IkeSa& sa) {
    std::vector<Notify> notifies;
    if (sa.handshake->looks_for_nats) notifies = nat_detection_notifies(sa.initiator_spi, sa.responder_spi, sa.path);
    notifies.push_back(make_signature_hashes(kOurHashes));
    // RFC 7383 §2.3: the responder answers it.
    if (sa.role == Role::Initiator || sa.fragmentation)
        notifies.push_back(make_notify(NotifyType::Ikev2FragmentationSupported));
    // RFC 9242 §3.1: likewise.
    if (sa.role == Role::Initiator || sa.handshake->peer_knows_intermediate)
        notifies.push_back(make_notify(NotifyType::IntermediateExchangeSupported));
    if (sa.handshake->announces_childless)
        notifies.push_back(make_notify(NotifyType::ChildlessIkev2Supported));
    // The responder says it unasked: whoever takes it out of the request alone makes AUTH fail.
    notifies.push_back(make_notify(NotifyType::IkeSaInitFullTranscriptAuth));
    return notifies;
}

void learn_from_notifies(IkeSa& sa, std::span<const Notify> notifies) {
    const auto has = [&](NotifyType type) { return find_notify(notifies, type) != nullptr; };
    sa.fragmentation = has(NotifyType::Ikev2FragmentationSupported);
    sa.handshake->peer_knows_intermediate = has(NotifyType::IntermediateExchangeSupported);
    sa.handshake->peer_knows_childless = has(NotifyType::ChildlessIkev2Supported);
    sa.handshake->full_transcript = has(NotifyType::IkeSaInitFullTranscriptAuth);
    const Notify* notify = find_notify(notifies, NotifyType::SignatureHashAlgorithms);
    if (notify == nullptr) return;
    if (auto hashes = read_signature_hashes(*notify)) sa.handshake->peer_hashes = *std::move(hashes);
}

// RFC 7296 §2.14. False if something of it cannot be computed, which is no fault of the peer's.
bool derive_keys(IkeSa& sa, View shared_secret) {
    const Handshake& handshake = *sa.handshake;
    auto keys = derive_ike_keys(sa.suite, handshake.initiator_nonce, handshake.responder_nonce,
                                shared_secret, sa.initiator_spi, sa.responder_spi);
    if (!keys) return false;
    return take_handshake_keys(sa, *std::move(keys));
}

// ---- initiator

Bytes write_request(const IkeSa& sa, const KeyExchange& key_exchange) {
    const Handshake& handshake = *sa.handshake;
    IkeSaInitRequest request;
    request.security_association = SecurityAssociation{handshake.offered};
    request.key_exchange = key_exchange;
    request.nonce = Nonce{handshake.initiator_nonce};
    if (!handshake.cookie.empty()) request.notifies.push_back(make_cookie(handshake.cookie));
    std::ranges::move(our_notifies(sa), std::back_inserter(request.notifies));
    Header header;
    header.initiator_spi = sa.initiator_spi;
    header.initiator = true;
    return write_message(header, request.to_payloads());
}

void make_share(Core& core, IkeSa& sa, KeyExchangeMethod method) {
    Handshake& handshake = *sa.handshake;
    handshake.method = method;
    handshake.methods_tried.push_back(method);
    sa.state = state::MakingInitShare{
        core.request_crypto(sa, GenerateKeyShare{method, core.fresh_seed()})};
}

// Sends what is in handshake.init_request, anew or for the first time.
void send_init_request(Core& core, IkeSa& sa) {
    Handshake& handshake = *sa.handshake;
    if (sa.outbound.is_idle())
        sa.outbound.send({handshake.init_request});
    else
        sa.outbound.resend({handshake.init_request});
    sa.state = state::InitSent{};
    core.transmit(sa.path, handshake.init_request);
    core.arm(sa, Timer::GiveUp, std::nullopt);
    core.arm_in(sa, Timer::Retransmit,
                retransmission_delay(core.configuration->limits, 1, core.fresh_jitter()));
}

// Remembers an error that anybody could have sent, and waits a little for something better.
void take_hint(Core& core, IkeSa& sa, Reason reason, const std::string& detail) {
    if (sa.handshake->hint) return;
    sa.handshake->hint = Failure{reason, detail, true, core.now};
    core.arm_in(sa, Timer::GiveUp, kHintPatience);
    core.progress(sa, detail + "; this may be forged, waiting " + std::to_string(kHintPatience.count()) +
                          " s for a better answer");
}

// RFC 7296 §2.6: the same request again, the cookie in front.
void on_cookie(Core& core, IkeSa& sa, const Notify& notify) {
    Handshake& handshake = *sa.handshake;
    const auto cookie = read_cookie(notify);
    if (!cookie || cookie->size() > kCookieOctetsMax) return core.drop(Dropped::Malformed);
    if (++handshake.restarts > kRestartsMax)
        return take_hint(core, sa, Reason::Limit, "the peer asks for a cookie again and again");
    handshake.cookie = *cookie;
    core.progress(sa, "peer asked for a cookie");
    handshake.init_request = write_request(sa, {handshake.method, handshake.peer_share});
    send_init_request(core, sa);
}

// RFC 7296 §1.2: the responder wants another group of those we offered.
void on_invalid_ke(Core& core, IkeSa& sa, const Notify& notify) {
    Handshake& handshake = *sa.handshake;
    const auto wanted = read_invalid_ke_payload(notify);
    if (!wanted) return core.drop(Dropped::Malformed);
    const auto offered = key_exchange_methods(handshake.offered);
    const bool tried = std::ranges::contains(handshake.methods_tried, *wanted);
    if (!std::ranges::contains(offered, *wanted) || tried || ++handshake.restarts > kRestartsMax)
        return take_hint(core, sa, Reason::InvalidKeyExchange,
                         "the peer wants group " + name(*wanted) + ", which we do not offer or tried");
    core.progress(sa, "peer wants group " + name(*wanted));
    core.arm(sa, Timer::Retransmit, std::nullopt);
    make_share(core, sa, *wanted);
}

std::string why_refused(Core& core, const IkeSa& sa, NotifyType error) {
    const Connection* wanted = core.wanted_of(sa);
    const bool without_classical =
        wanted != nullptr && wanted->require_pq && error == NotifyType::NoProposalChosen;
    std::string why = answered(error);
    if (error == NotifyType::NoProposalChosen) why += "; we offered " + offer_text(sa.handshake->offered);
    if (without_classical) why += "; require_pq is set, so each of our proposals has ML-KEM";
    return why;
}

void on_error_response(Core& core, IkeSa& sa, const IkeSaInitResponse& response) {
    if (const Notify* cookie = find_notify(response.notifies, NotifyType::Cookie))
        return on_cookie(core, sa, *cookie);
    if (const Notify* invalid = find_notify(response.notifies, NotifyType::InvalidKePayload))
        return on_invalid_ke(core, sa, *invalid);
    if (const Notify* error = find_error(response.notifies))
        return take_hint(core, sa, reason_of(error->type), why_refused(core, sa, error->type));
    core.drop(Dropped::Malformed);
}

// Everything the response must fulfil before it costs a key agreement; the sentence is what is wrong with it.
std::expected<IkeSuite, std::string> check_choice(Core& core, const IkeSa& sa,
                                                  const IkeSaInitResponse& response) {
    const Handshake& handshake = *sa.handshake;
    const Connection* wanted = core.wanted_of(sa);
    const auto lacks = [&](NotifyType type) {
        return find_notify(response.notifies, type) == nullptr;
    };
    const auto& proposals = response.security_association->proposals;
    if (proposals.size() != 1) return std::unexpected{"the peer chose several proposals"};
    if (!is_subset_of_offer(proposals.front(), handshake.offered))
        return std::unexpected{"the peer chose " + offer_text(proposals) + ", we offered " + offer_text(handshake.offered)};
    const auto suite = ike_suite_of(proposals.front());
    if (!suite) return std::unexpected{"the peer chose algorithms we cannot use"};
    if (response.key_exchange->method != handshake.method || suite->method != handshake.method)
        return std::unexpected{"the peer's key exchange is not of the group we used"};
    if (!suite->additional.empty() && lacks(NotifyType::IntermediateExchangeSupported))
        return std::unexpected{
            "the peer chose additional key exchanges, but knows no IKE_INTERMEDIATE"};
    if (wanted != nullptr && wanted->require_pq && !is_quantum_resistant(*suite))
        return std::unexpected{"the peer chose no ML-KEM, and require_pq is set"};
    if (wanted != nullptr && wanted->require_transcript_auth &&
        lacks(NotifyType::IkeSaInitFullTranscriptAuth))
        return std::unexpected{
            "the peer does not prove the whole IKE_SA_INIT, and "
            "require_transcript_auth is set"};
    return *suite;
}

// ---- responder

void answer_statelessly(Core& core, const Path& path, View datagram, const Header& request,
                        const Notify& notify) {
    Header header;
    header.initiator_spi = request.initiator_spi;
    header.responder_spi = request.responder_spi;
    header.exchange = request.exchange;
    header.response = true;
    header.message_id = request.message_id;
    core.answer_stranger(path, datagram, write_message(header, std::array<Payload, 1>{notify}));
}

std::vector<const Connection*> candidates(const Core& core, const Path& path) {
    std::vector<const Connection*> found;
    for (const std::string& name : connections_with(core, path.remote.address)) {
        const ManagedConnection& connection = core.connections.at(name);
        if (has_end(connection, path.local.address) && !connection.held_down)
            found.push_back(connection.wanted);
    }
    return found;
}

// The first candidate whose algorithms meet the offer decides; which connection it is, IKE_AUTH will tell.
std::optional<SelectedProposal> choose(const std::vector<const Connection*>& connections,
                                       const std::vector<Proposal>& offered,
                                       bool peer_knows_intermediate) {
    for (const Connection* connection : connections)
        if (auto chosen = select_proposal(
                offered, peer_knows_intermediate
                             ? connection->ike_proposals
                             : without_additional_key_exchanges(connection->ike_proposals)))
            return chosen;
    return std::nullopt;
}

std::string why_no_proposal(const std::vector<const Connection*>& connections, const std::vector<Proposal>& offered) {
    const bool all_require_pq = std::ranges::all_of(connections, &Connection::require_pq);
    std::string why = all_require_pq ? "the peer offers no algorithms with ML-KEM that we accept, and require_pq is set"
                                     : "no common algorithms for the IKE SA";
    why += ": the peer offers " + offer_text(offered);
    for (const Connection* connection : connections | std::views::take(kConnectionsTold))
        why += ", connection \"" + connection->name + "\" has " + offer_text(connection->ike_proposals);
    return why;
}

// Why there are no candidates.
WhyFailed why_nobody(const Core& core, const Path& path) {
    const std::string between = path.local.address.to_string() + " and " + path.remote.address.to_string();
    for (const std::string& name : connections_with(core, path.remote.address)) {
        const ManagedConnection& connection = core.connections.at(name);
        if (connection.held_down && has_end(connection, path.local.address))
            return {Reason::HeldDown, "connection \"" + name + "\" between " + between + " is held down by command", false};
    }
    return {Reason::UnknownPeer, "no connection between " + between, false};
}

// RFC 7296 §3.7: all authorities of all connections this may turn out to be.
std::vector<CertificateRequest> certificate_requests(const Core& core, const Path& path) {
    Bytes authorities;
    bool wanted = false;
    for (const Connection* connection : candidates(core, path)) {
        const auto* peer = std::get_if<PeerCertificate>(&connection->peer_authentication);
        if (peer == nullptr) continue;
        wanted = true;
        for (const Bytes& hash : peer->authority_key_hashes) append(authorities, hash);
    }
    if (!wanted) return {};
    return {CertificateRequest{CertificateEncoding::X509Signature, std::move(authorities)}};
}

void refuse(Core& core, const Path& path, View datagram, const Header& header, const Notify& notify,
            const WhyFailed& why) {
    ++core.statistics.failed_total;
    answer_statelessly(core, path, datagram, header, notify);
    note_stranger_failure(core, path, why);
}

// RFC 7296 §2.6
void challenge(Core& core, const Path& path, View datagram, const Header& header, const Opening& opening) {
    if (!opening.cookie.empty()) core.drop(Dropped::CookieWrong);
    ++core.statistics.cookies_sent;
    const CookieJar::Subject subject{opening.nonce, path.remote, header.initiator_spi};
    answer_statelessly(core, path, datagram, header,
                       make_cookie(core.cookies.make(core.now, core.rng, subject)));
}

// Whoever begins and does not finish makes room for those that come after.
void make_room(Core& core, const xfrm::Address& remote) {
    const auto displaced = core.half_open.to_displace(core.configuration->limits, remote);
    if (!displaced) return;
    core.drop(Dropped::HalfOpenLimit);
    abort_handshake(core, *core.ike_sas.find(*displaced),
                    {Reason::Limit, "gave way to others: too many peers are negotiating", false});
}

// Everything but the key share, which is as long as the peer's.
IkeSaInitResponse response_without_share(const Core& core, const IkeSa& sa) {
    const Handshake& handshake = *sa.handshake;
    IkeSaInitResponse response;
    response.security_association = SecurityAssociation{{handshake.chosen}};
    response.nonce = Nonce{handshake.responder_nonce};
    response.certificate_requests = certificate_requests(core, sa.path);
    response.notifies = our_notifies(sa);
    return response;
}

Bytes write_response(const IkeSa& sa, const IkeSaInitResponse& response) {
    Header header;
    header.initiator_spi = sa.initiator_spi;
    header.responder_spi = sa.responder_spi;
    header.response = true;
    return write_message(header, response.to_payloads());
}

std::size_t response_octets(const Core& core, const IkeSa& sa) {
    IkeSaInitResponse response = response_without_share(core, sa);
    response.key_exchange = KeyExchange{sa.handshake->method, sa.handshake->peer_share};
    return write_response(sa, response).size();
}

// What is left of a request once cookies have been seen to. `proven`: a cookie vouches for the address.
void accept(Core& core, const Path& path, View datagram, const Header& header,
            IkeSaInitRequest request, const Opening& opening, bool proven) {
    const auto connections = candidates(core, path);
    if (connections.empty()) {
        core.drop(Dropped::NoConnection);
        return refuse(core, path, datagram, header, make_notify(NotifyType::NoProposalChosen),
                      why_nobody(core, path));
    }
    const bool peer_knows_intermediate =
        find_notify(request.notifies, NotifyType::IntermediateExchangeSupported) != nullptr;
    const auto chosen =
        choose(connections, request.security_association->proposals, peer_knows_intermediate);
    const auto suite = chosen ? ike_suite_of(chosen->answer) : std::nullopt;
    if (!suite)
        return refuse(core, path, datagram, header, make_notify(NotifyType::NoProposalChosen),
                      {Reason::NoProposalChosen,
                       why_no_proposal(connections, request.security_association->proposals), false});
    if (request.key_exchange->method != suite->method)
        return answer_statelessly(core, path, datagram, header, make_invalid_ke_payload(suite->method));

    IkeSa fresh;
    fresh.role = Role::Responder;
    fresh.initiator_spi = header.initiator_spi;
    fresh.responder_spi = core.fresh_ike_spi();
    fresh.path = path;
    fresh.suite = *suite;
    fresh.nat = detect_nat(request.notifies, header.initiator_spi, header.responder_spi, path);
    fresh.handshake.emplace();
    Handshake& handshake = *fresh.handshake;
    handshake.init_request = to_bytes(datagram);
    handshake.initiator_nonce = std::move(request.nonce->data);
    handshake.responder_nonce = core.fresh_nonce();
    handshake.method = suite->method;
    handshake.peer_share = std::move(request.key_exchange->data);
    handshake.chosen = chosen->answer;
    learn_from_notifies(fresh, request.notifies);
    fresh.handshake->looks_for_nats = find_notify(request.notifies, NotifyType::NatDetectionSourceIp) != nullptr;
    // Certificate requests may make the answer larger than the request: not for an address that may be forged.
    if (!proven && response_octets(core, fresh) > datagram.size())
        return challenge(core, path, datagram, header, opening);
    // What few ask for is not worth a challenge.
    handshake.announces_childless = true;
    if (!proven && response_octets(core, fresh) > datagram.size()) handshake.announces_childless = false;

    make_room(core, path.remote.address);
    IkeSa& sa = core.add(std::move(fresh));
    sa.inbound.begin(sa.handshake->init_request);
    core.arm_in(sa, Timer::GiveUp, core.configuration->limits.half_open_lifetime);
    sa.state = state::MakingResponseShare{
        core.request_crypto(sa, GenerateKeyShare{suite->method, core.fresh_seed()}), {}};
}

// A request of an IKE SA that we know already: a retransmission, or a replay.
void on_known_request(Core& core, IkeSa& sa, const Path& path, View datagram) {
    switch (sa.inbound.classify(MessageId{0}, datagram)) {
        case Arrival::Duplicate: return core.transmit(path, sa.inbound.response());
        case Arrival::InProgress: return core.drop(Dropped::StillComputing);
        case Arrival::Next:
        case Arrival::Stale:
        case Arrival::Ahead: return core.drop(Dropped::StaleMessageId);
    }
}

// RFC 7296 §2.23: an initiator may begin at the port of NAT traversal. Each second attempt is made where the peer is configured.
Path path_to_peer(const Core& core, const ManagedConnection& connection, const xfrm::Address& remote) {
    const auto port = port_through_nat(connection);
    if (port && connection.failures % 2 == 0)
        return {{connection.local, core.options.nat_port}, {connection.remote, *port}, true};
    return {{connection.local, core.options.port}, {remote, connection.wanted->remote_port}, false};
}

// Where an IKE SA is made anew in place of one that there is: behind a NAT the peer can be reached as that one reaches it alone.
std::optional<Path> path_of_replaced(Core& core, std::optional<SaHandle> replaces) {
    const IkeSa* former = replaces ? core.ike_sas.find(*replaces) : nullptr;
    if (former == nullptr || !former->path.encapsulated || !former->nat.remote) return std::nullopt;
    return former->path;
}

}  // namespace

// ---- initiator -------------------------------------------------------------------------------------------------

void initiate(Core& core, ManagedConnection& connection, std::optional<SaHandle> replaces) {
    const Connection& wanted = *connection.wanted;
    if (!replaces) return_to_configured_ends(core, connection);
    IkeSa fresh;
    fresh.role = Role::Initiator;
    fresh.initiator_spi = core.fresh_ike_spi();
    fresh.path = path_of_replaced(core, replaces)
                     .value_or(path_to_peer(core, connection, replaces ? connection.remote : remote_to_try(connection)));
    fresh.handshake.emplace();
    fresh.handshake->initiator_nonce = core.fresh_nonce();
    fresh.handshake->offered = as_offer(wanted.ike_proposals, {});
    fresh.handshake->announces_childless = wanted.childless;
    fresh.handshake->looks_for_nats = wanted.nat_traversal;
    fresh.replaces = replaces;
    if (!wanted.children.empty()) {
        fresh.handshake->child = first_wanted_child(core, connection).name;
        fresh.handshake->acquire_sequence = take_acquire_sequence(connection, fresh.handshake->child);
    }
    IkeSa& sa = core.add(std::move(fresh));
    core.assign(sa, wanted.name);
    const auto methods = key_exchange_methods(wanted.ike_proposals);
    if (methods.empty())
        return abort_handshake(core, sa, {Reason::NoProposalChosen, "no group is configured", false});
    core.progress(sa, "negotiation started");
    make_share(core, sa, methods.front());
}

void on_init_share(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr;
    if (share == nullptr) return abort_handshake(core, sa, failure_of(outcome));
    Handshake& handshake = *sa.handshake;
    handshake.private_share = std::move(share->private_share);
    handshake.peer_share = std::move(share->public_share);  // ours, until the peer's comes
    handshake.init_request = write_request(sa, {handshake.method, handshake.peer_share});
    send_init_request(core, sa);
    core.progress(sa, "IKE_SA_INIT sent");
}

void on_response(Core& core, IkeSa& sa, const Path& path, View datagram, Message message) {
    auto response = IkeSaInitResponse::from_payloads(std::move(message.payloads));
    if (!response) return core.drop(Dropped::Malformed);
    // The true one comes from where the request went, through every NAT; nothing in it vouches for that, and another
    // source would pass for a NAT that the peer knows nothing of.
    if (path != sa.path) return core.drop(Dropped::UnsolicitedResponse);
    if (!response->is_normal()) return on_error_response(core, sa, *response);
    if (message.header.responder_spi.is_zero()) return core.drop(Dropped::Malformed);
    Handshake& handshake = *sa.handshake;
    const auto suite = check_choice(core, sa, *response);
    // RFC 7296 §2.21.1: a forged response must not end what the true responder may still answer.
    if (!suite) return take_hint(core, sa, Reason::NoProposalChosen, suite.error());

    static_cast<void>(sa.outbound.accept_response(message.header.message_id));
    core.disarm_all(sa);
    handshake.hint.reset();
    sa.responder_spi = message.header.responder_spi;
    sa.suite = *suite;
    handshake.init_response = to_bytes(datagram);
    handshake.responder_nonce = std::move(response->nonce->data);
    handshake.peer_share = std::move(response->key_exchange->data);
    learn_from_notifies(sa, response->notifies);
    if (handshake.looks_for_nats) sa.nat = detect_nat(response->notifies, sa.initiator_spi, sa.responder_spi, path);
    const Connection* wanted = core.wanted_of(sa);
    // RFC 4555 §3.3: a later path may have a NAT; who could not see one answers without its digests.
    const bool prepared = wanted != nullptr && wanted->mobike && handshake.looks_for_nats &&
                          find_notify(response->notifies, NotifyType::NatDetectionSourceIp) != nullptr;
    if (!sa.path.encapsulated && (sa.nat.any() || prepared)) {
        // RFC 7296 §2.23: from IKE_AUTH on both ports are 4500.
        sa.path = beside_esp(sa.path, core.options.nat_port);
        core.progress(sa, std::string{sa.nat.any() ? "NAT detected, going" : "going"} + " on over UDP port 4500");
    }
    core.progress(sa, "IKE_SA_INIT answered: " + to_string(sa.suite));
    sa.state = state::AgreeingAsInitiator{core.request_crypto(
        sa, AgreeOnKey{handshake.method, std::move(handshake.private_share), handshake.peer_share})};
}

void on_initiator_secret(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* secret = outcome ? std::get_if<SharedSecret>(&*outcome) : nullptr;
    if (secret == nullptr) return abort_handshake(core, sa, failure_of(outcome));
    if (!derive_keys(sa, secret->secret.view()))
        return abort_handshake(core, sa, {Reason::InvalidKeyExchange, "key derivation failed", false});
    if (ike_intermediate::is_due(sa)) return ike_intermediate::begin(core, sa);
    ike_auth::prepare_request(core, sa);
}

// ---- responder -------------------------------------------------------------------------------------------------

void on_request(Core& core, const Path& path, View datagram, const Header& header) {
    const auto known = core.by_init_request.find({header.initiator_spi, path.remote});
    if (known != core.by_init_request.end())
        return on_known_request(core, *core.ike_sas.find(known->second), path, datagram);
    if (header.initiator_spi.is_zero() || header.message_id != MessageId{0} || core.shutting_down)
        return core.drop(Dropped::NotAllowedInState);
    if (core.ike_sas.size() >= core.configuration->limits.ike_sas_max)
        return core.drop(Dropped::IkeSaLimit);
    const auto opening = find_opening(datagram);
    if (!opening) return core.drop(Dropped::Malformed);
    const CookieJar::Subject subject{opening->nonce, path.remote, header.initiator_spi};
    const bool proven = core.cookies.verify(core.now, core.rng, subject, opening->cookie);
    // Before anything is parsed.
    if (!proven && wants_cookie(core.half_open, core.configuration->limits, path.remote.address))
        return challenge(core, path, datagram, header, *opening);
    auto message = parse_message(datagram);
    if (!message) {
        core.drop(Dropped::Malformed);
        // RFC 7296 §2.5
        if (message.error().fault == DecodeFault::UnsupportedCriticalPayload)
            answer_statelessly(core, path, datagram, header,
                               make_unsupported_critical_payload(message.error().payload));
        return;
    }
    auto request = IkeSaInitRequest::from_payloads(std::move(message->payloads));
    if (!request || !request->security_association) return core.drop(Dropped::Malformed);
    accept(core, path, datagram, header, *std::move(request), *opening, proven);
}

void on_response_share(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr;
    if (share == nullptr) return abort_handshake(core, sa, failure_of(outcome));
    Handshake& handshake = *sa.handshake;
    handshake.private_share = std::move(share->private_share);

    IkeSaInitResponse response = response_without_share(core, sa);
    response.key_exchange = KeyExchange{handshake.method, std::move(share->public_share)};
    handshake.init_response = write_response(sa, response);
    sa.inbound.complete({handshake.init_response});
    sa.state = state::InitAnswered{};
    core.transmit(sa.path, handshake.init_response);
}

void begin_agreement(Core& core, IkeSa& sa, const Datagram& waiting_request) {
    Handshake& handshake = *sa.handshake;
    // One job an IKE SA, whatever is sent to it: the shares are used up by it.
    sa.state = state::AgreeingAsResponder{
        core.request_crypto(sa, AgreeOnKey{handshake.method, std::move(handshake.private_share),
                                           std::move(handshake.peer_share)}),
        {waiting_request}};
}

void await_agreement(Core& core, IkeSa& sa, const Datagram& fragment) {
    auto& waiting = std::get<state::AgreeingAsResponder>(sa.state).waiting;
    const Limits& limits = core.configuration->limits;
    std::size_t octets = fragment.octets.size();
    for (const Datagram& each : waiting) {
        if (each == fragment) return core.drop(Dropped::FragmentRepeated);
        octets += each.octets.size();
    }
    if (waiting.size() >= limits.fragments_max || octets > limits.reassembly_octets_max)
        return core.drop(Dropped::FragmentLimit);
    waiting.push_back(fragment);
}

bool on_responder_secret(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* secret = outcome ? std::get_if<SharedSecret>(&*outcome) : nullptr;
    if (secret == nullptr) {
        abort_handshake(core, sa, failure_of(outcome));
        return false;
    }
    if (!derive_keys(sa, secret->secret.view())) {
        abort_handshake(core, sa, {Reason::InvalidKeyExchange, "key derivation failed", false});
        return false;
    }
    sa.state = state::KeysReady{};
    return true;
}

}  // namespace xfrmd::ike::ike_sa_init
