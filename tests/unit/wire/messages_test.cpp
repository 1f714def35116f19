// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §1.2 to §1.4, Appendix C
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>

#include "ike/wire/messages.h"
#include "ike/wire/notify_data.h"
#include "tests/unit/wire/golden.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::ike::test {

namespace {

const KeyExchange kKe{.method = KeyExchangeMethod::X25519, .data = counting(32)};
const Nonce kNonce{.data = counting(32)};
const Notify kRefusal = make_notify(NotifyType::NoProposalChosen);
const Payload kTsi = TrafficSelectorsInitiator{{sample_selector_v4()}};
const Payload kTsr = TrafficSelectorsResponder{{sample_selector_v6()}};
const Payload kIdi = IdentificationInitiator{{.type = IdType::Fqdn, .data = counting(4)}};
const Payload kIdr = IdentificationResponder{{.type = IdType::Fqdn, .data = counting(4)}};
const Payload kAuth = Authentication{.method = AuthMethod::SharedKey, .data = counting(32)};

template <class M>
std::string refusal(const Decoded<M>& message) {
    return message ? "ok" : to_string(message.error());
}

std::vector<Payload> without(std::vector<Payload> payloads, PayloadType type) {
    std::erase_if(payloads, [&](const Payload& payload) { return payload_type(payload) == type; });
    return payloads;
}

// Each of these payloads is required once: missing and doubled are refused by name.
template <class Parse>
void check_required_once(const std::vector<Payload>& good, Parse parse,
                         std::initializer_list<PayloadType> required) {
    REQUIRE(refusal(parse(good)) == "ok");
    for (const PayloadType type : required) {
        const auto missing = parse(without(good, type));
        REQUIRE_FALSE(missing);
        CHECK(missing.error() == DecodeError{DecodeFault::MissingPayload, type});
        auto twice = good;
        twice.push_back(*std::ranges::find(good, type, payload_type));
        const auto doubled = parse(twice);
        REQUIRE_FALSE(doubled);
        CHECK(doubled.error() == DecodeError{DecodeFault::DuplicatePayload, type});
    }
}

}  // namespace

TEST_CASE("an IKE_SA_INIT request has SA, KE and Ni once each", "[wire]") {
    check_required_once(
        sample_ike_sa_init(), IkeSaInitRequest::from_payloads,
        {PayloadType::SecurityAssociation, PayloadType::KeyExchange, PayloadType::Nonce});
    const auto request = IkeSaInitRequest::from_payloads(sample_ike_sa_init());
    CHECK(request->security_association == sample_ike_proposals());
    CHECK(request->key_exchange == KeyExchange{KeyExchangeMethod::X25519, counting(32)});
    CHECK(request->notifies.size() == 3);
    CHECK(request->vendor_ids.size() == 1);
    CHECK(request->others.empty());
    CHECK(request->to_payloads() == sample_ike_sa_init());
}

TEST_CASE("a cookie goes first in the IKE_SA_INIT request", "[wire]") {
    IkeSaInitRequest request{.security_association = sample_ike_proposals(),
                             .key_exchange = kKe,
                             .nonce = kNonce,
                             .notifies = {make_notify(NotifyType::Ikev2FragmentationSupported),
                                          make_cookie(counting(8))},
                             .vendor_ids = {},
                             .others = {}};
    const auto payloads = request.to_payloads();
    REQUIRE(payloads.size() == 5);
    CHECK(payloads.front() == Payload{make_cookie(counting(8))});
    CHECK(payloads.back() == Payload{make_notify(NotifyType::Ikev2FragmentationSupported)});
}

TEST_CASE("a request may not leave out what is required by reporting an error", "[wire]") {
    CHECK(refusal(IkeSaInitRequest::from_payloads({kRefusal})) == "SA payload: missing");
    CHECK(refusal(CreateChildSaRequest::from_payloads({kRefusal})) == "SA payload: missing");
}

