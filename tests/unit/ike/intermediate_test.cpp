// SPDX-License-Identifier: Apache-2.0
// Additional key exchanges in IKE_INTERMEDIATE: RFC 9242, RFC 9370, and what a peer may do wrong in
// them.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <set>

#include "ike/crypto/key_exchange.h"
#include "ike/policy/default_proposals.h"
#include "ike/policy/proposal_select.h"
#include "ike/wire/notify_data.h"
#include "tests/unit/ike/outsider.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

constexpr std::size_t kNextPayloadOctet = 16;
constexpr std::size_t kVersionOctet = 17;
constexpr std::size_t kExchangeOctet = 18;
constexpr std::size_t kFlagsOctet = 19;
constexpr std::uint8_t kResponseFlag = 0x20;

constexpr std::string_view kHybrid = "aes256gcm16-prfsha256-x25519-ke1_mlkem768";

bool is_exchange(const Bytes& datagram, ExchangeType exchange, bool response) {
    return datagram[kExchangeOctet] == std::to_underlying(exchange) &&
           ((datagram[kFlagsOctet] & kResponseFlag) != 0) == response;
}

void use_proposals(Pair& pair, std::string_view text) {
    for (Peer* peer : {&pair.alice, &pair.bob})
        peer->connection.ike_proposals = {parse_proposal(ProtocolId::Ike, text).value()};
}

std::string suite_of(const Peer& peer) {
    return peer.host->snapshot().connections.front().ike_sas.front().suite;
}

// Messages of this exchange, however many fragments they were in.
std::size_t count(const Peer& peer, ExchangeType exchange) {
    std::set<std::uint32_t> ids;
    for (const Transmit& transmit : peer.sent)
        if (transmit.octets[kExchangeOctet] == std::to_underlying(exchange))
            ids.insert(parse_header(transmit.octets)->message_id.value);
    return ids.size();
}

void check_up(Pair& pair, std::string_view suite) {
    REQUIRE(pair.both_up());
    CHECK(suite_of(pair.alice) == suite);
    CHECK(suite_of(pair.bob) == suite);
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
}

// Nothing came of it: no SA, and the reason is known to people.
void check_refused(const Peer& peer, std::string_view detail) {
    CHECK(peer.kernel_sas() == 0);
    REQUIRE(peer.failure());
    INFO(peer.failure()->detail);
    CHECK(peer.failure()->detail.contains(detail));
}

std::optional<NotifyType> only_error(const std::vector<Payload>& payloads) {
    if (payloads.size() != 1) return std::nullopt;
    const auto* notify = std::get_if<Notify>(&payloads.front());
    return notify == nullptr ? std::nullopt : std::optional{notify->type};
}

std::vector<Payload> share(KeyExchangeMethod method, std::size_t octets) {
    return {KeyExchange{method, Bytes(octets, 1)}};
}

// Takes the notification out of IKE_SA_INIT, in the given direction or in both.
void strip(Pair& pair, NotifyType type, bool requests, bool responses) {
    pair.wire = [=](const Peer&, Datagram& datagram) {
        const bool request = is_exchange(datagram.octets, ExchangeType::IkeSaInit, false);
        const bool response = is_exchange(datagram.octets, ExchangeType::IkeSaInit, true);
        if ((request && requests) || (response && responses)) {
            auto message = parse_message(datagram.octets).value();
            std::erase_if(message.payloads, [&](const Payload& payload) {
                const auto* notify = std::get_if<Notify>(&payload);
                return notify != nullptr && notify->type == type;
            });
            datagram.octets = write_message(message.header, message.payloads);
        }
        return true;
    };
}

}  // namespace

// ---- what comes up
// ---------------------------------------------------------------------------------------------

TEST_CASE("by default a key exchange by ML-KEM-768 is added", "[ike][pq]") {
    Pair pair;
    if (GENERATE(false, true)) pair.use_certificates();
    pair.configure();
    pair.up(GENERATE(true, false) ? pair.alice : pair.bob);
    check_up(pair, "aes256gcm16-prfsha256-x25519-ke1_mlkem768");
    CHECK(count(pair.alice, ExchangeType::IkeIntermediate) == 1);
    CHECK(count(pair.bob, ExchangeType::IkeIntermediate) == 1);
}

