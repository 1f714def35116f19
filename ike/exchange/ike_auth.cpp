// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/ike_auth.h"

#include <algorithm>
#include <ranges>

#include "ike/auth/psk.h"
#include "ike/bundle.h"
#include "ike/child_lifecycle.h"
#include "ike/child_offer.h"
#include "ike/connections.h"
#include "ike/crash_detection.h"
#include "ike/demand.h"
#include "ike/establish.h"
#include "ike/exchange/mobike.h"
#include "ike/exchange/reasons.h"
#include "ike/former_sas.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/suite_select.h"
#include "ike/policy/traffic_selector_wire.h"
#include "ike/sealed_message.h"
#include "ike/serving.h"
#include "ike/teardown.h"
#include "ike/wire/messages.h"
#include "ike/wire/names.h"
#include "netlink/model/result.h"

namespace xfrmd::ike::ike_auth {

namespace {

// How many connections a refusal tells whom they accept.
constexpr std::size_t kCandidatesTold = 3;

// ---- AUTH, for both sides

// What the signer has said in IKE_SA_INIT, and has heard too if both sides announced that they
// prove it.
Bytes first_messages(const Handshake& handshake, Role signer) {
    const bool initiator = signer == Role::Initiator;
    const Bytes& sent = initiator ? handshake.init_request : handshake.init_response;
    const Bytes& received = initiator ? handshake.init_response : handshake.init_request;
    return handshake.full_transcript ? full_transcript(received, sent) : sent;
}

// RFC 7296 §2.15: the first message of whoever authenticates, the other's nonce, the own identity.
// RFC 9242 §3.3.2: and what came between IKE_SA_INIT and IKE_AUTH, whose message ids follow each
// other from zero.
std::expected<Bytes, CryptoError> octets_to_sign(const IkeSa& sa, Role signer, const Identity& identity) {
    const Handshake& handshake = *sa.handshake;
    const bool initiator = signer == Role::Initiator;
    const Secret maced = TRY(maced_identity(
        sa.suite.prf, (initiator ? handshake.sk_pi : handshake.sk_pr).view(), identity));
    return signed_octets(first_messages(handshake, signer),
                         initiator ? handshake.responder_nonce : handshake.initiator_nonce,
                         maced.view(), handshake.intermediate_auth,
                         MessageId{static_cast<std::uint32_t>(handshake.intermediates + 1)});
}

CryptoJob own_authentication_job(Core& core, const IkeSa& sa, const Connection& wanted, Bytes octets) {
    if (const auto* secret = std::get_if<LocalSecret>(&wanted.local_authentication))
        return AuthenticateWithSecret{secret->secret, sa.suite.prf, std::move(octets)};
    const auto& certificate = std::get<LocalCertificate>(wanted.local_authentication);
    return SignWithIdentity{certificate.identity, sa.handshake->peer_hashes, std::move(octets),
                            core.fresh_seed()};
}

// Begins our own AUTH; nothing if it cannot even be begun.
std::optional<JobId> begin_own_authentication(Core& core, IkeSa& sa, const Connection& wanted) {
    auto octets = octets_to_sign(sa, sa.role, wanted.local_id);
    if (!octets) return std::nullopt;
    return core.request_crypto(sa, own_authentication_job(core, sa, wanted, *std::move(octets)));
}

std::expected<Authentication, WhyFailed> own_authentication(CryptoOutcome outcome) {
    if (!outcome) return std::unexpected{failure_of(outcome)};
    if (const auto* mac = std::get_if<Mac>(&*outcome))
        return Authentication{AuthMethod::SharedKey, to_bytes(mac->mac.view())};
    if (auto* signature = std::get_if<Authentication>(&*outcome)) return std::move(*signature);
    return std::unexpected{failure_of(outcome)};
}

std::vector<Certificate> own_certificates(const Connection& wanted) {
    std::vector<Certificate> certificates;
    if (const auto* local = std::get_if<LocalCertificate>(&wanted.local_authentication))
        for (const Bytes& der : local->chain)
            certificates.push_back({CertificateEncoding::X509Signature, der});
    return certificates;
}

// Begins the check of the peer's AUTH. The connection decides the method; what the peer would rather is not asked.
std::expected<JobId, WhyFailed> begin_peer_verification(Core& core, IkeSa& sa, const Connection& wanted,
                                                        const Authentication& authentication,
                                                        const std::vector<Certificate>& certificates) {
    const Role peer_role = sa.role == Role::Initiator ? Role::Responder : Role::Initiator;
    auto octets = octets_to_sign(sa, peer_role, sa.handshake->peer_id);
    if (!octets) return std::unexpected{failure_of(octets.error())};
    if (const auto* secret = std::get_if<PeerSecret>(&wanted.peer_authentication)) {
        if (authentication.method != AuthMethod::SharedKey)
            return std::unexpected{WhyFailed{Reason::AuthenticationFailed,
                                             "the peer must prove the pre-shared key, but used " +
                                                 name(authentication.method), false}};
        return core.request_crypto(
            sa, AuthenticateWithSecret{secret->secret, sa.suite.prf, *std::move(octets)});
    }
    if (authentication.method == AuthMethod::SharedKey)
        return std::unexpected{WhyFailed{Reason::AuthenticationFailed,
                                         "the peer must prove a certificate, but used a pre-shared key", false}};
    VerifyPeer job;
    job.trust = std::get<PeerCertificate>(wanted.peer_authentication).trust;
    job.peer = sa.handshake->peer_id;
    for (const Certificate& certificate : certificates)
        if (certificate.encoding == CertificateEncoding::X509Signature)
            job.certificates.push_back(certificate.data);
    job.authentication = authentication;
    job.octets = *std::move(octets);
    return core.request_crypto(sa, std::move(job));
}

// The verdict on the peer. A shared secret's MAC is compared here, a signature was checked by the job.
std::expected<void, WhyFailed> peer_verdict(const CryptoOutcome& outcome, const Authentication& claimed) {
    if (!outcome) {
        WhyFailed why = failure_of(outcome);
        return std::unexpected{std::move(why)};
    }
    if (std::holds_alternative<Verified>(*outcome)) return {};
    const auto* mac = std::get_if<Mac>(&*outcome);
    if (mac == nullptr) return std::unexpected{failure_of(outcome)};
    if (!equal_in_constant_time(mac->mac.view(), claimed.data))
        return std::unexpected{WhyFailed{Reason::AuthenticationFailed,
                                         "the pre-shared keys of the two sides differ", false}};
    return {};
}

// ---- the child, for both sides

// RFC 7296 §1.2: the first child lives on the key exchange of IKE_SA_INIT.
std::vector<Proposal> first_child_proposals(const Child& wanted) {
    return without_key_exchange(wanted.proposals);
}

// What else of it must be reserved before the exchange can go on. Nothing if a reload took the child away, which is told later.
std::optional<RequestId> reserve_for_first_child(Core& core, const IkeSa& sa, const ChildOffer& offer) {
    const Connection* wanted = core.wanted_of(sa);
    const Child* child = wanted != nullptr ? find_child(*wanted, sa.handshake->child) : nullptr;
    return child == nullptr ? std::nullopt : reserve_spi(core, sa, *child, offer);
}

// Hands all SAs to the kernel as one unit. If the child `replaces` one that is in use, the inbound ones alone: the
// peer, who makes it, cannot receive before it has our answer. Likewise with one of a bundle, which waits for the other. Nothing if the keys cannot be derived.
std::optional<RequestId> install(Core& core, const IkeSa& sa, const Child& wanted, ChildSa& child, bool replaces) {
    const Handshake& handshake = *sa.handshake;
    // RFC 7296 §2.17: the nonces of IKE_SA_INIT serve the first child.
    auto keys = derive_child_keys(child.suite, sa.suite.prf, sa.sk_d.view(),
                                  handshake.initiator_nonce, handshake.responder_nonce);
    if (!keys) return std::nullopt;
    auto request = install_request(child, *keys, sa.role, wanted, handshake.acquire_sequence);
    if (replaces || wanted.bundle) hold_outbound_back(child, request);
    return core.request_kernel({sa.self, child.all_sas(), false, {}}, std::move(request));
}

// ---- initiator

Payload error_payload(Reason reason) {
    const bool syntax = reason == Reason::InvalidSyntax;
    return make_notify(syntax ? NotifyType::InvalidSyntax : NotifyType::AuthenticationFailed);
}

void reject(Core& core, IkeSa& sa, const WhyFailed& why) {
    reject_peer(core, sa, why, error_payload(why.reason));
}

// The IKE SA is sound but its child is not: the IKE SA is deleted, since without a child it serves nobody. The peer has heard
// that we have restarted, and has none of the SAs of our former run any more.
void reject_child(Core& core, IkeSa& sa, const WhyFailed& why) {
    if (ManagedConnection* connection = core.connection_of(sa)) remove_former(core, *connection);
    reject_peer(core, sa, why, Delete{ProtocolId::Ike, {}});
}

void send_request_when_ready(Core& core, IkeSa& sa) {
    auto& preparing = std::get<state::PreparingAuthRequest>(sa.state);
    if (preparing.spi_request || !preparing.authentication) return;
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr)
        return abort_handshake(core, sa, configuration_changed());
    const Child& child = *find_child(*wanted, sa.handshake->child);