TEST_CASE("an IKE_SA_INIT response is normal, or only says why it is not", "[wire]") {
    const std::vector<Payload> normal{sample_ike_proposals(), kKe, kNonce,
                                      CertificateRequest{}, CertificateRequest{}};
    check_required_once(
        normal, IkeSaInitResponse::from_payloads,
        {PayloadType::SecurityAssociation, PayloadType::KeyExchange, PayloadType::Nonce});
    CHECK(IkeSaInitResponse::from_payloads(normal)->is_normal());
    CHECK(IkeSaInitResponse::from_payloads(normal)->certificate_requests.size() == 2);

    for (const Notify& notify : {kRefusal, make_invalid_ke_payload(KeyExchangeMethod::EcpP256),
                                 make_cookie(counting(8)), make_notify(NotifyType::Redirect)}) {
        const auto response = IkeSaInitResponse::from_payloads({notify, VendorId{}});
        REQUIRE(refusal(response) == "ok");
        CHECK_FALSE(response->is_normal());
        CHECK(response->notifies == std::vector{notify});
    }
    // A status that explains nothing, an empty message, and an error beside half of what is
    // required.
    CHECK(refusal(IkeSaInitResponse::from_payloads({make_notify(NotifyType::InitialContact)})) ==
          "SA payload: missing");
    CHECK(refusal(IkeSaInitResponse::from_payloads({})) == "SA payload: missing");
    CHECK(refusal(IkeSaInitResponse::from_payloads({kRefusal, kKe})) == "SA payload: missing");
}

TEST_CASE("an IKE_AUTH request with everything reads in any order", "[wire]") {
    auto payloads = sample_inner();
    const auto request = IkeAuthRequest::from_payloads(payloads);
    REQUIRE(refusal(request) == "ok");
    CHECK(request->initiator_id);
    CHECK(request->responder_id);
    CHECK(request->certificates.size() == 1);
    CHECK(request->certificate_requests.size() == 1);
    CHECK(request->authentication);
    CHECK(request->eap);
    CHECK(request->configuration);
    CHECK(request->asks_for_child());
    CHECK(request->initiator_selectors->value.size() == 2);
    CHECK(request->responder_selectors->value.size() == 2);
    CHECK(request->notifies.size() == 2);
    // A delete has no place here, and nobody knows the other.
    REQUIRE(request->others.size() == 2);
    CHECK(std::holds_alternative<Delete>(request->others[0]));
    CHECK(std::holds_alternative<Unknown>(request->others[1]));

    CHECK(IkeAuthRequest::from_payloads(request->to_payloads()) == request);
    std::ranges::sort(payloads, std::greater{}, payload_type);
    auto sorted = IkeAuthRequest::from_payloads(payloads);
    REQUIRE(refusal(sorted) == "ok");
    std::ranges::reverse(sorted->others);
    CHECK(sorted == request);
}

TEST_CASE("IKE_AUTH takes each of its single payloads once", "[wire]") {
    for (const Payload& payload :
         {kIdi, kIdr, kAuth, Payload{Eap{hex("03 01 00 04")}}, Payload{ConfigurationPayload{}}}) {
        INFO(describe(payload));
        CHECK(refusal(IkeAuthRequest::from_payloads({payload})) == "ok");
        const auto twice = IkeAuthRequest::from_payloads({payload, payload});
        REQUIRE_FALSE(twice);
        CHECK(twice.error() == DecodeError{DecodeFault::DuplicatePayload, payload_type(payload)});
    }
}

TEST_CASE("in IKE_AUTH, SA, TSi and TSr stand together or not at all", "[wire]") {
    const Payload sa = sample_esp_proposals();
    const auto both = [](const std::vector<Payload>& payloads) {
        const std::string request = refusal(IkeAuthRequest::from_payloads(payloads));
        CHECK(refusal(IkeAuthResponse::from_payloads(payloads)) == request);
        return request;
    };
    CHECK(both({kIdr, kAuth, sa, kTsi, kTsr}) == "ok");
    CHECK(both({kIdr, kAuth}) == "ok");
    CHECK(both({kIdr, kAuth, sa, kTsi}) == "TSr payload: missing");
    CHECK(both({kIdr, kAuth, sa, kTsr}) == "TSi payload: missing");
    CHECK(both({kIdr, kAuth, kTsi, kTsr}) == "SA payload: missing");
    CHECK(both({kIdr, kAuth, sa}) == "TSi payload: missing");
}

