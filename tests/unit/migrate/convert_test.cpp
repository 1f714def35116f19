// SPDX-License-Identifier: Apache-2.0
// What pairs of policies and blocks come to.
#include "cli/migrate/convert.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "cli/migrate/toml.h"
#include "tests/unit/migrate/files.h"

namespace {

using namespace xfrmd;
using migrate::Verdict;
using test::lines;
using test::Migrated;

constexpr std::string_view kPsk =
    "{ exchange_mode main; proposal { encryption_algorithm aes 256; hash_algorithm sha256; "
    "authentication_method pre_shared_key; dh_group 14; } } ";
constexpr std::string_view kRsa =
    " proposal { encryption_algorithm aes 256; hash_algorithm sha256; authentication_method "
    "rsasig; dh_group 14; } } ";
constexpr std::string_view kSainfo =
    "{ pfs_group 14; encryption_algorithm aes 256; authentication_algorithm hmac_sha256; "
    "compression_algorithm deflate; } ";
constexpr std::string_view kSecret = "192.0.2.2 a secret that is long enough\n";

std::string with_sainfo(std::string_view remotes) {
    return std::string{remotes} + "sainfo anonymous " + std::string{kSainfo};
}
std::string anonymous() {
    return with_sainfo("remote anonymous " + std::string{kPsk});
}

// `out` and its twin.
std::string both(const std::string& ours, const std::string& theirs, const std::string& protocol,
                 const std::string& out, const std::string& in) {
    return "spdadd " + ours + " " + theirs + " " + protocol + " -P out " + out + ";\nspdadd " +
           theirs + " " + ours + " " + protocol + " -P in " + in + ";\n";
}
std::string transport(const std::string& ours, const std::string& theirs,
                      const std::string& protocol,
                      const std::string& layers = "esp/transport//require") {
    return both(ours, theirs, protocol, "ipsec " + layers, "ipsec " + layers);
}

const migrate::Child& only_child(const migrate::Migration& migration) {
    REQUIRE(migration.model.connections.size() == 1);
    REQUIRE(migration.model.connections[0].children.size() == 1);
    return migration.model.connections[0].children[0];
}

std::string kept(const migrate::Migration& migration) {
    const Secret text = to_setkey(migration.model);
    return {text.view().begin(), text.view().end()};
}

}  // namespace

TEST_CASE("a policy and its twin are one child, and the peer is the other end", "[migrate]") {
    const Migrated migration{{.racoon = anonymous(),
                              .setkey = transport("192.0.2.1", "192.0.2.2", "any"),
                              .psk = std::string{kSecret}}};
    CHECK(only_child(migration).mode == xfrm::Mode::Transport);
    CHECK(migration.model.connections[0].remote == "192.0.2.2");
    CHECK(migration.model.connections[0].local == "192.0.2.1");
    CHECK(migration.model.connections[0].peer.id == "192.0.2.2");
    REQUIRE(migration.report.peers.size() == 1);
    CHECK(migration.report.count(Verdict::Decide) == 0);
    REQUIRE(migration.model.secrets.size() == 1);
    CHECK(migration.model.secrets[0].path == "/etc/xfrmd/peer-192-0-2-2.psk");
}

TEST_CASE("ports and ICMP types become words of protect", "[migrate]") {
    const auto protect = [](const std::string& ours, const std::string& theirs,
                            const std::string& protocol) {
        const Migrated migration{{.racoon = anonymous(),
                                  .setkey = transport(ours, theirs, protocol),
                                  .psk = std::string{kSecret}}};
        return migration.report.peers.size() == 1 ? only_child(migration).protect
                                                  : std::vector{lines(migration.report)};
    };
    CHECK(protect("192.0.2.1", "192.0.2.2[80]", "tcp") == std::vector<std::string>{"tcp/80"});
    CHECK(protect("192.0.2.1[80]", "192.0.2.2[any]", "tcp") ==
          std::vector<std::string>{"tcp/80 here"});
    CHECK(protect("192.0.2.1", "192.0.2.2", "icmp 8,0") == std::vector<std::string>{"icmp/8"});
    CHECK(protect("192.0.2.1", "192.0.2.2", "icmp 3,4") == std::vector<std::string>{"icmp/3.4"});
    CHECK(protect("192.0.2.1", "192.0.2.2", "icmp") == std::vector<std::string>{"icmp"});
    CHECK(protect("192.0.2.1", "192.0.2.2", "89") == std::vector<std::string>{"89"});
    CHECK(protect("192.0.2.1[1]", "192.0.2.2[2]", "udp")[0].contains(
        "about port 1 here and port 2 there at once"));
}

