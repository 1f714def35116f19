// SPDX-License-Identifier: Apache-2.0
// Every file in examples/ is loaded, and means what its comments say. The lab scenario "examples" runs them.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "ike/policy/default_proposals.h"
#include "ike/policy/proposal_select.h"
#include "test_host.h"

namespace {

using namespace xfrmd;
using test::TestHost;

const std::filesystem::path kExamples = XFRMD_EXAMPLES;

daemon::LoadedConfiguration load_example(const TestHost& host, const std::string& name) {
    host.write_credentials();
    auto loaded = host.load(test::read_text(kExamples / name));
    INFO((loaded ? std::string{} : test::rendered(loaded.error())));
    REQUIRE(loaded.has_value());
    INFO(test::rendered(loaded->warnings));
    CHECK(loaded->warnings.empty());
    return *std::move(loaded);
}

const ike::Connection& only_connection(const daemon::LoadedConfiguration& loaded) {
    REQUIRE(loaded.configuration->connections.size() == 1);
    REQUIRE(loaded.configuration->connections.front().children.size() == 1);
    return loaded.configuration->connections.front();
}

// What the one end calls local the other calls remote, so that their proposals for the child meet.
void check_mirrored(const ike::Connection& one, const ike::Connection& other) {
    const ike::Child& left = one.children.front();
    const ike::Child& right = other.children.front();
    CHECK(left.mode == right.mode);
    CHECK(left.policy_priority == right.policy_priority);
    CHECK(other.peer_id.matches(one.local_id));
    CHECK(one.peer_id.matches(other.local_id));
}

}  // namespace

TEST_CASE("the example of two hosts with a secret protects everything between them",
          "[configuration]") {
    TestHost host;
    const auto alpha = load_example(host, "host-to-host-psk/alpha.toml");
    const auto beta = load_example(host, "host-to-host-psk/beta.toml");
    const ike::Connection& connection = only_connection(alpha);
    CHECK(alpha.configuration->number == 7);
    CHECK(connection.name == "beta");
    CHECK(connection.local.to_string() == "192.0.2.1");
    CHECK(connection.remote.to_string() == "192.0.2.20");
    CHECK(ike::to_string(connection.local_id) == "alpha.example.net");
    CHECK(connection.peer_id.to_string() == "beta.example.net");
    CHECK(connection.start == ike::Start::OnTraffic);
    CHECK(connection.when_down == ike::WhenDown::Block);
    CHECK(connection.origin.ends_with("/etc/xfrmd/xfrmd.toml:7"));
    CHECK_FALSE(connection.ike_proposals.empty());

    const auto& secret = std::get<ike::LocalSecret>(connection.local_authentication).secret;
    CHECK(std::get<ike::PeerSecret>(connection.peer_authentication).secret == secret);
    REQUIRE(alpha.credentials->secret(secret) != nullptr);
    CHECK(alpha.credentials->secret(secret)->size() == 44);

    const ike::Child& child = connection.children.front();
    CHECK(child.name == "main");
    CHECK(child.mode == xfrm::Mode::Transport);
    CHECK(ike::to_string(child.local) == "192.0.2.1/32");
    CHECK(ike::to_string(child.remote) == "192.0.2.20/32");
    CHECK(child.reqid.value != 0);
    CHECK_FALSE(child.proposals.empty());
    check_mirrored(connection, only_connection(beta));
}

TEST_CASE("the example of a client and its database protects one port", "[configuration]") {
    TestHost host;
    const auto client = load_example(host, "host-to-host-certificates/client.toml");
    const auto database = load_example(host, "host-to-host-certificates/database.toml");
    const ike::Connection& connection = only_connection(client);
    const auto& local = std::get<ike::LocalCertificate>(connection.local_authentication);
    const auto& peer = std::get<ike::PeerCertificate>(connection.peer_authentication);
    CHECK(local.identity == "host");
    CHECK(local.chain.size() == 1);
    CHECK(peer.trust == "fleet");
    CHECK(peer.authority_key_hashes.size() == 1);
    CHECK(client.credentials->identity("host") != nullptr);
    CHECK(client.credentials->trust("fleet") != nullptr);
    CHECK(ike::to_string(connection.local_id) == "web1.clients.example.net");

    const ike::Child& child = connection.children.front();
    CHECK(ike::to_string(child.local) == "2001:db8::1/128[tcp], 2001:db8::1/128[icmpv6]");
    CHECK(ike::to_string(child.remote) == "2001:db8::20/128[tcp/5432], 2001:db8::20/128[icmpv6]");
    const ike::Connection& other = only_connection(database);
    CHECK(other.start == ike::Start::Passive);
    CHECK(ike::to_string(other.children.front().local) ==
          "2001:db8::1/128[tcp/5432], 2001:db8::1/128[icmpv6]");
    CHECK(ike::to_string(other.children.front().remote) ==
          "2001:db8::10/128[tcp], 2001:db8::10/128[icmpv6]");
    CHECK(child.policy_priority == other.children.front().policy_priority);
    CHECK(other.peer_id.matches(connection.local_id));
}