    ChildOffer offer = std::move(preparing.child);
    IkeAuthRequest request;
    request.initiator_id = IdentificationInitiator{wanted->local_id};
    request.certificates = own_certificates(*wanted);
    if (const auto* peer = std::get_if<PeerCertificate>(&wanted->peer_authentication)) {
        Bytes authorities;
        for (const Bytes& hash : peer->authority_key_hashes) append(authorities, hash);
        request.certificate_requests = {{CertificateEncoding::X509Signature, std::move(authorities)}};
    }
    if (wanted->peer_id.exact()) request.responder_id = IdentificationResponder{*wanted->peer_id.exact()};
    request.authentication = std::move(preparing.authentication);
    if (!sa.handshake->childless) {
        request.security_association =
            SecurityAssociation{child_proposals(first_child_proposals(child), offer.inbound_spi)};
        request.initiator_selectors = TrafficSelectorsInitiator{to_wire(child.local)};
        request.responder_selectors = TrafficSelectorsResponder{to_wire(child.remote)};
        request.notifies = child_notifies(child.mode, offer.inbound_cpi);
    }
    if (is_initial_contact(core, sa))
        request.notifies.push_back(make_notify(NotifyType::InitialContact));
    announce_crash_token(core, sa.local_spi(), request.notifies);
    mobike::announce(*wanted, sa.path, request.notifies);
    announce_bundles(*wanted, request.vendor_ids);
    sa.local_id = to_string(wanted->local_id);
    sa.state = state::AuthSent{std::move(offer)};
    send_request(core, sa, ExchangeType::IkeAuth, request.to_payloads());
    core.progress(sa, "IKE_AUTH sent");
}

// RFC 6023 §4: the first child follows in an exchange of its own.
void establish_childless(Core& core, IkeSa& sa) {
    sa.tasks.push_back(task::CreateChild{sa.handshake->child, sa.handshake->acquire_sequence});
    establish(core, sa, std::nullopt, false);
}

WhyFailed said_by_peer(const Notify& error) { return {reason_of(error.type), answered(error.type), true}; }

// It does not say why it refuses us; what it was told may show that.
WhyFailed rejected_by_peer(const Notify& error, const Connection& wanted) {
    WhyFailed why = said_by_peer(error);
    if (why.reason != Reason::AuthenticationFailed) return why;
    const auto* certificate = std::get_if<LocalCertificate>(&wanted.local_authentication);
    why.detail += "; we are \"" + to_string(wanted.local_id) + "\", by " +
                  (certificate != nullptr ? "the certificate of identity \"" + certificate->identity + "\""
                                          : std::string{"the pre-shared key"});
    return why;
}

// ---- responder

// Sends the peer away, sealed. RFC 7296 §2.21.2
void refuse(Core& core, IkeSa& sa, const Notify& notify, const WhyFailed& why) {
    send_response(core, sa, ExchangeType::IkeAuth, notify);
    refuse_handshake(core, sa, why);
}

void refuse_authentication(Core& core, IkeSa& sa, const WhyFailed& why) {
    refuse(core, sa, make_notify(NotifyType::AuthenticationFailed), why);
}

// What this connection demands of IKE_SA_INIT and did not get; which connection it would be was not
// known then.
std::optional<std::string> unmet_demand(const IkeSa& sa, const Connection& wanted) {
    const std::string agreed = "IKE_SA_INIT agreed on " + to_string(sa.suite);
    if (wanted.require_pq && !is_quantum_resistant(sa.suite))
        return agreed + ", but require_pq of connection \"" + wanted.name + "\" is set";
    if (!select_proposal({sa.handshake->chosen}, wanted.ike_proposals))
        return agreed + ", which connection \"" + wanted.name + "\" does not allow";
    if (!wanted.nat_traversal && sa.nat.any())
        return "a NAT is between us and the peer, and nat_traversal of connection \"" + wanted.name + "\" is off";
    if (wanted.require_transcript_auth && !sa.handshake->full_transcript)
        return "the peer does not prove the whole IKE_SA_INIT, but require_transcript_auth of "
               "connection \"" +
               wanted.name + "\" is set";
    return std::nullopt;
}

// The connections between these two addresses, those that are held down too.
std::vector<const ManagedConnection*> between_these_ends(const Core& core, const IkeSa& sa) {
    std::vector<const ManagedConnection*> found;
    for (const std::string& name : connections_with(core, sa.path.remote.address)) {
        const ManagedConnection& connection = core.connections.at(name);
        if (has_end(connection, sa.path.local.address)) found.push_back(&connection);
    }
    return found;
}

// Whom they would have accepted, and as whom: `connection "gw" accepts "*.example.net" and is "gw.example.net"`.
std::string accepted_by(const std::vector<const ManagedConnection*>& candidates) {
    std::string text;
    for (const ManagedConnection* candidate : candidates | std::views::take(kCandidatesTold)) {
        const Connection& wanted = *candidate->wanted;
        text += "; connection \"" + wanted.name + "\" accepts \"" + wanted.peer_id.to_string() + "\" and is \"" +
                to_string(wanted.local_id) + "\"";
    }
    return text;
}

// The one connection for this pair of identities, this way of authentication and these algorithms.
// RFC 7296 §2.15: IDr, if given, says whom the initiator wants to talk to.
std::expected<const Connection*, WhyFailed> find_connection(const Core& core, const IkeSa& sa,
                                                            const IkeAuthRequest& request) {
    const Identity& initiator = request.initiator_id->value;
    const bool secret = request.authentication->method == AuthMethod::SharedKey;
    const Connection* identity_fits = nullptr;
    const Connection* held_down = nullptr;
    std::string unmet;
    const auto candidates = between_these_ends(core, sa);
    for (const ManagedConnection* candidate : candidates) {
        const Connection& wanted = *candidate->wanted;
        if (!wanted.peer_id.matches(initiator)) continue;
        if (request.responder_id && request.responder_id->value != wanted.local_id) continue;
        if (candidate->held_down) {
            held_down = &wanted;
            continue;
        }
        if (auto why = unmet_demand(sa, wanted)) {
            unmet = *std::move(why);
            continue;
        }
        identity_fits = &wanted;
        if (std::holds_alternative<PeerSecret>(wanted.peer_authentication) == secret) return &wanted;
    }
    if (identity_fits != nullptr) return identity_fits;
    if (!unmet.empty()) return std::unexpected{WhyFailed{Reason::NoProposalChosen, unmet, false}};
    if (held_down != nullptr)
        return std::unexpected{WhyFailed{Reason::HeldDown, "connection \"" + held_down->name + "\" with peer \"" +
                                                                  to_string(initiator) + "\" is held down by command", false}};
    return std::unexpected{WhyFailed{
        Reason::IdentityMismatch,
        "no connection with " + sa.path.remote.address.to_string() + " accepts peer \"" +
            to_string(initiator) + "\"" +
            (request.responder_id ? " asking for \"" + to_string(request.responder_id->value) + "\"" : "") +
            accepted_by(candidates),
        false}};
}

IkeAuthResponse begin_response(const IkeSa& sa, const Connection& wanted, const Authentication& authentication) {
    IkeAuthResponse response;
    response.responder_id = IdentificationResponder{wanted.local_id};
    response.certificates = own_certificates(wanted);
    response.authentication = authentication;
    const auto lifetime = std::chrono::floor<std::chrono::seconds>(wanted.reauthenticate).count();
    if (lifetime > 0)
        response.notifies.push_back(make_auth_lifetime(static_cast<std::uint32_t>(lifetime)));
    if (sa.mobility.in_use) mobike::announce(wanted, sa.path, response.notifies);
    announce_bundles(wanted, response.vendor_ids);
    return response;
}

// Authenticated, but without a child: it was refused (RFC 7296 §2.21.2), and the initiator will see to the IKE SA, as we do
// after a while; or none was asked for.
void answer_without_child(Core& core, IkeSa& sa, const Connection& wanted,
                          const Authentication& authentication, std::optional<NotifyType> refusal,
                          bool initial_contact) {
    IkeAuthResponse response = begin_response(sa, wanted, authentication);
    if (refusal) response.notifies.push_back(make_notify(*refusal));
    announce_crash_token(core, sa.local_spi(), response.notifies);
    send_response(core, sa, ExchangeType::IkeAuth, response.to_payloads());
    establish(core, sa, std::nullopt, initial_contact);
}

// A refusal of the child that is told to people at once, whatever becomes of the IKE SA.
void announce_refused_child(Core& core, const IkeSa& sa, const WhyFailed& why) {
    ++core.statistics.failed_total;
    if (ManagedConnection* connection = core.connection_of(sa)) {
        static_cast<void>(attempt_failed(core, *connection, why));
        core.emit(NegotiationFailed{sa.connection, sa.role, sa.path.remote, why.reason, why.detail,
                                    why.said_by_peer, Duration{0}});
    }
}

// Another host may have come first while this one was authenticated.
void refuse_if_taken(Core& core, IkeSa& sa, const Connection& wanted) {
    auto& preparing = std::get<state::PreparingAuthResponse>(sa.state);
    if (preparing.refusal || sa.handshake->childless) return;
    const auto free = is_free_for(core, sa, *find_child(wanted, sa.handshake->child));
    if (free) return;
    release_spi(core, sa, preparing.child);
    preparing.child = {};
    preparing.refusal = NotifyType::TsUnacceptable;
    announce_refused_child(core, sa, free.error());
}

void install_when_ready(Core& core, IkeSa& sa) {
    auto& preparing = std::get<state::PreparingAuthResponse>(sa.state);
    if (preparing.spi_request || preparing.auth_job) return;
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr)
        return refuse_authentication(core, sa, configuration_changed());
    refuse_if_taken(core, sa, *wanted);
    if (preparing.refusal || sa.handshake->childless) {
        const Authentication authentication = *preparing.authentication;
        return answer_without_child(core, sa, *wanted, authentication, preparing.refusal,
                                    preparing.initial_contact);
    }
    const Child& child = *find_child(*wanted, sa.handshake->child);
    ChildSa made = make_child(core, sa, child, preparing.child, sa.role);
    const auto request =
        install(core, sa, child, made, takes_over(core, sa, child.name, preparing.initial_contact));
    if (!request)
        return refuse_authentication(core, sa, {Reason::CredentialUnusable, "key derivation failed", false});
    sa.state = state::InstallingAsResponder{*request, std::move(made), *std::move(preparing.child.chosen),
                                            preparing.initial_contact,
                                            *std::move(preparing.authentication)};
}