TEST_CASE("up to seven additional key exchanges are run, one after another", "[ike][pq]") {
    const auto [text, exchanges] = GENERATE(table<std::string_view, std::size_t>({
        {"aes128gcm16-prfsha256-x25519-ke1_mlkem512", 1},
        {"aes256-sha384-prfsha384-ecp384-ke1_mlkem1024", 1},
        {"aes256gcm16-prfsha512-x25519-ke1_ecp256", 1},
        {"aes256gcm16-prfsha256-x25519-ke1_mlkem768-ke2_ecp384", 2},
        {"aes256gcm16-prfsha256-x25519-ke1_mlkem512-ke2_mlkem768-ke3_mlkem1024-ke4_ecp256-ke5_"
         "ecp384-"
         "ke6_ecp521-ke7_modp2048",
         7},
    }));
    Pair pair;
    use_proposals(pair, text);
    pair.configure();
    pair.up(pair.alice);
    std::string suite{text};
    check_up(pair, suite);
    CHECK(count(pair.alice, ExchangeType::IkeIntermediate) == exchanges);
    CHECK(count(pair.bob, ExchangeType::IkeIntermediate) == exchanges);
}

TEST_CASE("a peer without additional key exchanges is connected all the same", "[ike][pq]") {
    Pair pair;
    Peer& classical = GENERATE(true, false) ? pair.alice : pair.bob;
    classical.connection.ike_proposals =
        without_additional_key_exchanges(classical.connection.ike_proposals);
    pair.configure();
    pair.up(pair.alice);
    check_up(pair, "aes256gcm16-prfsha256-x25519");
    CHECK(count(pair.alice, ExchangeType::IkeIntermediate) == 0);
}

TEST_CASE("IKE_INTERMEDIATE in fragments proves the same", "[ike][pq][fragments]") {
    Pair pair{GENERATE(xfrm::Family::V4, xfrm::Family::V6)};
    pair.alice.limits.fragment_size = GENERATE(576u, 1280u);
    pair.bob.limits.fragment_size = 700;
    use_proposals(pair, "aes256gcm16-prfsha256-x25519-ke1_mlkem1024-ke2_mlkem768");
    pair.configure();
    pair.up(pair.alice);
    check_up(pair, "aes256gcm16-prfsha256-x25519-ke1_mlkem1024-ke2_mlkem768");
    CHECK(count(pair.bob, ExchangeType::IkeIntermediate) == 2);
    CHECK(std::ranges::any_of(pair.bob.sent, [](const Transmit& transmit) {
        return transmit.octets[kNextPayloadOctet] ==
               std::to_underlying(PayloadType::EncryptedFragment);
    }));
}

TEST_CASE("lost messages of IKE_INTERMEDIATE are sent again", "[ike][pq]") {
    for (int lost = 0; lost < 8; ++lost) {
        Pair pair;
        use_proposals(pair, "aes256gcm16-prfsha256-x25519-ke1_mlkem768-ke2_ecp256");
        pair.configure();
        int seen = 0;
        pair.wire = [&](const Peer&, Datagram&) { return seen++ != lost; };
        pair.up(pair.alice);
        pair.pass(std::chrono::seconds{5});
        REQUIRE(pair.both_up());
    }
}

TEST_CASE("copies of IKE_INTERMEDIATE change nothing", "[ike][pq]") {
    Pair pair;
    use_proposals(pair, "aes256gcm16-prfsha256-x25519-ke1_mlkem768-ke2_ecp256");
    pair.configure();
    std::vector<std::pair<bool, Datagram>> old;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        Peer& peer = &to == &pair.alice ? pair.alice : pair.bob;
        for (const auto& [for_alice, copy] : old) {
            if (for_alice != (&peer == &pair.alice)) continue;
            for (const Effect& effect : peer.host->step(pair.now, copy))
                CHECK(std::holds_alternative<Transmit>(effect));  // an answer again, nothing else
        }
        old.emplace_back(&peer == &pair.alice, datagram);
        return true;
    };
    pair.up(pair.alice);
    check_up(pair, "aes256gcm16-prfsha256-x25519-ke1_mlkem768-ke2_ecp256");
}

