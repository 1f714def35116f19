// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/ike_intermediate.h"

#include "ike/crypto/registry.h"
#include "ike/exchange/ike_auth.h"
#include "ike/exchange/reasons.h"
#include "ike/sealed_message.h"
#include "ike/teardown.h"
#include "ike/wire/messages.h"
#include "ike/wire/names.h"

namespace xfrmd::ike::ike_intermediate {

namespace {

// ---- both sides

KeyExchangeMethod due_method(const IkeSa& sa) {
    return sa.suite.additional[sa.handshake->intermediates];
}

bool is_kem(KeyExchangeMethod method) {
    const TransformRow* row = transform_row(method);
    return row != nullptr && row->is_kem;
}

// RFC 9242 §3.3.2: with the keys of before this exchange. False if it cannot be computed, which is
// no fault of the peer's.
bool add_to_auth(IkeSa& sa, Role sender, const PlainMessage& message) {
    Handshake& handshake = *sa.handshake;
    const bool initiator = sender == Role::Initiator;
    Bytes& auth =
        initiator ? handshake.intermediate_auth.initiator : handshake.intermediate_auth.responder;
    auto next =
        next_intermediate_auth(sa.suite.prf, (initiator ? handshake.sk_pi : handshake.sk_pr).view(),
                               auth, message.prefix(), message.chain.view());
    if (next) auth = *std::move(next);
    return next.has_value();
}

// RFC 9370 §2.2.2: from here on the keys are those that come of this secret too.
bool switch_keys(IkeSa& sa, View shared_secret) {
    Handshake& handshake = *sa.handshake;
    auto keys = derive_next_ike_keys(sa.suite, sa.sk_d.view(), handshake.initiator_nonce,
                                     handshake.responder_nonce, shared_secret, sa.initiator_spi,
                                     sa.responder_spi);
    if (!keys) return false;
    ++handshake.intermediates;
    return take_handshake_keys(sa, *std::move(keys));
}

std::array<Payload, 1> share_payload(KeyExchangeMethod method, Bytes share) {
    return {KeyExchange{method, std::move(share)}};
}

WhyFailed derivation_failed() {
    return {Reason::CredentialUnusable, "key derivation failed", false};
}

WhyFailed wrong_share(const std::optional<KeyExchange>& key_exchange, KeyExchangeMethod wanted) {
    return {
        Reason::InvalidKeyExchange,
        "the peer sent " +
            (key_exchange ? "a share of " + name(key_exchange->method) : std::string{"no share"}) +
            " where one of " + name(wanted) + " was due",
        false};
}

// ---- responder

// Sends the peer away, sealed. RFC 9370 §2.2.2
void refuse(Core& core, IkeSa& sa, const Notify& notify, const WhyFailed& why) {
    send_response(core, sa, ExchangeType::IkeIntermediate, notify);
    refuse_handshake(core, sa, why);
}

void refuse_share(Core& core, IkeSa& sa, const WhyFailed& why) {
    refuse(core, sa, make_notify(NotifyType::InvalidSyntax), why);
}

void answer(Core& core, IkeSa& sa, Bytes share, View shared_secret) {
    const auto payloads = share_payload(due_method(sa), std::move(share));
    const PlainMessage response = plain_response(sa, ExchangeType::IkeIntermediate, payloads);
    if (!add_to_auth(sa, Role::Responder, response))
        return refuse_share(core, sa, derivation_failed());
    send_response(core, sa, response);
    if (!switch_keys(sa, shared_secret)) return refuse_handshake(core, sa, derivation_failed());
    sa.state = state::KeysReady{};
}

}  // namespace

bool is_due(const IkeSa& sa) {
    return sa.handshake && sa.handshake->intermediates < sa.suite.additional.size();
}

// ---- initiator
// -------------------------------------------------------------------------------------------------

void begin(Core& core, IkeSa& sa) {
    sa.state = state::MakingIntermediateShare{
        core.request_crypto(sa, GenerateKeyShare{due_method(sa), core.fresh_seed()})};
}

void on_request_share(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr;
    if (share == nullptr) return abort_handshake(core, sa, failure_of(outcome));
    sa.handshake->private_share = std::move(share->private_share);
    const auto payloads = share_payload(due_method(sa), std::move(share->public_share));
    const PlainMessage request = plain_request(sa, ExchangeType::IkeIntermediate, payloads);
    if (!add_to_auth(sa, Role::Initiator, request))
        return abort_handshake(core, sa, derivation_failed());
    sa.state = state::IntermediateSent{};
    send_request(core, sa, request);
    core.progress(sa, "IKE_INTERMEDIATE sent: " + name(due_method(sa)));
}

void on_response(Core& core, IkeSa& sa, const PlainMessage& message) {
    auto response =
        parse_payloads(message.first_inner, message.chain.view()).and_then([](auto payloads) {
            return IkeIntermediate::from_payloads(MessageKind::Response, std::move(payloads));
        });
    if (!response) return abort_handshake(core, sa, failure_of(response.error()));
    if (const Notify* error = find_error(response->notifies))
        return abort_handshake(core, sa, {reason_of(error->type), answered(error->type), true});
    const auto& key_exchange = response->key_exchange;
    if (!key_exchange || key_exchange->method != due_method(sa))
        return abort_handshake(core, sa, wrong_share(key_exchange, due_method(sa)));
    if (!add_to_auth(sa, Role::Responder, message))
        return abort_handshake(core, sa, derivation_failed());
    sa.state = state::AgreeingOnIntermediate{core.request_crypto(
        sa,
        AgreeOnKey{due_method(sa), std::move(sa.handshake->private_share), key_exchange->data})};
}

void on_initiator_secret(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* secret = outcome ? std::get_if<SharedSecret>(&*outcome) : nullptr;
    if (secret == nullptr) return abort_handshake(core, sa, failure_of(outcome));
    if (!switch_keys(sa, secret->secret.view()))
        return abort_handshake(core, sa, derivation_failed());
    if (is_due(sa)) return begin(core, sa);
    ike_auth::prepare_request(core, sa);
}

// ---- responder
// -------------------------------------------------------------------------------------------------

void on_request(Core& core, IkeSa& sa, const PlainMessage& message) {
    auto request =
        parse_payloads(message.first_inner, message.chain.view()).and_then([](auto payloads) {
            return IkeIntermediate::from_payloads(MessageKind::Request, std::move(payloads));
        });
    if (!request) return refuse(core, sa, notify_of(request.error()), failure_of(request.error()));
    const KeyExchangeMethod method = due_method(sa);
    if (!request->key_exchange || request->key_exchange->method != method)
        return refuse_share(core, sa, wrong_share(request->key_exchange, method));
    if (!add_to_auth(sa, Role::Initiator, message))
        return refuse_share(core, sa, derivation_failed());
    Bytes peer_share = std::move(request->key_exchange->data);
    if (is_kem(method))
        sa.state = state::AnsweringIntermediate{
            core.request_crypto(sa,
                                EncapsulateKey{method, std::move(peer_share), core.fresh_seed()}),
            {}};
    else
        sa.state = state::MakingIntermediateAnswer{
            core.request_crypto(sa, GenerateKeyShare{method, core.fresh_seed()}),
            std::move(peer_share)};
}

void on_answer_share(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    auto* share = outcome ? std::get_if<KeyShare>(&*outcome) : nullptr;
    if (share == nullptr) return refuse_share(core, sa, failure_of(outcome));
    Bytes peer_share = std::move(std::get<state::MakingIntermediateAnswer>(sa.state).peer_share);
    sa.state = state::AnsweringIntermediate{
        core.request_crypto(
            sa, AgreeOnKey{due_method(sa), std::move(share->private_share), std::move(peer_share)}),
        std::move(share->public_share)};
}

void on_responder_secret(Core& core, IkeSa& sa, CryptoOutcome outcome) {
    if (outcome) {
        if (auto* encapsulated = std::get_if<Encapsulated>(&*outcome))
            return answer(core, sa, std::move(encapsulated->public_share),
                          encapsulated->secret.view());
        if (auto* secret = std::get_if<SharedSecret>(&*outcome)) {
            Bytes share = std::move(std::get<state::AnsweringIntermediate>(sa.state).own_share);
            return answer(core, sa, std::move(share), secret->secret.view());
        }
    }
    refuse_share(core, sa, failure_of(outcome));
}

}  // namespace xfrmd::ike::ike_intermediate