// No child is configured, and no policy in the kernel asks for one.
ChildRefusal nothing_to_protect() {
    return {NotifyType::TsUnacceptable, {Reason::TrafficSelectorsUnacceptable,
                                         "no policy in the kernel protects traffic with this peer", false}};
}

// Somebody's copy came before the true IKE_AUTH, which is a repetition now: where the peer is follows from what both said.
// RFC 7296 §2.23: with a NAT it has gone on to port 4500; RFC 4555 §3.3: with MOBIKE, too, if both look for NATs.
void find_peer_of_copy(const Core& core, IkeSa& sa, const Connection& wanted) {
    const bool prepared = sa.mobility.in_use && sa.handshake->looks_for_nats && wanted.nat_traversal;
    if (sa.handshake->passed_on && !sa.path.encapsulated && (sa.nat.any() || prepared))
        sa.path = beside_esp(sa.path, core.options.nat_port);
}

// The peer is who it says: its child, or why not, and our own AUTH.
void answer_authenticated(Core& core, IkeSa& sa, const IkeAuthRequest& request) {
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) return refuse_authentication(core, sa, configuration_changed());
    if (mobike::is_translated(sa.path, request.notifies))
        return refuse(core, sa, make_notify(NotifyType::UnexpectedNatDetected),
                      {Reason::RefusedBehindNat, "the peer forbids NATs, and its packets come from another address than it has", false});
    sa.peer_crash_token = Secret{View{find_crash_token(request.notifies)}};
    mobike::agree(sa, *wanted, request.notifies);
    find_peer_of_copy(core, sa, *wanted);
    sa.peer_knows_bundles = knows_bundles(request.vendor_ids);

    state::PreparingAuthResponse preparing;
    if (request.asks_for_child()) {
        const ChildPayloads asked = asked_of_us(sa, request);
        const Child* child = choose_child(asked, wanted->children);
        if (child != nullptr) sa.handshake->child = child->name;
        auto granted = child != nullptr ? grant_child(sa, asked, *child, first_child_proposals(*child))
                                        : std::unexpected{nothing_to_protect()};
        if (granted) {
            preparing.child = *std::move(granted);
            preparing.spi_request = reserve_spi(core, sa, *child, preparing.child);
        } else {
            preparing.refusal = granted.error().notify;
            announce_refused_child(core, sa, granted.error().why);
        }
    } else {
        sa.handshake->childless = true;  // RFC 6023 §4
    }
    preparing.initial_contact = find_notify(request.notifies, NotifyType::InitialContact) != nullptr;
    preparing.auth_job = begin_own_authentication(core, sa, *wanted);
    const bool begun = preparing.auth_job.has_value();
    sa.state = std::move(preparing);
    if (!begun)
        refuse_authentication(core, sa, {Reason::CredentialUnusable, "our AUTH cannot be computed", false});
}

}  // namespace