// ---- what is proven
// --------------------------------------------------------------------------------------------

TEST_CASE("no bit of IKE_INTERMEDIATE can be flipped", "[ike][pq][exhaustive]") {
    Pair pair;
    use_proposals(pair, "aes256gcm16-prfsha256-x25519-ke1_ecp256-ke2_mlkem768");
    pair.configure();
    int looked_at = 0;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (datagram.octets[kExchangeOctet] != std::to_underlying(ExchangeType::IkeIntermediate))
            return true;
        // The first of all is what the responder works out its keys for, whatever stands in it.
        if (looked_at++ == 0) return true;
        Peer& peer = &to == &pair.alice ? pair.alice : pair.bob;
        for (std::size_t bit = 0; bit < datagram.octets.size() * 8; ++bit) {
            if (bit / 8 == kVersionOctet) continue;  // a newer version is told ours
            Datagram flipped = datagram;
            flipped.octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            REQUIRE(nothing_but_unknown(peer.host->step(pair.now, std::move(flipped)),
                                        datagram.octets.size()));
        }
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    CHECK(looked_at == 4);
}

TEST_CASE("whoever stands in between without being noticed until IKE_AUTH is noticed there",
          "[ike][pq]") {
    // Bob in two halves: the outsider speaks with alice, and passes on what bob would say.
    Pair pair;
    use_proposals(pair, kHybrid);
    pair.configure();
    Outsider outsider{pair, pair.alice};
    pair.up(pair.alice);
    outsider.respond(kHybrid);
    const auto asked = outsider.heard();
    REQUIRE(asked.size() == 1);
    auto encapsulated = encapsulate_key(KeyExchangeMethod::MlKem768,
                                        std::get<KeyExchange>(asked[0]).data, Bytes(32, 5));
    REQUIRE(encapsulated);
    outsider.say(ExchangeType::IkeIntermediate,
                 {KeyExchange{KeyExchangeMethod::MlKem768, encapsulated->public_share}});
    outsider.switch_keys(encapsulated->secret.view());
    REQUIRE_FALSE(outsider.heard().empty());  // opens with the keys of both exchanges
    outsider.say(ExchangeType::IkeAuth, {IdentificationResponder{pair.bob.connection.local_id},
                                         Authentication{AuthMethod::SharedKey, Bytes(32, 1)}});
    check_refused(pair.alice, "pre-shared keys");
}

TEST_CASE("IKE_SA_INIT cannot be weakened on the way", "[ike][pq]") {
    Pair pair;
    pair.configure();
    // Somebody takes ML-KEM out of what alice offers, and its announcement.
    pair.wire = [&](const Peer&, Datagram& datagram) {
        if (!is_exchange(datagram.octets, ExchangeType::IkeSaInit, false)) return true;
        auto message = parse_message(datagram.octets).value();
        for (Payload& payload : message.payloads)
            if (auto* sa = std::get_if<SecurityAssociation>(&payload)) {
                std::erase_if(sa->proposals,
                              [](const Proposal& proposal) { return proposal.number < 3; });
            }
        datagram.octets = write_message(message.header, message.payloads);
        return true;
    };
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    check_refused(pair.alice, "AUTHENTICATION_FAILED");
    check_refused(pair.bob, "pre-shared keys");
}