TEST_CASE("an IKE_AUTH response may authenticate and refuse the child, or refuse all", "[wire]") {
    const auto without_child =
        IkeAuthResponse::from_payloads({kIdr, kAuth, make_notify(NotifyType::TsUnacceptable)});
    REQUIRE(refusal(without_child) == "ok");
    CHECK(without_child->authentication);
    CHECK_FALSE(without_child->grants_child());
    const auto alone =
        IkeAuthResponse::from_payloads({make_notify(NotifyType::AuthenticationFailed)});
    REQUIRE(refusal(alone) == "ok");
    CHECK_FALSE(alone->authentication);
    CHECK(find_error(alone->notifies) != nullptr);
}

TEST_CASE("CREATE_CHILD_SA for a child", "[wire]") {
    const std::vector<Payload> payloads{make_child_sa(NotifyType::RekeySa, {ProtocolId::Esp, {7}}),
                                        sample_esp_proposals(), kNonce, kKe, kTsi, kTsr};
    check_required_once(payloads, CreateChildSaRequest::from_payloads,
                        {PayloadType::SecurityAssociation, PayloadType::Nonce});
    check_required_once(payloads, CreateChildSaResponse::from_payloads,
                        {PayloadType::SecurityAssociation, PayloadType::Nonce});
    const auto request = CreateChildSaRequest::from_payloads(payloads);
    CHECK_FALSE(request->rekeys_ike_sa());
    CHECK(request->to_payloads() == payloads);

    // KE only with perfect forward secrecy; selectors always.
    CHECK(refusal(CreateChildSaRequest::from_payloads(
              without(payloads, PayloadType::KeyExchange))) == "ok");
    CHECK(refusal(CreateChildSaRequest::from_payloads(without(
              payloads, PayloadType::TrafficSelectorsInitiator))) == "TSi payload: missing");
    CHECK(refusal(CreateChildSaRequest::from_payloads(without(
              payloads, PayloadType::TrafficSelectorsResponder))) == "TSr payload: missing");
    CHECK(refusal(CreateChildSaRequest::from_payloads({sample_esp_proposals(), kNonce})) ==
          "TSi payload: missing");
}

TEST_CASE("CREATE_CHILD_SA for the IKE SA", "[wire]") {
    const std::vector<Payload> payloads{sample_ike_proposals(), kNonce, kKe};
    const auto request = CreateChildSaRequest::from_payloads(payloads);
    REQUIRE(refusal(request) == "ok");
    CHECK(request->rekeys_ike_sa());
    const auto response = CreateChildSaResponse::from_payloads(payloads);
    REQUIRE(refusal(response) == "ok");
    CHECK(response->rekeys_ike_sa());
    CHECK(response->is_normal());

    CHECK(refusal(CreateChildSaRequest::from_payloads(
              without(payloads, PayloadType::KeyExchange))) == "KE payload: missing");
    CHECK(refusal(CreateChildSaResponse::from_payloads(
              without(payloads, PayloadType::KeyExchange))) == "KE payload: missing");
    CHECK(refusal(CreateChildSaRequest::from_payloads(
              {sample_ike_proposals(), kNonce, kKe, kTsi, kTsr})) ==
          "TSi payload: contradicts the other payloads");

    SecurityAssociation mixed = sample_ike_proposals();
    mixed.proposals.push_back(sample_esp_proposals().proposals.front());
    CHECK(refusal(CreateChildSaRequest::from_payloads({mixed, kNonce, kKe, kTsi, kTsr})) ==
          "SA payload: contradicts the other payloads");
}

TEST_CASE("a CREATE_CHILD_SA response may be an error alone", "[wire]") {
    const auto response = CreateChildSaResponse::from_payloads({kRefusal});
    REQUIRE(refusal(response) == "ok");
    CHECK_FALSE(response->is_normal());
    CHECK_FALSE(response->rekeys_ike_sa());
    CHECK(refusal(CreateChildSaResponse::from_payloads({})) == "SA payload: missing");
    CHECK(refusal(CreateChildSaResponse::from_payloads({make_cookie(counting(8))})) ==
          "SA payload: missing");
}

TEST_CASE("INFORMATIONAL may be empty, or hold deletes and notifications", "[wire]") {
    CHECK(Informational::from_payloads({}) == Informational{});
    CHECK(Informational{}.to_payloads().empty());
    const Delete gone{.protocol = ProtocolId::Esp, .spis = {{1}, {2}}};
    const auto message = Informational::from_payloads({gone, kRefusal, gone, kNonce});
    REQUIRE(refusal(message) == "ok");
    CHECK(message->deletes == std::vector{gone, gone});
    CHECK(message->notifies == std::vector{kRefusal});
    CHECK(message->others == std::vector<Payload>{kNonce});
    CHECK(Informational::from_payloads(message->to_payloads()) == message);
}