// ---- initiator -------------------------------------------------------------------------------------------------

void prepare_request(Core& core, IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr || wanted->children.empty())
        return abort_handshake(core, sa, configuration_changed());
    const Child& child = *find_child(*wanted, sa.handshake->child);
    if (auto fits = fits_path(sa, child); !fits) return abort_handshake(core, sa, fits.error());
    sa.handshake->childless = wanted->childless && sa.handshake->peer_knows_childless;
    std::optional<RequestId> spi;
    if (!sa.handshake->childless) spi = reserve_spi(core, sa, child, {});
    const auto job = begin_own_authentication(core, sa, *wanted);
    sa.state = state::PreparingAuthRequest{spi, job, ask_for(child), {}};
    if (!job)
        abort_handshake(core, sa, {Reason::CredentialUnusable, "our AUTH cannot be computed", false});
}

void on_request_spi(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    if (!result) return abort_handshake(core, sa, {Reason::KernelRefused, result.error().what, false});
    auto& preparing = std::get<state::PreparingAuthRequest>(sa.state);
    take_spi(preparing.child, std::get<xfrm::EspSpi>(*result));
    preparing.spi_request = reserve_for_first_child(core, sa, preparing.child);
    send_request_when_ready(core, sa);
}

void on_request_authentication(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto authentication = own_authentication(std::move(outcome));
    if (!authentication) return abort_handshake(core, sa, authentication.error());
    auto& preparing = std::get<state::PreparingAuthRequest>(sa.state);
    preparing.auth_job.reset();
    preparing.authentication = *std::move(authentication);
    send_request_when_ready(core, sa);
}

