// SPDX-License-Identifier: Apache-2.0
// Two hosts with certificates made here authenticate each other, in the core itself.
#include <catch2/catch_test_macros.hpp>

#include "fixture.h"
#include "ike/auth/pem.h"
#include "tests/unit/ike/pair.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::pki;
using namespace xfrmd::cli::pki::test;

// Gives the peer the files as a configuration would.
void equip(xfrmd::test::Peer& peer, const Desk& desk) {
    const std::string name = peer.name + ".example.net";
    const std::string key = read_text(desk.at(name + ".key"));
    const std::string chain = read_text(desk.at(name + ".pem"));
    const std::string trusted = read_text(desk.at("ca/ca.pem"));
    REQUIRE(peer.credentials.add_identity("host", as_view(key), as_view(chain)).has_value());
    REQUIRE(
        peer.credentials.add_trust("fleet", as_view(trusted), {}, ike::CrlMode::Off).has_value());
    peer.connection.local_authentication =
        ike::LocalCertificate{"host", *peer.credentials.chain_of("host")};
    peer.connection.peer_authentication =
        ike::PeerCertificate{"fleet", *peer.credentials.authority_key_hashes("fleet")};
}

}  // namespace

TEST_CASE("two hosts authenticate with what was issued, whatever the kinds of keys", "[pki]") {
    for (const KeyType type : {KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::EcdsaP521,
                               KeyType::Ed25519, KeyType::Rsa3072}) {
        INFO(kKeyTypes[static_cast<std::size_t>(type)].word);
        const Desk desk;
        desk.init();
        command::Init below;
        below.ca = desk.at("berlin");
        below.parent = desk.at("ca");
        below.subject = "CN=Berlin CA, O=Test";
        desk.done(below);
        xfrmd::test::Pair pair;
        pair.wall = kNow;
        for (xfrmd::test::Peer* peer : {&pair.alice, &pair.bob}) {
            command::Issue issue;
            issue.name = peer->name + ".example.net";
            issue.out = desk.at("");
            issue.ca = desk.at(peer == &pair.alice ? "ca" : "berlin");
            issue.key.type = type;
            issue.usages = {"serverAuth", "clientAuth", "ipsecIKE"};
            desk.done(issue);
            equip(*peer, desk);
        }
        pair.configure();
        pair.up(pair.alice);
        CHECK(pair.both_up());
    }
}
