// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "cli/racoon/configuration.h"
#include "cli/racoon/parser.h"
#include "ike/crypto/registry.h"

namespace {

using namespace xfrmd;
using namespace std::chrono_literals;

struct Read {
    racoon::Mistakes mistakes;
    racoon::Tree tree;
    racoon::Configuration configuration;

    explicit Read(const std::string& text) {
        const racoon::Includes none = [](const std::string&, const std::string&)
            -> std::expected<std::vector<racoon::IncludedFile>, std::string> {
            return std::unexpected{"nothing is there"};
        };
        tree = racoon::parse("racoon.conf", text, none, mistakes);
        configuration = racoon::interpret(tree, mistakes);
    }
};

constexpr const char* kProposal =
    "proposal { encryption_algorithm aes 256; hash_algorithm sha256; authentication_method rsasig; "
    "dh_group modp2048; lifetime time 30min; } ";

}  // namespace

TEST_CASE("a remote says who the peer is and how both prove it", "[racoon]") {
    const Read read{
        std::string{"remote 10.0.0.1 [501] { exchange_mode main,aggressive;"
                    " my_identifier asn1dn; peers_identifier fqdn \"b.example\";"
                    " peers_identifier asn1dn \"C=*, CN=b\"; verify_identifier on;"
                    " certificate_type x509 \"a.pem\" \"a.key\"; ca_type x509 \"ca.pem\";"
                    " peers_certfile \"b.pem\"; proposal_check claim; generate_policy unique;"
                    " nat_traversal force; dpd_delay 20; ph1id 7; lifetime time 24hours; "} +
        kProposal + "}"};
    REQUIRE(read.configuration.remotes.size() == 1);
    const racoon::Remote& remote = read.configuration.remotes[0];
    CHECK(remote.to_string() == "remote 10.0.0.1");
    CHECK(remote.port == 501);
    CHECK(remote.exchange_modes.size() == 2);
    CHECK(remote.my_identifier->value.type == racoon::IdentifierType::Asn1Dn);
    CHECK(remote.my_identifier->value.text.empty());
    REQUIRE(remote.peers_identifiers.size() == 2);
    CHECK(remote.peers_identifiers[1].value.text == "C=*, CN=b");
    CHECK(remote.certificate->value.key == "a.key");
    CHECK(remote.peers_certificates[0].value.file == "b.pem");
    CHECK(remote.proposal_check->value == racoon::ProposalCheck::Claim);
    CHECK(remote.generate_policy->value == racoon::Generate::Unique);
    CHECK(remote.nat_traversal->value == racoon::Force::Force);
    CHECK(remote.lifetime->value == 24h);
    REQUIRE(remote.proposals.size() == 1);
    CHECK(remote.proposals[0].encryption->value.ours() == "aes256");
    CHECK(remote.proposals[0].group->value.to_string() == "modp2048");
    CHECK(remote.proposals[0].lifetime->value == 30min);
}

TEST_CASE("a remote that inherits takes everything but what it says itself", "[racoon]") {
    Read read{
        std::string{"remote \"base\" { remote_address 10.0.0.1; exchange_mode main; dpd_delay 5;"
                    " peers_identifier fqdn \"a\"; "} +
        kProposal +
        "} remote \"x\" inherit \"base\" { remote_address 10.0.0.2; peers_identifier fqdn \"b\"; }"
        " remote 10.0.0.3 inherit \"base\";"};
    CHECK(read.mistakes.take().empty());
    const auto& remotes = read.configuration.remotes;
    REQUIRE(remotes.size() == 3);
    CHECK(remotes[1].address->to_string() == "10.0.0.2");
    CHECK(remotes[1].dpd_delay->value == 5);
    CHECK(remotes[1].proposals.size() == 1);
    REQUIRE(remotes[1].peers_identifiers.size() == 1);
    CHECK(remotes[1].peers_identifiers[0].value.text == "b");
    CHECK(remotes[2].to_string() == "remote 10.0.0.3");
    CHECK(remotes[2].peers_identifiers[0].value.text == "a");
}

TEST_CASE("a sainfo names networks, ranges, names or anybody", "[racoon]") {
    constexpr const char* kBody =
        " { pfs_group 14; lifetime time 12 hour; encryption_algorithm 3des, blowfish 448, aes256;"
        " authentication_algorithm hmac_sha1,hmac_md5; compression_algorithm deflate; } ";
    Read read{std::string{"sainfo address 10.0.0.0/8[any] any subnet 10.1.0.0 /16 [80] tcp"} +
              kBody + "sainfo address 10.0.0.1-10.0.0.9 47 anonymous" + kBody +
              "sainfo anonymous clientaddr from user_fqdn \"a@b\"" + kBody +
              "sainfo anonymous group \"staff\"" + kBody + "sainfo anonymous fqdn \"x.example\"" +
              kBody};
    CHECK(daemon::render(read.mistakes.take()).empty());
    const auto& all = read.configuration.sainfos;
    REQUIRE(all.size() == 5);
    const auto& local = std::get<racoon::TrafficOf>(all[0].local);
    CHECK(local.prefix == 8);
    CHECK_FALSE(local.port);
    const auto& remote = std::get<racoon::TrafficOf>(all[0].remote);
    CHECK(remote.last.to_string() == "10.1.255.255");
    CHECK(remote.port == 80);
    CHECK(remote.protocol == 6);
    CHECK_FALSE(std::get<racoon::TrafficOf>(all[1].local).prefix);
    CHECK(std::holds_alternative<racoon::AnyTraffic>(all[1].remote));
    CHECK(std::holds_alternative<racoon::ClientAddress>(all[2].remote));
    CHECK(all[2].from->text == "a@b");
    CHECK(all[3].group == "staff");
    CHECK(std::get<racoon::Identifier>(all[4].remote).text == "x.example");
    CHECK(all[0].encryption[1].value.to_string() == "blowfish 448");
    CHECK(all[0].encryption[2].value.bits == 256);
}

TEST_CASE("every word that xfrmd takes for an algorithm of racoon is one of its own", "[racoon]") {
    for (const racoon::AlgorithmRow& row : racoon::algorithms()) {
        if (row.kind == racoon::AlgorithmClass::Method ||
            row.kind == racoon::AlgorithmClass::Compression)
            continue;
        INFO(row.word);
        const auto ours = racoon::Algorithm{&row, row.bits_default}.ours();
        CHECK(ours.has_value() == (row.strength == racoon::Strength::Good));
        CHECK(row.reason.empty() == (row.strength == racoon::Strength::Good));
        if (!ours) continue;
        const ike::TransformRow* transform = ike::transform_row(*ours);
        REQUIRE(transform != nullptr);
        CHECK(transform->implemented);
    }
}

TEST_CASE("no directive stands twice in a context, and each synopsis begins with a directive",
          "[racoon]") {
    std::set<std::pair<racoon::Context, std::string_view>> seen;
    for (const racoon::Directive& directive : racoon::directives()) {
        INFO(directive.word);
        CHECK(seen.emplace(directive.context, directive.word).second);
        const std::string_view word = directive.synopsis.substr(0, directive.synopsis.find(' '));
        CHECK(racoon::find_directive(directive.context, word) != nullptr);
        CHECK(directive.block == (directive.synopsis.ends_with("{ … }")));
    }
}