TEST_CASE("what xfrmd cannot negotiate stays in the setkey file, and is to be decided",
          "[migrate]") {
    const auto stays = [](const std::string& setkey) {
        const Migrated migration{
            {.racoon = anonymous(), .setkey = setkey, .psk = std::string{kSecret}}};
        INFO(lines(migration.report));
        CHECK(migration.report.count(Verdict::Decide) >= 1);
        CHECK(kept(migration).contains("-P out"));
        CHECK(std::ranges::none_of(migration.model.connections, &migrate::Connection::enabled));
    };
    stays(transport("192.0.2.1", "10.0.0.0/8", "any"));  // a network of peers
    stays(
        transport("192.0.2.1", "192.0.2.2", "any", "ipcomp/transport//require"));  // no protection
    stays(transport("peer.example", "192.0.2.2", "any"));                          // a name
    stays(transport("192.0.2.1", "192.0.2.2", "47 0.0.0.5"));                      // a GRE key
    stays(both("10.1.0.0/16", "10.2.0.0/16", "any", "ipsec esp/tunnel/192.0.2.1-0.0.0.0/require",
               "ipsec esp/tunnel/0.0.0.0-192.0.2.1/require"));
}

TEST_CASE("for policies with a network of peers there is racoon's role, if they have certificates",
          "[migrate]") {
    const std::string setkey = transport("192.0.2.1", "10.0.0.0/8", "any") +
                               transport("192.0.2.1[1]", "192.0.2.2[2]", "udp");
    const Migrated served{
        {.racoon = with_sainfo("remote anonymous { exchange_mode main; certificate_type x509 "
                               "\"/a.pem\" \"/a.key\"; ca_type x509 \"/ca.pem\";" +
                               std::string{kRsa}),
         .setkey = setkey}};
    REQUIRE(served.model.connections.size() == 1);
    CHECK(served.model.connections[0].serves);
    CHECK(served.model.connections[0].remote == "any");
    CHECK(served.model.kept.size() == 4);
    CHECK(served.report.peers.size() == 2);
    CHECK(
        lines(served.report).contains("connection \"kernel\" (serve_acquires) negotiates for it"));
    const Migrated by_hand{{.racoon = anonymous(), .setkey = setkey, .psk = std::string{kSecret}}};
    CHECK(lines(by_hand.report).contains("it protects traffic with every host of 10.0.0.0/8"));
    CHECK(by_hand.report.peers.empty());
}

TEST_CASE("ends that no host has are told", "[migrate]") {
    const auto told = [](const std::string& ours, const std::string& theirs) {
        const Migrated migration{{.racoon = anonymous(),
                                  .setkey = transport(ours, theirs, "any"),
                                  .psk = std::string{kSecret}}};
        CHECK(migration.report.peers.empty());
        return lines(migration.report);
    };
    CHECK(told("192.0.2.1", "224.0.0.1").contains("224.0.0.1 is no address of a peer"));
    CHECK(told("192.0.2.1", "192.0.2.1").contains("both ends are the same host"));
    CHECK(told("fe80::1", "2001:db8::2").contains("fe80::1 is no address of this host"));
    CHECK(told("192.0.2.1", "0.0.0.0/32").contains("its peer may be any host"));
}