TEST_CASE("IKE_INTERMEDIATE and IKE_FOLLOWUP_KE", "[wire]") {
    using enum MessageKind;
    const Notify link = make_notify(NotifyType::AdditionalKeyExchange, counting(4));
    for (const MessageKind kind : {Request, Response}) {
        const auto step = IkeIntermediate::from_payloads(kind, {kKe});
        REQUIRE(refusal(step) == "ok");
        CHECK(step->to_payloads() == std::vector<Payload>{kKe});
        CHECK(refusal(IkeIntermediate::from_payloads(kind, {})) == "ok");
        CHECK(refusal(IkeIntermediate::from_payloads(kind, {kKe, kKe})) ==
              "KE payload: more often than this exchange allows");
        CHECK(refusal(IkeFollowupKe::from_payloads(kind, {kKe, link})) == "ok");
        CHECK(refusal(IkeFollowupKe::from_payloads(kind, {link})) == "KE payload: missing");
    }
    CHECK(refusal(IkeFollowupKe::from_payloads(Request, {kKe})) == "N payload: missing");
    CHECK(refusal(IkeFollowupKe::from_payloads(Response, {kKe})) == "ok");
    CHECK(refusal(IkeFollowupKe::from_payloads(Response,
                                               {make_notify(NotifyType::StateNotFound)})) == "ok");
}

TEST_CASE("the table of payload rules has one row for each payload of a message", "[wire]") {
    std::set<std::tuple<int, int, int>> seen;
    for (const PayloadRule& rule : kPayloadRules) {
        CHECK(rule.min <= rule.max);
        CHECK(rule.max >= 1);
        CHECK(seen.emplace(int{std::to_underlying(rule.exchange)},
                           int{std::to_underlying(rule.kind)},
                           int{std::to_underlying(rule.payload)})
                  .second);
    }
    CHECK(payload_rule(ExchangeType::IkeSaInit, MessageKind::Request, PayloadType::Nonce)->min ==
          1);
    CHECK_FALSE(payload_rule(ExchangeType::IkeSaInit, MessageKind::Request, PayloadType::Delete));
}

TEST_CASE("a payload with a row for its message finds its member there", "[wire]") {
    // One payload of every type there is a member for.
    std::vector<Payload> one_of_each = sample_inner();
    one_of_each.insert(one_of_each.end(), {kKe, kNonce, VendorId{}});
    const auto holds = [](const std::vector<Payload>& others, PayloadType type) {
        return std::ranges::find(others, type, payload_type) != others.end();
    };
    const auto check = [&](ExchangeType exchange, MessageKind kind, const auto& message) {
        REQUIRE(refusal(message) == "ok");
        for (const Payload& payload : one_of_each) {
            const PayloadType type = payload_type(payload);
            INFO(describe(payload));
            CHECK(holds(message->others, type) != payload_rule(exchange, kind, type).has_value());
        }
    };
    using enum MessageKind;
    auto for_ike_sa_init = one_of_each;
    check(ExchangeType::IkeSaInit, Request, IkeSaInitRequest::from_payloads(for_ike_sa_init));
    check(ExchangeType::IkeSaInit, Response, IkeSaInitResponse::from_payloads(for_ike_sa_init));
    check(ExchangeType::IkeAuth, Request, IkeAuthRequest::from_payloads(one_of_each));
    check(ExchangeType::IkeAuth, Response, IkeAuthResponse::from_payloads(one_of_each));
    check(ExchangeType::CreateChildSa, Request, CreateChildSaRequest::from_payloads(one_of_each));
    check(ExchangeType::CreateChildSa, Response, CreateChildSaResponse::from_payloads(one_of_each));
    check(ExchangeType::Informational, Request, Informational::from_payloads(one_of_each));
    check(ExchangeType::IkeIntermediate, Request,
          IkeIntermediate::from_payloads(Request, one_of_each));
    check(ExchangeType::IkeFollowupKe, Request, IkeFollowupKe::from_payloads(Request, one_of_each));
}

}  // namespace xfrmd::ike::test