TEST_CASE("each side proves both messages of IKE_SA_INIT, the received one first", "[ike][pq]") {
    Pair pair;
    if (GENERATE(false, true)) pair.use_certificates();
    pair.configure();
    std::vector<Bytes> proven;
    pair.alice.job_seen = pair.bob.job_seen = [&](const CryptoJob& job) {
        if (const auto* secret = std::get_if<AuthenticateWithSecret>(&job))
            proven.push_back(secret->octets);
        if (const auto* identity = std::get_if<SignWithIdentity>(&job))
            proven.push_back(identity->octets);
        if (const auto* peer = std::get_if<VerifyPeer>(&job)) proven.push_back(peer->octets);
    };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    REQUIRE(proven.size() == 4);  // made and verified, of either side
    const Bytes& request = pair.alice.sent.front().octets;
    const Bytes& response = pair.bob.sent.front().octets;
    Bytes initiator(8);
    append(initiator, response);
    append(initiator, request);
    Bytes responder(8);
    append(responder, request);
    append(responder, response);
    // Then nonce and MAC of 32 octets each, IntAuth of both sides, and the id of IKE_AUTH.
    constexpr std::size_t kRest = 32 + 32 + 32 + 32 + 4;
    for (const Bytes& octets : proven) REQUIRE(octets.size() == initiator.size() + kRest);
    const auto starts_with = [&](std::size_t i, const Bytes& begin) {
        return std::ranges::equal(View{proven[i]}.first(begin.size()), begin);
    };
    CHECK(starts_with(0, initiator));
    CHECK(starts_with(1, initiator));
    CHECK(starts_with(2, responder));
    CHECK(starts_with(3, responder));
    CHECK(proven[0] == proven[1]);
    CHECK(proven[2] == proven[3]);
    CHECK(View{proven[0]}.last(4).back() == 2);
}

// ---- what is required
// ------------------------------------------------------------------------------------------

TEST_CASE("require_pq refuses a responder without ML-KEM", "[ike][pq]") {
    Pair pair;
    pair.alice.connection.require_pq = true;
    pair.alice.connection.ike_proposals =
        only_quantum_resistant(pair.alice.connection.ike_proposals);
    pair.bob.connection.ike_proposals =
        without_additional_key_exchanges(pair.bob.connection.ike_proposals);
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    check_refused(pair.alice, "require_pq is set");
    CHECK(pair.alice.failure()->said_by_peer);
}

TEST_CASE("require_pq refuses an initiator without ML-KEM", "[ike][pq]") {
    Pair pair;
    pair.bob.connection.require_pq = true;
    pair.bob.connection.ike_proposals = only_quantum_resistant(pair.bob.connection.ike_proposals);
    pair.alice.connection.ike_proposals =
        without_additional_key_exchanges(pair.alice.connection.ike_proposals);
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    check_refused(pair.bob, "require_pq is set");
}

TEST_CASE("require_pq holds even if the proposals would allow less", "[ike][pq]") {
    Pair pair;
    Peer& strict = GENERATE(true, false) ? pair.alice : pair.bob;
    strict.connection.require_pq = true;
    pair.other(strict).connection.ike_proposals =
        without_additional_key_exchanges(pair.other(strict).connection.ike_proposals);
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    check_refused(strict, "require_pq");
    CHECK(pair.other(strict).kernel_sas() == 0);
}

TEST_CASE("require_pq is content with ML-KEM", "[ike][pq]") {
    Pair pair;
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        peer->connection.require_pq = true;
        peer->connection.require_transcript_auth = true;
    }
    pair.configure();
    pair.up(pair.alice);
    check_up(pair, kHybrid);
}

TEST_CASE("require_transcript_auth refuses a responder that does not announce it", "[ike][pq]") {
    Pair pair;
    pair.alice.connection.require_transcript_auth = true;
    pair.configure();
    strip(pair, NotifyType::IkeSaInitFullTranscriptAuth, false, true);
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    check_refused(pair.alice, "require_transcript_auth");
}