TEST_CASE("another port than IKE's is to be decided, and the block of port 500 comes first",
          "[migrate]") {
    const std::string setkey = transport("192.0.2.1", "192.0.2.2", "any");
    const std::string other = "remote 192.0.2.2 [8000] " + std::string{kPsk};
    const Migrated only{
        {.racoon = with_sainfo(other), .setkey = setkey, .psk = std::string{kSecret}}};
    CHECK(lines(only.report).contains("xfrmd speaks to port 500 of peers, not to 8000"));
    const Migrated both{{.racoon = with_sainfo(other + "remote 192.0.2.2 " + std::string{kPsk}),
                         .setkey = setkey,
                         .psk = std::string{kSecret}}};
    CHECK(both.model.connections[0].from == "racoon.conf:1 remote 192.0.2.2");
    CHECK(both.model.connections[0].enabled);
}

TEST_CASE("a policy without its twin is told, on either side", "[migrate]") {
    const std::string out = "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;";
    const std::string in = "spdadd 192.0.2.2 192.0.2.1 any -P in ipsec esp/transport//require;";
    const auto only_out =
        Migrated{{.racoon = anonymous(), .setkey = out, .psk = std::string{kSecret}}};
    CHECK(lines(only_out.report).contains("no inbound policy is its twin"));
    CHECK(only_out.model.connections.size() == 1);
    const auto only_in =
        Migrated{{.racoon = anonymous(), .setkey = in, .psk = std::string{kSecret}}};
    CHECK(lines(only_in.report).contains("no outbound policy is the same the other way"));
    CHECK(kept(only_in).contains(in));
    // Twins ask for the same.
    const auto unlike = Migrated{
        {.racoon = anonymous(),
         .setkey = out + "spdadd 192.0.2.2 192.0.2.1 any -P in ipsec ah/transport//require;",
         .psk = std::string{kSecret}}};
    CHECK(lines(unlike.report).contains("no inbound policy is its twin"));
    CHECK(lines(unlike.report).contains("no outbound policy is the same the other way"));
}

TEST_CASE("level use is blocked from now on, and said so", "[migrate]") {
    const auto migration =
        Migrated{{.racoon = anonymous(),
                  .setkey = transport("192.0.2.1", "192.0.2.2", "any", "esp/transport//use"),
                  .psk = std::string{kSecret}}};
    CHECK(migration.model.connections[0].may_be_clear);
    CHECK(lines(migration.report).contains("level use: without an SA its packets left in clear"));
    CHECK(migrate::to_toml(migration.model, {}).contains("# when_down = \"clear\""));
    // Of IPComp it is how small packets pass.
    const auto compressed =
        Migrated{{.racoon = anonymous(),
                  .setkey = transport("192.0.2.1", "192.0.2.2", "any",
                                      "ipcomp/transport//use esp/transport//require"),
                  .psk = std::string{kSecret}}};
    CHECK_FALSE(compressed.model.connections[0].may_be_clear);
    CHECK(only_child(compressed).compress);
}

TEST_CASE("of ESP and AH one ESP is recommended, and both are a comment", "[migrate]") {
    const auto migration =
        Migrated{{.racoon = anonymous(),
                  .setkey = transport("192.0.2.1", "192.0.2.2", "any",
                                      "esp/transport//require ah/transport//require"),
                  .psk = std::string{kSecret}}};
    CHECK(only_child(migration).bundle == std::vector<std::string>{"esp", "ah"});
    const std::string toml = migrate::to_toml(migration.model, {});
    CHECK(toml.contains("esp       = [\"aes256gcm16"));
    CHECK(toml.contains("# transforms = [\"esp\", \"ah\"]"));
    const auto ah =
        Migrated{{.racoon = anonymous(),
                  .setkey = transport("192.0.2.1", "192.0.2.2", "any", "ah/transport//require"),
                  .psk = std::string{kSecret}}};
    CHECK(migrate::to_toml(ah.model, {}).contains("protocol  = \"ah\""));
    CHECK(migrate::to_toml(ah.model, {}).contains("ah        = [\"sha256"));
}