TEST_CASE("the example of two gateways joins networks of both families", "[configuration]") {
    TestHost host;
    const auto headquarters = load_example(host, "gateway-to-gateway/headquarters.toml");
    const auto berlin = load_example(host, "gateway-to-gateway/berlin.toml");
    const ike::Connection& connection = only_connection(headquarters);
    CHECK(connection.local.to_string() == "203.0.113.1");
    CHECK(connection.start == ike::Start::Now);
    CHECK(connection.liveness_interval == std::chrono::seconds{15});
    CHECK(connection.mobike);
    CHECK(connection.additional_addresses == std::vector{xfrm::Address::parse("203.0.113.2").value()});
    REQUIRE(connection.ike_proposals.size() == 2);
    CHECK(connection.ike_proposals[1].number == 2);
    CHECK(connection.require_pq);
    CHECK(connection.require_transcript_auth);
    CHECK(ike::only_quantum_resistant(connection.ike_proposals) == connection.ike_proposals);
    REQUIRE(connection.children.front().proposals.size() == 2);
    const ike::Child& child = connection.children.front();
    CHECK(child.name == "lan");
    CHECK(child.mode == xfrm::Mode::Tunnel);
    CHECK(ike::to_string(child.local) == "10.1.0.0/16, 2001:db8:1::/48");
    CHECK(ike::to_string(child.remote) == "10.2.0.0/16, 2001:db8:2::/48");
    const auto& secret = std::get<ike::LocalSecret>(connection.local_authentication).secret;
    REQUIRE(headquarters.credentials->secret(secret) != nullptr);
    CHECK(headquarters.credentials->secret(secret)->size() == 24);
    CHECK(ike::to_string(only_connection(berlin).children.front().local) ==
          ike::to_string(child.remote));
    check_mirrored(connection, only_connection(berlin));
}

TEST_CASE("tunnels may move, unless it is said otherwise; nothing else does", "[configuration]") {
    TestHost host;
    host.write_credentials();
    const auto load = [&](const std::string& more) {
        return host.load("[connection.b]\nremote = \"192.0.2.2\"\n"
                         "peer = { id = \"b.example.net\", psk = \"/etc/xfrmd/beta.psk\" }\n" + more);
    };
    const std::string tunnel =
        "mode = \"tunnel\"\n[[connection.b.child]]\nname = \"lan\"\nlocal = [\"10.1.0.0/16\"]\nremote = [\"10.2.0.0/16\"]\n";
    const auto moving = load("additional_local = [\"192.0.2.7\", \"2001:db8::7\"]\n" + tunnel);
    REQUIRE(moving.has_value());
    CHECK(only_connection(*moving).mobike);
    CHECK_FALSE(only_connection(*moving).local_fixed);
    CHECK(only_connection(*moving).additional_addresses.size() == 2);
    const auto fixed = load("local = \"192.0.2.1\"\n" + tunnel);
    REQUIRE(fixed.has_value());
    CHECK(only_connection(*fixed).mobike);
    CHECK(only_connection(*fixed).local_fixed);
    CHECK_FALSE(only_connection(*load("mobike = false\n" + tunnel)).mobike);
    CHECK_FALSE(only_connection(*load("")).mobike);
    CHECK_FALSE(load("mobike = true\n").has_value());
    CHECK(only_connection(*load("")).nat_traversal);
    CHECK_FALSE(only_connection(*load("nat_traversal = false\n")).nat_traversal);
    CHECK_FALSE(load("additional_local = [\"192.0.2.7\"]\n").has_value());
    CHECK_FALSE(load("additional_local = [\"0.0.0.0\"]\n" + tunnel).has_value());
}

