// SPDX-License-Identifier: Apache-2.0
// What a refusal tells people: which rule it was, what was expected, and what came.
#include <catch2/catch_test_macros.hpp>

#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

struct Told {
    std::string alice;
    std::string bob;
};

Told try_up(Pair& pair) {
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    REQUIRE(pair.alice.failure());
    REQUIRE(pair.bob.failure());
    return {pair.alice.failure()->detail, pair.bob.failure()->detail};
}

}  // namespace

TEST_CASE("algorithms for the IKE SA: both ends tell what was offered, the responder what it has", "[ike]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519")};
    pair.bob.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes256gcm16-prfsha384-x25519"),
                                         *parse_proposal(ProtocolId::Ike, "aes256-sha256-prfsha256-modp2048")};
    const Told told = try_up(pair);
    CHECK(told.alice == "the peer answered NO_PROPOSAL_CHOSEN; we offered aes128gcm16-prfsha256-x25519");
    CHECK(told.bob ==
          "no common algorithms for the IKE SA: the peer offers aes128gcm16-prfsha256-x25519, connection \"link\" has "
          "aes256gcm16-prfsha384-x25519 or aes256-sha256-prfsha256-modp2048");
}

TEST_CASE("algorithms for a child: both ends tell what was offered, the responder what it has", "[ike]") {
    Pair pair;
    pair.alice.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes128gcm16-esn")};
    pair.bob.connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, "aes256gcm16-esn")};
    const std::string child = "child \"" + pair.bob.connection.children.front().name + "\"";
    const Told told = try_up(pair);
    CHECK(told.alice ==
          "the peer answered NO_PROPOSAL_CHOSEN; for " + child + " we offered aes128gcm16-esn in transport mode");
    CHECK(told.bob == "no common algorithms for " + child + ": the peer offers aes128gcm16-esn, it has aes256gcm16-esn");
}

TEST_CASE("traffic: both ends tell what was asked for, the responder what it has", "[ike]") {
    Pair pair;
    pair.use_tunnel();
    pair.bob.connection.children.front().remote = {AddressRange::of(*xfrm::Prefix::parse("10.9.0.0/16"))};
    const std::string child = "child \"" + pair.bob.connection.children.front().name + "\"";
    const Told told = try_up(pair);
    CHECK(told.alice ==
          "the peer answered TS_UNACCEPTABLE; for " + child + " we asked for 10.1.0.0/16 to 10.2.0.0/16");
    CHECK(told.bob == "the peer asks for 10.1.0.0/16 to 10.2.0.0/16, which has nothing in common with " + child +
                          ", 10.9.0.0/16 to 10.2.0.0/16");
}

TEST_CASE("identities: the initiator tells what it claimed, the responder whom it accepts", "[ike]") {
    Pair pair;
    pair.alice.connection.local_id = *parse_identity("mallory.example.net");
    const Told told = try_up(pair);
    CHECK(told.alice ==
          "the peer answered AUTHENTICATION_FAILED; we are \"mallory.example.net\", by the pre-shared key");
    CHECK(told.bob ==
          "no connection with 192.0.2.1 accepts peer \"mallory.example.net\" asking for \"bob.example.net\"; "
          "connection \"link\" accepts \"alice.example.net\" and is \"bob.example.net\"");
}

TEST_CASE("a connection that is held down says so to whoever wonders why a peer is refused", "[ike]") {
    Pair pair;
    pair.configure();
    pair.down(pair.bob);
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{4});
    REQUIRE(pair.bob.host->snapshot().last_unassigned_failure);
    const Failure failure = *pair.bob.host->snapshot().last_unassigned_failure;
    CHECK(failure.reason == Reason::HeldDown);
    CHECK(failure.detail == "connection \"link\" between 192.0.2.2 and 192.0.2.1 is held down by command");
    CHECK(pair.bob.state() == ConnectionState::HeldDown);
}

}  // namespace xfrmd::test
