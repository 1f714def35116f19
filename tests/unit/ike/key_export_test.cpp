// SPDX-License-Identifier: Apache-2.0
// Keys for root, who reads a capture with them.
#include "ike/key_export.h"

#include <catch2/catch_test_macros.hpp>

#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

void check_same(const ExportedKeys& left, const ExportedKeys& right) {
    CHECK(left.spis == right.spis);
    CHECK(left.suite == right.suite);
    CHECK(equal(left.ei.view(), right.ei.view()));
    CHECK(equal(left.er.view(), right.er.view()));
    CHECK(equal(left.ai.view(), right.ai.view()));
    CHECK(equal(left.ar.view(), right.ar.view()));
    CHECK_FALSE(equal(left.ei.view(), left.er.view()));
}

ExportedKeys only_keys(Peer& peer) {
    auto all = export_keys(*peer.host, {});
    REQUIRE(all.size() == 1);
    return std::move(all.front());
}

}  // namespace

TEST_CASE("both ends export the same keys of an IKE SA, with the salt of a combined mode", "[ike]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes256gcm16-prfsha256-x25519")};
    pair.configure();
    CHECK(export_keys(*pair.alice.host, {}).empty());
    pair.up(pair.alice);
    const ExportedKeys keys = only_keys(pair.alice);
    check_same(keys, only_keys(pair.bob));
    CHECK(keys.connection == "link");
    CHECK(keys.ei.size() == 36);
    CHECK(keys.ai.empty());
    CHECK(export_keys(*pair.alice.host, {keys.spis}).empty());
}

TEST_CASE("keys of integrity are exported with those of encryption", "[ike]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128-sha256-prfsha256-x25519")};
    pair.bob.connection.ike_proposals = pair.alice.connection.ike_proposals;
    pair.configure();
    pair.up(pair.bob);
    const ExportedKeys keys = only_keys(pair.alice);
    check_same(keys, only_keys(pair.bob));
    CHECK(keys.ei.size() == 16);
    CHECK(keys.ai.size() == 32);
    CHECK_FALSE(equal(keys.ai.view(), keys.ar.view()));
}

TEST_CASE("the keys of a peer that was refused are there for a moment, so that the refusal can be read", "[ike]") {
    Pair pair;
    pair.bob.connection.peer_id = *IdentityPattern::parse("carol.example.net");
    pair.configure();
    pair.up(pair.alice);
    const ExportedKeys keys = only_keys(pair.bob);
    CHECK(keys.connection.empty());
    CHECK_FALSE(keys.ei.empty());
    pair.pass(std::chrono::minutes{2});
    CHECK(export_keys(*pair.bob.host, {}).empty());
}

}  // namespace xfrmd::test