TEST_CASE("require_pq leaves the default proposals that have ML-KEM", "[configuration]") {
    TestHost host;
    host.write_credentials();
    const auto loaded = host.load(R"([connection.b]
remote = "192.0.2.2"
peer = { id = "b.example.net", psk = "/etc/xfrmd/beta.psk" }
require_pq = true
)");
    REQUIRE(loaded.has_value());
    const ike::Connection& connection = only_connection(*loaded);
    CHECK(connection.require_pq);
    CHECK_FALSE(connection.require_transcript_auth);
    CHECK(connection.ike_proposals == ike::only_quantum_resistant(ike::default_ike_proposals()));
    CHECK(connection.ike_proposals.size() == 2);
}

TEST_CASE("the example of several children gives each what it says, else what its connection says",
          "[configuration]") {
    TestHost host;
    const auto north = load_example(host, "several-children/north.toml");
    const auto south = load_example(host, "several-children/south.toml");
    REQUIRE(north.configuration->connections.size() == 1);
    const ike::Connection& connection = north.configuration->connections.front();
    CHECK(connection.ike_rekey == std::chrono::hours{8});
    CHECK(connection.reauthenticate == std::chrono::days{7});
    REQUIRE(connection.children.size() == 3);
    const ike::Child& office = connection.children[0];
    const ike::Child& backup = connection.children[1];
    const ike::Child& routing = connection.children[2];
    CHECK(office.rekey == ike::RekeyLimits{.time = std::chrono::hours{1}, .bytes = 64ULL << 30});
    CHECK(backup.rekey == ike::RekeyLimits{.time = std::chrono::hours{4}, .bytes = 1ULL << 40});
    CHECK(backup.replay_window == 1024);
    CHECK(backup.policy_priority < office.policy_priority);
    CHECK(routing.mode == xfrm::Mode::Transport);
    CHECK(routing.protocol == xfrm::IpsecProtocol::Ah);
    REQUIRE(routing.proposals.size() == 1);
    CHECK(routing.proposals.front().protocol == ike::ProtocolId::Ah);
    CHECK(ike::to_string(routing.local) == "203.0.113.1/32[89]");
    std::set<xfrm::ReqId> reqids;
    for (const ike::Child& child : connection.children) reqids.insert(child.reqid);
    CHECK(reqids.size() == 3);

    const ike::Connection& other = south.configuration->connections.front();
    CHECK(other.ike_rekey == std::chrono::hours{4});
    CHECK(other.reauthenticate == ike::Duration::zero());
    REQUIRE(other.children.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(other.children[i].local == connection.children[i].remote);
        CHECK(other.children[i].remote == connection.children[i].local);
        CHECK(other.children[i].policy_priority == connection.children[i].policy_priority);
    }
}

TEST_CASE("split_children makes one child of each pair of selectors that can meet",
          "[configuration]") {
    TestHost host;
    host.write_credentials();
    const auto loaded = host.load(R"(
[connection.b]
remote = "192.0.2.2"
peer = { id = "b.example.net", psk = "/etc/xfrmd/beta.psk" }
split_children = true
[[connection.b.child]]
name = "lan"
local = ["10.1.0.0/16", "10.3.0.0/24", "2001:db8:1::/48"]
remote = ["10.2.0.0/16", "2001:db8:2::/48"]
[[connection.b.child]]
name = "dmz"
local = ["10.4.0.0/16"]
remote = ["10.2.0.0/16"]
)");
    REQUIRE(loaded.has_value());
    std::vector<std::string> said;
    for (const ike::Child& child : loaded->configuration->connections.front().children)
        said.push_back(child.name + ": " + ike::to_string(child.local) + " to " +
                       ike::to_string(child.remote));
    CHECK(said == std::vector<std::string>{"lan#1: 10.1.0.0/16 to 10.2.0.0/16",
                                           "lan#2: 10.3.0.0/24 to 10.2.0.0/16",
                                           "lan#3: 2001:db8:1::/48 to 2001:db8:2::/48",
                                           "dmz: 10.4.0.0/16 to 10.2.0.0/16"});
    const auto& children = loaded->configuration->connections.front().children;
    CHECK(children[1].policy_priority < children[0].policy_priority);
}