void on_response(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    auto response = std::move(payloads).and_then(IkeAuthResponse::from_payloads);
    if (!response) return reject(core, sa, failure_of(response.error()));
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) return reject_child(core, sa, configuration_changed());
    if (!response->authentication || !response->responder_id) {
        // RFC 7296 §2.21.2: the peer did not authenticate itself, but who has the keys of the IKE SA said so.
        const Notify* error = find_error(response->notifies);
        if (error != nullptr) return abort_handshake(core, sa, rejected_by_peer(*error, *wanted));
        return reject(core, sa, {Reason::AuthenticationFailed, "the peer did not authenticate itself", false});
    }
    sa.handshake->peer_id = response->responder_id->value;
    sa.peer_id = to_string(response->responder_id->value);
    if (!wanted->peer_id.matches(response->responder_id->value))
        return reject(core, sa, {Reason::IdentityMismatch,
                                 "the peer is \"" + sa.peer_id + "\", this connection wants \"" +
                                     wanted->peer_id.to_string() + "\"", false});
    auto job = begin_peer_verification(core, sa, *wanted, *response->authentication, response->certificates);
    if (!job) return reject(core, sa, job.error());
    auto child = std::move(std::get<state::AuthSent>(sa.state).child);
    sa.state = state::VerifyingResponder{*job, *std::move(response), std::move(child)};
}