TEST_CASE("require_transcript_auth refuses an initiator that does not announce it", "[ike][pq]") {
    Pair pair;
    pair.bob.connection.require_transcript_auth = true;
    pair.configure();
    strip(pair, NotifyType::IkeSaInitFullTranscriptAuth, true, false);
    pair.up(pair.alice);
    check_refused(pair.bob, "require_transcript_auth");
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("the announcement of the full transcript cannot be taken out unnoticed", "[ike][pq]") {
    Pair pair;
    pair.configure();
    const bool requests = GENERATE(true, false);
    const bool responses = GENERATE(true, false);
    if (!requests && !responses) return;
    strip(pair, NotifyType::IkeSaInitFullTranscriptAuth, requests, responses);
    pair.up(pair.alice);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

// ---- a peer that does it wrong, as initiator
// -------------------------------------------------------------------

TEST_CASE("a request without the share that is due is refused", "[ike][pq][negative]") {
    using enum KeyExchangeMethod;
    const auto payloads = GENERATE(
        std::vector<Payload>{}, std::vector<Payload>{make_notify(NotifyType::InitialContact)},
        share(MlKem512, 800), share(MlKem1024, 1568), share(X25519, 32), share(None, 0),
        share(MlKem768, 0), share(MlKem768, 1183), share(MlKem768, 1185), share(MlKem768, 1088),
        share(MlKem768, 1184),  // the right length, but all coefficients must be below 3329
        std::vector<Payload>{KeyExchange{MlKem768, Bytes(1184, 0xff)}},
        std::vector<Payload>{KeyExchange{MlKem768, Bytes(1184)},
                             KeyExchange{MlKem768, Bytes(1184)}});
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.bob};
    outsider.initiate(kHybrid);
    const bool valid_key = payloads.size() == 1 &&
                           std::holds_alternative<KeyExchange>(payloads.front()) &&
                           std::get<KeyExchange>(payloads.front()) ==
                               std::get<KeyExchange>(share(MlKem768, 1184).front());
    outsider.say(ExchangeType::IkeIntermediate, payloads);
    const auto answer = outsider.heard();
    if (valid_key) {
        REQUIRE(answer.size() == 1);
        CHECK(std::get<KeyExchange>(answer.front()).data.size() == 1088);
        return;
    }
    CHECK(only_error(answer) == NotifyType::InvalidSyntax);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(pair.bob.host->snapshot().statistics.half_open == 0);
    pair.pass(std::chrono::minutes{1});
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("a critical payload that nobody knows is named", "[ike][pq][negative]") {
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.bob};
    outsider.initiate(kHybrid);
    Unknown unknown;
    unknown.type = PayloadType{200};
    unknown.critical = true;
    outsider.say(ExchangeType::IkeIntermediate, {unknown});
    CHECK(only_error(outsider.heard()) == NotifyType::UnsupportedCriticalPayload);
}

TEST_CASE("before authentication each state takes one exchange alone", "[ike][pq][negative]") {
    using enum ExchangeType;
    const ExchangeType wrong =
        GENERATE(IkeAuth, CreateChildSa, Informational, IkeFollowupKe, ExchangeType{38});
    constexpr std::string_view kTwo = "aes256gcm16-prfsha256-x25519-ke1_ecp256-ke2_mlkem768";
    Pair pair;
    use_proposals(pair, kTwo);
    pair.configure();
    Outsider outsider{pair, pair.bob};
    outsider.initiate(kTwo);
    // Before the first one, before the second one.
    for (const auto method : {KeyExchangeMethod::EcpP256, KeyExchangeMethod::MlKem768}) {
        outsider.say(wrong, MessageId{method == KeyExchangeMethod::EcpP256 ? 1u : 2u}, {});
        CHECK(outsider.unheard() == 0);
        outsider.say(IkeIntermediate, {KeyExchange{method, outsider.share_of(method)}});
        const auto answer = outsider.heard();
        REQUIRE(answer.size() == 1);
        outsider.switch_keys(
            outsider.agree(method, std::get<KeyExchange>(answer.front()).data).view());
    }
    // After both: what was due is due no more, and IKE_AUTH is.
    outsider.say(IkeIntermediate, MessageId{3}, share(KeyExchangeMethod::MlKem768, 1184));
    if (wrong != IkeAuth) outsider.say(wrong, MessageId{3}, {});
    CHECK(outsider.unheard() == 0);
    CHECK(pair.bob.dropped(Dropped::NotAllowedInState) == (wrong == IkeAuth ? 3 : 4));
    outsider.say(IkeAuth, {});
    CHECK(only_error(outsider.heard()) == NotifyType::InvalidSyntax);
}

TEST_CASE("a request under the keys of before is not taken", "[ike][pq][negative]") {
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.bob};
    outsider.initiate(kHybrid);
    outsider.say(
        ExchangeType::IkeIntermediate,
        {KeyExchange{KeyExchangeMethod::MlKem768, outsider.share_of(KeyExchangeMethod::MlKem768)}});
    REQUIRE(outsider.heard().size() == 1);
    outsider.say(ExchangeType::IkeAuth, {});
    CHECK(outsider.unheard() == 0);
    CHECK(pair.bob.dropped(Dropped::IntegrityFailed) == 1);
}