TEST_CASE("transport mode with a network is for the host, and the rest goes on being dropped",
          "[migrate]") {
    const auto migration = Migrated{{.racoon = anonymous(),
                                     .setkey = transport("192.0.2.0/24", "198.51.100.2", "any"),
                                     .psk = "198.51.100.2 a secret that is long enough\n"}};
    CHECK(only_child(migration).mode == xfrm::Mode::Transport);
    CHECK(migration.model.connections[0].local.empty());
    CHECK(kept(migration).contains("spdadd 192.0.2.0/24 198.51.100.2/32 any -P out discard;"));
    CHECK(kept(migration).contains("spdadd 198.51.100.2/32 192.0.2.0/24 any -P in discard;"));
}

TEST_CASE("an exception that came first comes before xfrmd's policies", "[migrate]") {
    const std::string exception = "spdadd 192.0.2.1[22] 192.0.2.2 tcp -P out none;\n";
    const std::string policies = transport("192.0.2.1", "192.0.2.2", "any");
    const auto first = Migrated{
        {.racoon = anonymous(), .setkey = exception + policies, .psk = std::string{kSecret}}};
    CHECK(kept(first).contains("-P out prio high + 1073700000 none;"));
    // Behind a policy of the same priority it never counted.
    const auto last = Migrated{
        {.racoon = anonymous(), .setkey = policies + exception, .psk = std::string{kSecret}}};
    CHECK(kept(last).contains("-P out none;"));
    const auto elsewhere =
        Migrated{{.racoon = anonymous(),
                  .setkey = "spdadd 10.0.0.1 10.0.0.2 any -P out none;\n" + policies,
                  .psk = std::string{kSecret}}};
    CHECK(kept(elsewhere).contains("spdadd 10.0.0.1 10.0.0.2 any -P out none;"));
}

TEST_CASE("what has keys in the file stays there, keys and all", "[migrate]") {
    const std::string keys =
        "add 192.0.2.1 192.0.2.2 esp 0x100 -E aes-cbc \"hunter2hunter2hu\";\nadd 192.0.2.2 "
        "192.0.2.1 esp 0x101 -E aes-cbc \"hunter2hunter2hu\";\n";
    const auto migration = Migrated{{.racoon = anonymous(),
                                     .setkey = keys + transport("192.0.2.1", "192.0.2.2", "any"),
                                     .psk = std::string{kSecret}}};
    CHECK(std::ranges::none_of(migration.model.connections, &migrate::Connection::enabled));
    CHECK(kept(migration).contains("\"hunter2hunter2hu\""));
    CHECK(kept(migration).contains("-P in ipsec"));
    CHECK_FALSE(lines(migration.report).contains("hunter2"));
    CHECK(lines(migration.report).contains("a key that never changes"));
}

TEST_CASE("the setkey file of the other host is noticed", "[migrate]") {
    const auto migration = Migrated{{.racoon = with_sainfo("remote 192.0.2.2 " + std::string{kPsk}),
                                     .setkey = both("10.1.0.0/16", "10.2.0.0/16", "any",
                                                    "ipsec esp/tunnel/192.0.2.2-192.0.2.1/require",
                                                    "ipsec esp/tunnel/192.0.2.1-192.0.2.2/require"),
                                     .psk = std::string{kSecret}}};
    CHECK(lines(migration.report).contains("this seems to be the setkey file of the other host"));
    CHECK(std::ranges::none_of(migration.model.connections, &migrate::Connection::enabled));
}

TEST_CASE("the block of an address comes before the anonymous one", "[migrate]") {
    const auto migration = Migrated{
        {.racoon = with_sainfo("remote anonymous { exchange_mode aggressive;" + std::string{kRsa} +
                               "remote 192.0.2.2 " + std::string{kPsk}),
         .setkey = transport("192.0.2.1", "192.0.2.2", "any"),
         .psk = std::string{kSecret}}};
    CHECK(migration.model.connections[0].from == "racoon.conf:1 remote 192.0.2.2");
    CHECK(migration.model.connections[0].identity.empty());
}