void on_responder_verified(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto& verifying = std::get<state::VerifyingResponder>(sa.state);
    if (auto verdict = peer_verdict(outcome, *verifying.response.authentication); !verdict)
        return reject(core, sa, verdict.error());
    core.progress(sa, "peer authenticated as " + sa.peer_id);
    sa.peer_crash_token = Secret{View{find_crash_token(verifying.response.notifies)}};
    sa.peer_auth_lifetime = find_auth_lifetime(verifying.response.notifies);
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) return reject_child(core, sa, configuration_changed());
    mobike::agree(sa, *wanted, verifying.response.notifies);
    sa.peer_knows_bundles = knows_bundles(verifying.response.vendor_ids);
    const bool granted = verifying.response.grants_child();
    const Notify* error = find_error(verifying.response.notifies);
    if (!granted && error != nullptr) {
        const Child* asked = find_child(*wanted, sa.handshake->child);
        return reject_child(core, sa, asked == nullptr ? said_by_peer(*error)
                                                       : child_refused(error->type, *asked, first_child_proposals(*asked)));
    }
    if (granted == sa.handshake->childless)
        return reject_child(core, sa, {Reason::Unexpected,
                                       granted ? "the peer granted a child that was not asked for"
                                               : "the peer granted no child", true});
    if (!granted) return establish_childless(core, sa);
    const Child& child = *find_child(*wanted, sa.handshake->child);
    const auto accepted = accept_grant(granted_to_us(sa, verifying.response), child,
                                       first_child_proposals(child), verifying.child);
    if (!accepted) return reject_child(core, sa, accepted.error());
    ChildSa made = make_child(core, sa, child, verifying.child, sa.role);
    const auto request = install(core, sa, child, made, false);
    if (!request)
        return reject_child(core, sa, {Reason::CredentialUnusable, "key derivation failed", false});
    sa.state = state::InstallingAsInitiator{*request, std::move(made)};
}