TEST_CASE("an initiator that stops half-way is forgotten", "[ike][pq][negative]") {
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.bob};
    outsider.initiate(kHybrid);
    outsider.say(
        ExchangeType::IkeIntermediate,
        {KeyExchange{KeyExchangeMethod::MlKem768, outsider.share_of(KeyExchangeMethod::MlKem768)}});
    CHECK(pair.bob.host->snapshot().statistics.half_open == 1);
    pair.pass(std::chrono::seconds{31});
    CHECK(pair.bob.host->snapshot().statistics.half_open == 0);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 0);
}

// ---- a peer that does it wrong, as responder
// -------------------------------------------------------------------

TEST_CASE("a response without the share that is due ends the attempt", "[ike][pq][negative]") {
    using enum KeyExchangeMethod;
    const auto payloads =
        GENERATE(std::vector<Payload>{}, share(MlKem512, 768), share(X25519, 32),
                 share(MlKem768, 1087), share(MlKem768, 1089), share(MlKem768, 1184),
                 share(MlKem768, 0), std::vector<Payload>{make_notify(NotifyType::InvalidSyntax)},
                 std::vector<Payload>{make_notify(NotifyType::TemporaryFailure),
                                      KeyExchange{MlKem768, Bytes(1088)}},
                 std::vector<Payload>{KeyExchange{MlKem768, Bytes(1088)},
                                      KeyExchange{MlKem768, Bytes(1088)}});
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.alice};
    pair.up(pair.alice);
    outsider.respond(kHybrid);
    REQUIRE(outsider.heard().size() == 1);
    outsider.say(ExchangeType::IkeIntermediate, payloads);
    check_refused(pair.alice, "");
    CHECK(outsider.unheard() == 0);
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("a response of another exchange is not taken for the one that is due",
          "[ike][pq][negative]") {
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.alice};
    pair.up(pair.alice);
    outsider.respond(kHybrid);
    REQUIRE(outsider.heard().size() == 1);
    using enum ExchangeType;
    for (const ExchangeType wrong :
         {IkeSaInit, IkeAuth, CreateChildSa, Informational, IkeFollowupKe})
        outsider.say(wrong, MessageId{1}, {});
    outsider.say(IkeIntermediate, MessageId{2}, {});
    outsider.say(IkeIntermediate, MessageId{0}, {});
    CHECK(outsider.unheard() == 0);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.front().state ==
          "intermediate_sent");
}

TEST_CASE("a responder that falls silent in IKE_INTERMEDIATE is given up", "[ike][pq][negative]") {
    Pair pair;
    pair.configure();
    Outsider outsider{pair, pair.alice};
    pair.up(pair.alice);
    outsider.respond(kHybrid);
    pair.pass(std::chrono::minutes{2});
    CHECK(outsider.unheard() == 1 + pair.alice.limits.retransmissions_max);
    CHECK(pair.alice.failure()->reason == Reason::PeerUnresponsive);
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("a choice of additional key exchanges without IKE_INTERMEDIATE is not believed",
          "[ike][pq][negative]") {
    Pair pair;
    pair.configure();
    strip(pair, NotifyType::IntermediateExchangeSupported, false, true);
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    check_refused(pair.alice, "knows no IKE_INTERMEDIATE");
}

}  // namespace xfrmd::test
