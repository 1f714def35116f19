// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ike/outsider.h"

#include <catch2/catch_test_macros.hpp>

#include "ike/crypto/key_exchange.h"
#include "ike/policy/default_proposals.h"
#include "ike/policy/proposal_select.h"
#include "ike/policy/suite_select.h"
#include "ike/wire/notify_data.h"

namespace xfrmd::test {

Outsider::Outsider(Pair& pair, Peer& victim) : pair_{pair}, victim_{victim} {
    pair.wire = [this](const Peer& to, Datagram& datagram) {
        if (&to != &victim_) sent_.push_back(datagram);
        return false;
    };
}

void Outsider::initiate(std::string_view proposal) {
    role_ = Role::Initiator;
    const Proposal wanted = parse_proposal(ProtocolId::Ike, proposal).value();
    suite_ = ike_suite_of(wanted).value();
    IkeSaInitRequest request;
    request.security_association = SecurityAssociation{as_offer({wanted}, {})};
    request.key_exchange = KeyExchange{suite_.method, share_of(suite_.method)};
    request.nonce = Nonce{initiator_nonce_};
    request.notifies = {make_notify(NotifyType::IntermediateExchangeSupported)};
    // No smaller than the answer, which would otherwise wait for a cookie.
    request.vendor_ids = {VendorId{Bytes(128)}};
    Header header;
    header.initiator_spi = initiator_spi_;
    header.initiator = true;
    throw_at_victim(write_message(header, request.to_payloads()));
    REQUIRE(sent_.size() == 1);
    auto message = parse_message(sent_.front().octets).value();
    sent_.clear();
    responder_spi_ = message.header.responder_spi;
    auto response = IkeSaInitResponse::from_payloads(std::move(message.payloads)).value();
    REQUIRE(response.is_normal());
    responder_nonce_ = response.nonce->data;
    const Secret secret = agree(suite_.method, response.key_exchange->data);
    take_keys(derive_ike_keys(suite_, initiator_nonce_, responder_nonce_, secret.view(),
                              initiator_spi_, responder_spi_)
                  .value());
}

void Outsider::respond(std::string_view proposal) {
    role_ = Role::Responder;
    const Proposal wanted = parse_proposal(ProtocolId::Ike, proposal).value();
    suite_ = ike_suite_of(wanted).value();
    REQUIRE(sent_.size() == 1);
    auto message = parse_message(sent_.front().octets).value();
    sent_.clear();
    initiator_spi_ = message.header.initiator_spi;
    auto request = IkeSaInitRequest::from_payloads(std::move(message.payloads)).value();
    initiator_nonce_ = request.nonce->data;
    auto chosen = select_proposal(request.security_association->proposals, {wanted}).value();
    IkeSaInitResponse response;
    response.security_association = SecurityAssociation{{chosen.answer}};
    response.key_exchange = KeyExchange{suite_.method, share_of(suite_.method)};
    response.nonce = Nonce{responder_nonce_};
    response.notifies = {make_notify(NotifyType::IntermediateExchangeSupported)};
    Header header;
    header.initiator_spi = initiator_spi_;
    header.responder_spi = responder_spi_;
    header.response = true;
    const Secret secret = agree(suite_.method, request.key_exchange->data);
    take_keys(derive_ike_keys(suite_, initiator_nonce_, responder_nonce_, secret.view(),
                              initiator_spi_, responder_spi_)
                  .value());
    throw_at_victim(write_message(header, response.to_payloads()));
}

void Outsider::say(ExchangeType exchange, std::vector<Payload> payloads) {
    say(exchange, next_, std::move(payloads));
    next_ = next(next_);
}

void Outsider::say(ExchangeType exchange, MessageId id, std::vector<Payload> payloads) {
    Header header;
    header.initiator_spi = initiator_spi_;
    header.responder_spi = responder_spi_;
    header.exchange = exchange;
    header.initiator = initiator();
    header.response = !initiator();
    header.message_id = id;
    const Bytes chain = write_payloads(payloads);
    Bytes message = write_sealed_prefix(header, first_payload_type(payloads),
                                        sealing_->sealed_size(chain.size()));
    append(message, sealing_->seal(message, chain, random_).value());
    throw_at_victim(std::move(message));
}

std::vector<Payload> Outsider::heard() {
    if (sent_.empty()) return {};
    const Bytes datagram = std::move(sent_.front().octets);
    sent_.erase(sent_.begin());
    const auto message = parse_message(datagram).value();
    const auto layout = sealed_layout(message).value();
    const auto chain = opening_->open(layout.associated(datagram), layout.body(datagram));
    REQUIRE(chain);
    return parse_payloads(std::get<Encrypted>(message.payloads.front()).first_inner, chain->view())
        .value();
}

void Outsider::throw_at_victim(Bytes octets) {
    const xfrm::Endpoint local{victim_.address, 500};
    const xfrm::Endpoint remote{pair_.other(victim_).address, 500};
    pair_.input(victim_, Datagram{Path{local, remote, false}, std::move(octets)});
}

void Outsider::switch_keys(View shared_secret) {
    take_keys(derive_next_ike_keys(suite_, sk_d_.view(), initiator_nonce_, responder_nonce_,
                                   shared_secret, initiator_spi_, responder_spi_)
                  .value());
}

Bytes Outsider::share_of(KeyExchangeMethod method) {
    auto share = generate_key_share(method, Bytes(32, 3)).value();
    private_share_ = std::move(share.private_share);
    return std::move(share.public_share);
}

Secret Outsider::agree(KeyExchangeMethod method, View peer_share) {
    return agree_on_key(method, private_share_.view(), peer_share).value();
}

void Outsider::take_keys(IkeKeys keys) {
    auto of_initiator = MessageCipher::create(suite_, keys.ei, keys.ai).value();
    auto of_responder = MessageCipher::create(suite_, keys.er, keys.ar).value();
    sealing_ = initiator() ? std::move(of_initiator) : std::move(of_responder);
    opening_ = initiator() ? std::move(of_responder) : std::move(of_initiator);
    sk_d_ = std::move(keys.d);
}

}  // namespace xfrmd::test