TEST_CASE("a sainfo counts if it names just the networks, and is missed if it does not",
          "[migrate]") {
    const auto with = [](const std::string& sainfo) {
        return Migrated{{.racoon = "remote anonymous " + std::string{kPsk} + sainfo,
                         .setkey = both("10.1.0.0/16", "10.2.0.0/16", "any",
                                        "ipsec esp/tunnel/192.0.2.1-192.0.2.2/require",
                                        "ipsec esp/tunnel/192.0.2.2-192.0.2.1/require"),
                         .psk = std::string{kSecret}}};
    };
    const std::string exact =
        "sainfo address 10.1.0.0/16[any] any address 10.2.0.0/16[any] any { pfs_group 14; lifetime "
        "time 7 min; encryption_algorithm aes 192; authentication_algorithm hmac_sha512; "
        "compression_algorithm deflate; } ";
    const auto found = with("sainfo anonymous " + std::string{kSainfo} + exact);
    CHECK(only_child(found).rekey_time == std::chrono::minutes{7});
    CHECK(only_child(found).algorithms.compatible ==
          std::vector<std::string>{"aes192-sha512-modp2048"});
    CHECK(lines(found.report).contains("sainfo anonymous { … }: it goes with no child"));
    // A network around it is another one.
    const auto wider =
        with("sainfo address 10.0.0.0/8 any address 10.2.0.0/16 any " + std::string{kSainfo});
    CHECK(lines(wider.report).contains("no sainfo is for 10.1.0.0/16 to 10.2.0.0/16"));
    const auto reversed =
        with("sainfo address 10.2.0.0/16 any address 10.1.0.0/16 any " + std::string{kSainfo});
    CHECK(lines(reversed.report).contains("written the other way round"));
}

TEST_CASE("who the peer is must be said, or nobody is let in", "[migrate]") {
    test::Parsed parsed{
        {.racoon =
             with_sainfo("remote anonymous { exchange_mode main; my_identifier asn1dn; "
                         "certificate_type x509 \"/a.pem\" \"/a.key\"; ca_type x509 \"/ca.pem\";" +
                         std::string{kRsa}),
         .setkey = transport("192.0.2.1", "192.0.2.2", "any")}};
    parsed.facts().certificates["/a.pem"] = {.problem = {},
                                             .subject = "CN=a,OU=x\\,y,O=Example",
                                             .names = {"a.example.net", "CN=a,OU=x\\,y,O=Example"}};
    const auto migration = parsed.convert();
    const migrate::Connection& connection = migration.model.connections.at(0);
    CHECK_FALSE(connection.peer.decided);
    CHECK(connection.peer.id.ends_with(".invalid"));
    CHECK(connection.local_id == "CN=a,OU=x\\,y,O=Example");
    REQUIRE(connection.peer.alternatives.size() == 3);
    CHECK(connection.peer.alternatives[1].id == "CN=*, OU=x\\,y, O=Example");
    CHECK(connection.peer.alternatives[2].id == "any_of_trust");
    CHECK(migration.report.count(Verdict::Decide) == 1);
}

TEST_CASE("an identity that was not compared is compared from now on", "[migrate]") {
    const auto identities = [](const std::string& directives) {
        Migrated migration{
            {.racoon = with_sainfo("remote anonymous { exchange_mode main; certificate_type "
                                   "x509 \"/a.pem\" \"/a.key\"; ca_type x509 \"/ca.pem\";" +
                                   directives + std::string{kRsa}),
             .setkey = transport("192.0.2.1", "192.0.2.2", "any")}};
        return migration;
    };
    const auto unverified = identities("peers_identifier asn1dn \"C=DE, CN=b\";");
    CHECK(unverified.model.connections[0].peer.id == "C=DE, CN=b");
    CHECK(lines(unverified.report).contains("without verify_identifier on"));
    const auto several = identities(
        "verify_identifier on; peers_identifier fqdn \"b.example\"; peers_identifier fqdn "
        "\"c.example\";");
    CHECK(several.model.connections[0].peer.id == "b.example");
    CHECK(several.report.count(Verdict::Decide) == 1);
    const auto without_text = identities("verify_identifier on; peers_identifier asn1dn;");
    CHECK_FALSE(without_text.model.connections[0].peer.decided);
    const auto wrong = identities("verify_identifier on; peers_identifier asn1dn \"nonsense\";");
    CHECK(lines(wrong.report).contains("xfrmd will not take it"));
}