TEST_CASE("a range of addresses is one network, and as many prefixes in the kernel as it takes",
          "[configuration]") {
    TestHost host;
    host.write_credentials();
    const auto loaded = host.load(R"(
[connection.b]
remote = "192.0.2.2"
peer = { id = "b.example.net", psk = "/etc/xfrmd/beta.psk" }
[[connection.b.child]]
name = "lan"
local = ["10.1.0.5-10.1.0.9"]
remote = ["10.2.0.0-10.2.255.255", "10.3.0.1-10.3.0.1"]
)");
    REQUIRE(loaded.has_value());
    const ike::Child& child = loaded->configuration->connections.front().children.front();
    CHECK(ike::to_string(child.local) == "10.1.0.5-10.1.0.9");
    CHECK(ike::to_string(child.remote) == "10.2.0.0/16, 10.3.0.1/32");
    // 5/32, 6/31, 8/31 here, two networks there.
    CHECK(ike::to_selectors(child.local, child.remote, 100)->size() == 6);
}

TEST_CASE("the example of a host and strongSwan's gateway is a tunnel from the host itself",
          "[configuration]") {
    TestHost host;
    const auto loaded = load_example(host, "strongswan/xfrmd.toml");
    const ike::Connection& connection = only_connection(loaded);
    CHECK(connection.remote.to_string() == "192.0.2.7");
    CHECK(connection.peer_id.to_string() == "gateway.example.net");
    CHECK(connection.mobike);
    const ike::Child& child = connection.children.front();
    CHECK(child.mode == xfrm::Mode::Tunnel);
    CHECK(ike::to_string(child.local) == "192.0.2.30/32");
    CHECK(ike::to_string(child.remote) == "10.2.0.0/16");
}

TEST_CASE("no example is left without a test", "[configuration]") {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{kExamples})
        if (entry.path().extension() == ".toml")
            files.insert(std::filesystem::relative(entry.path(), kExamples).string());
    CHECK(files == std::set<std::string>{
                       "gateway-to-gateway/berlin.toml", "gateway-to-gateway/headquarters.toml",
                       "host-to-host-certificates/client.toml",
                       "host-to-host-certificates/database.toml", "host-to-host-psk/alpha.toml",
                       "host-to-host-psk/beta.toml", "kernel-policies/host.toml", "limits/limits.toml", "several-children/north.toml",
                       "several-children/south.toml", "strongswan/xfrmd.toml"});
}

TEST_CASE("the example for policies of others is a pattern, without children and for any peer", "[configuration]") {
    TestHost host;
    const auto loaded = load_example(host, "kernel-policies/host.toml");
    REQUIRE(loaded.configuration->connections.size() == 1);
    const ike::Connection& pattern = loaded.configuration->connections.front();
    CHECK(pattern.children.empty());
    CHECK(pattern.remote.is_unspecified());
    CHECK(pattern.local.is_unspecified());
    REQUIRE(pattern.served);
    CHECK(pattern.served->esp.size() == 2);
    CHECK(pattern.served->ah.size() == 1);
}

TEST_CASE("the example of limits holds the defaults, all of them", "[configuration]") {
    TestHost host;
    const auto loaded = load_example(host, "limits/limits.toml");
    CHECK(loaded.configuration->limits == ike::Limits{});
    CHECK(loaded.configuration->options == ike::IkeOptions{});
    const std::string text = test::read_text(kExamples / "limits/limits.toml");
    // Each number one higher, each truth turned round: every key has its own place.
    const auto changed = [&](std::string from, const std::string& to) {
        std::string other = text;
        other.replace(other.find(from), from.size(), to);
        const auto read = host.load(other);
        REQUIRE(read.has_value());
        return read->configuration;
    };
    CHECK(changed("fragment_size = 1280", "fragment_size = 1400")->limits.fragment_size == 1400);
    CHECK(changed("half_open_lifetime = \"30s\"", "half_open_lifetime = \"1m\"")->limits.half_open_lifetime ==
          std::chrono::minutes{1});
    CHECK(changed("refuse_ikev1 = false", "refuse_ikev1 = true")->options.refuse_ikev1);
    CHECK_FALSE(changed("quick_crash_detection = true", "quick_crash_detection = false")
                    ->options.quick_crash_detection);
    CHECK(changed("nat_keepalive = \"20s\"", "nat_keepalive = \"1m\"")->options.nat_keepalive ==
          std::chrono::minutes{1});
    CHECK(changed("nat_keepalive = \"20s\"", "nat_keepalive = \"off\"")->options.nat_keepalive ==
          std::chrono::seconds{0});
}