void on_initiator_installed(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    if (!result) return reject_child(core, sa, {Reason::KernelRefused, result.error().what, false});
    ChildSa child = std::move(std::get<state::InstallingAsInitiator>(sa.state).child);
    core.progress(sa, "child " + child.name + " installed: " + to_string(child.suite));
    establish(core, sa, std::move(child), false);
}

// ---- responder -------------------------------------------------------------------------------------------------

void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads) {
    auto request = std::move(payloads).and_then(IkeAuthRequest::from_payloads);
    if (!request) return refuse(core, sa, notify_of(request.error()), failure_of(request.error()));
    if (!request->initiator_id)
        return refuse(core, sa, make_notify(NotifyType::InvalidSyntax),
                      {Reason::InvalidSyntax, "IKE_AUTH without IDi", false});
    sa.handshake->peer_id = request->initiator_id->value;
    sa.peer_id = to_string(request->initiator_id->value);
    // RFC 7296 §2.16: leaving AUTH out asks for EAP.
    if (!request->authentication)
        return refuse_authentication(core, sa, {Reason::AuthenticationFailed,
                                                "the peer asks for EAP, which is not configured", false});
    const auto wanted = find_connection(core, sa, *request);
    if (!wanted) return refuse_authentication(core, sa, wanted.error());
    core.assign(sa, (*wanted)->name);
    sa.local_id = to_string((*wanted)->local_id);
    auto job = begin_peer_verification(core, sa, **wanted, *request->authentication, request->certificates);
    if (!job) return refuse_authentication(core, sa, job.error());
    sa.state = state::VerifyingInitiator{*job, *std::move(request)};
}