TEST_CASE("the first line of psk.txt that fits counts, and weak ways of sharing secrets are told",
          "[migrate]") {
    const std::string setkey =
        transport("192.0.2.1", "192.0.2.2", "any") + transport("192.0.2.1", "192.0.2.3", "any");
    const auto everybody = Migrated{{.racoon = anonymous(),
                                     .setkey = setkey,
                                     .psk = "192.0.2.2 short\n* a secret that is long enough\n"}};
    CHECK(everybody.model.secrets.size() == 2);
    CHECK(lines(everybody.report).contains("psk.txt:2 *: one secret for everybody"));
    CHECK(lines(everybody.report).contains("psk.txt:1 192.0.2.2: the secret has 5 octets"));
    const auto shared =
        Migrated{{.racoon = anonymous(),
                  .setkey = setkey,
                  .psk = "192.0.2.2 a secret that is long enough\n192.0.2.3 a secret "
                         "that is long enough\n"}};
    CHECK(lines(shared.report).contains("psk.txt:2 192.0.2.3: the same secret as in line 1"));
    const auto missing =
        Migrated{{.racoon = anonymous(), .setkey = setkey, .psk = std::string{kSecret}}};
    CHECK(lines(missing.report)
              .contains(
                  "the secret that goes with 192.0.2.3 is missing: psk.txt has no secret for it"));
    CHECK(missing.report.count(Verdict::Decide) == 1);
    const auto fleet =
        Migrated{{.racoon = with_sainfo(
                      "remote anonymous { my_identifier fqdn \"fleet.example\"; exchange_mode "
                      "aggressive; proposal { encryption_algorithm aes; hash_algorithm "
                      "sha256; authentication_method pre_shared_key; dh_group 14; } } "),
                  .setkey = setkey,
                  .psk = "fleet.example a secret that is long enough\n"}};
    CHECK(lines(fleet.report).contains("who has it can pass for every host of the fleet"));
    CHECK(fleet.model.connections[0].peer.id == "fleet.example");
}

TEST_CASE("without policies there are guesses from sainfos, or templates", "[migrate]") {
    const auto guessed = Migrated{
        {.racoon = "remote 192.0.2.2 " + std::string{kPsk} +
                   "sainfo address 10.1.0.0/16 any address 10.2.0.0/16 any " + std::string{kSainfo},
         .setkey = {},
         .psk = std::string{kSecret}}};
    CHECK(only_child(guessed).mode == xfrm::Mode::Tunnel);
    CHECK(lines(guessed.report).contains("is a guess: esp/tunnel"));
    const auto hosts = Migrated{{.racoon = "remote 192.0.2.2 " + std::string{kPsk} +
                                           "sainfo address 192.0.2.1 any address 192.0.2.2 any " +
                                           std::string{kSainfo},
                                 .setkey = "flush;",
                                 .psk = std::string{kSecret}}};
    CHECK(only_child(hosts).mode == xfrm::Mode::Transport);
    CHECK(hosts.model.connections[0].local == "192.0.2.1");
    const auto nobody = Migrated{{.racoon = anonymous(), .setkey = {}, .psk = {}}};
    REQUIRE(nobody.model.connections.size() == 1);
    CHECK_FALSE(nobody.model.connections[0].enabled);
    CHECK(nobody.report.peers.empty());
    CHECK(migrate::to_toml(nobody.model, {}).contains("# [connection.peer]"));
}

TEST_CASE("a file without peers is no mistake", "[migrate]") {
    const auto migration = Migrated{{.racoon = "log info;", .setkey = {}, .psk = {}}};
    CHECK(migration.report.count(Verdict::Decide) == 0);
    CHECK(lines(migration.report).contains("it names no peer"));
}

TEST_CASE("policies alone stay what they are", "[migrate]") {
    const auto migration =
        Migrated{{.racoon = {}, .setkey = transport("192.0.2.1", "192.0.2.2", "any"), .psk = {}}};
    CHECK(migration.model.connections.empty());
    CHECK(lines(migration.report).contains("no racoon.conf was given"));
    CHECK(kept(migration).contains("-P out ipsec"));
}