void on_initiator_verified(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    const IkeAuthRequest request = std::move(std::get<state::VerifyingInitiator>(sa.state).request);
    if (auto verdict = peer_verdict(outcome, *request.authentication); !verdict)
        return refuse_authentication(core, sa, verdict.error());
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr) return refuse_authentication(core, sa, configuration_changed());
    core.progress(sa, "peer authenticated as " + sa.peer_id);
    if (!is_served(*connection)) return answer_authenticated(core, sa, request);
    const RequestId id = core.request_kernel({sa.self, {}, false, {}}, xfrm::DumpPolicies{});
    sa.state = state::ReadingPolicies{id, request};
}

void on_policies_read(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    const IkeAuthRequest request = std::move(std::get<state::ReadingPolicies>(sa.state).auth_request);
    if (core.connection_of(sa) == nullptr || !settle_peer(core, sa, result))
        return refuse_authentication(core, sa, {Reason::Limit, "too many peers are served", false});
    answer_authenticated(core, sa, request);
}

void on_response_spi(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    auto& preparing = std::get<state::PreparingAuthResponse>(sa.state);
    preparing.spi_request.reset();
    if (result) {
        take_spi(preparing.child, std::get<xfrm::EspSpi>(*result));
        preparing.spi_request = reserve_for_first_child(core, sa, preparing.child);
    } else {
        preparing.refusal = NotifyType::NoProposalChosen;
        release_spi(core, sa, preparing.child);
        preparing.child = {};
        announce_refused_child(core, sa, {Reason::KernelRefused, result.error().what, false});
    }
    install_when_ready(core, sa);
}

void on_response_authentication(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto authentication = own_authentication(std::move(outcome));
    if (!authentication) return refuse_authentication(core, sa, authentication.error());
    auto& preparing = std::get<state::PreparingAuthResponse>(sa.state);
    preparing.auth_job.reset();
    preparing.authentication = *std::move(authentication);
    install_when_ready(core, sa);
}

void on_responder_installed(Core& core, IkeSa& sa, const xfrm::KernelResult& result) {
    auto installing = std::move(std::get<state::InstallingAsResponder>(sa.state));
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) {
        if (result) core.remove_sas(installing.child.all_sas());
        return refuse_authentication(core, sa, configuration_changed());
    }
    if (!result) {
        announce_refused_child(core, sa, {Reason::KernelRefused, result.error().what, false});
        return answer_without_child(core, sa, *wanted, installing.authentication,
                                    NotifyType::NoProposalChosen, installing.initial_contact);
    }
    IkeAuthResponse response = begin_response(sa, *wanted, installing.authentication);
    Proposal chosen = std::move(installing.chosen);
    chosen.spi = spi_octets(installing.child.inbound.spi);
    response.security_association = SecurityAssociation{{std::move(chosen)}};
    // RFC 7296 §2.9: TSi is the initiator's side, whoever answers.
    response.initiator_selectors = TrafficSelectorsInitiator{to_wire(installing.child.remote)};
    response.responder_selectors = TrafficSelectorsResponder{to_wire(installing.child.local)};
    std::ranges::move(child_notifies(installing.child.mode, installing.child.inbound_cpi()), std::back_inserter(response.notifies));
    announce_crash_token(core, sa.local_spi(), response.notifies);
    // The kernel has confirmed the inbound SA: only now may the peer learn that it can send.
    send_response(core, sa, ExchangeType::IkeAuth, response.to_payloads());
    establish(core, sa, std::move(installing.child), installing.initial_contact);
}

}  // namespace xfrmd::ike::ike_auth
