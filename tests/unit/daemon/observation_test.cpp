// SPDX-License-Identifier: Apache-2.0
// Lines of the journal, and what of a former run is swept at start.
#include <catch2/catch_test_macros.hpp>

#include "daemon/event_lines.h"
#include "daemon/held_back.h"
#include "daemon/leftovers.h"
#include "daemon/rate_limit.h"
#include "tests/unit/daemon/fake_daemon.h"

using namespace xfrmd;
using namespace xfrmd::test;
using namespace std::chrono_literals;
using daemon::Level;

TEST_CASE("A failed negotiation is one line with peer, reason and next attempt", "[daemon]") {
    const auto line = daemon::describe(
        ike::NegotiationFailed{.connection = "branch",
                               .role = ike::Role::Initiator,
                               .remote = {xfrm::Address::parse("192.0.2.7").value(), 500},
                               .reason = ike::Reason::AuthenticationFailed,
                               .detail = "the peer answered AUTHENTICATION_FAILED",
                               .said_by_peer = true,
                               .retry_in = 18s});
    CHECK(line.level == Level::Warning);
    CHECK(daemon::render_line("t", line.level, line.message, line.fields) ==
          "t warning connection branch: negotiation with 192.0.2.7:500 failed: the peer answered "
          "AUTHENTICATION_FAILED; retry in 18.0 s event=negotiation_failed connection=branch "
          "role=initiator "
          "remote=192.0.2.7:500 reason=authentication_failed");
}

TEST_CASE("A peer without a connection is called so", "[daemon]") {
    const auto line = daemon::describe(
        ike::NegotiationFailed{.connection = "",
                               .role = ike::Role::Responder,
                               .remote = {xfrm::Address::parse("192.0.2.7").value(), 500},
                               .reason = ike::Reason::UnknownPeer,
                               .detail = "",
                               .said_by_peer = false,
                               .retry_in = 0s});
    CHECK(line.message ==
          "a peer without a connection: negotiation with 192.0.2.7:500 failed: unknown_peer");
}

TEST_CASE("Policies that the kernel refuses are an error, steps are for debugging", "[daemon]") {
    CHECK(daemon::describe(ike::PolicyFailed{"db", "EPERM"}).level == Level::Error);
    CHECK(daemon::describe(ike::Progress{"db", "x"}).level == Level::Debug);
    CHECK(daemon::describe(ike::ChildUp{.connection = "db",
                                        .child = "all",
                                        .inbound = {0x10},
                                        .outbound = {0x20},
                                        .suite = ""})
              .level == Level::Info);
}

namespace {

// An SA with this reqid between these ends.
xfrm::SaInfo sa(std::uint32_t reqid, const char* source, const char* destination,
                std::uint32_t spi) {
    xfrm::SaInfo info;
    info.spec.reqid = {reqid};
    info.spec.id = {.source = xfrm::Address::parse(source).value(),
                    .destination = xfrm::Address::parse(destination).value(),
                    .spi = {spi}};
    return info;
}

}  // namespace

TEST_CASE("Of the kernel's SAs those are ours that the record has, or that look like ours", "[daemon]") {
    const ike::Snapshot snapshot = sample_snapshot();
    const ike::Configuration& configuration = *snapshot.connections[0].configuration;
    std::vector<xfrm::SaInfo> present;
    present.push_back(sa(16385, "192.0.2.20", "192.0.2.10", 1));  // ours, inbound
    present.push_back(sa(16385, "192.0.2.10", "192.0.2.20", 2));  // ours, outbound
    present.push_back(sa(0, "192.0.2.10", "192.0.2.20", 3));      // somebody's, without reqid
    present.push_back(sa(77, "192.0.2.10", "192.0.2.20", 4));     // of a connection that is gone
    present.push_back(sa(16385, "192.0.2.10", "192.0.2.99", 5));  // our number, but another peer
    present.push_back(sa(16386, "2001:db8::2", "2001:db8::1", 6));
    present.push_back(sa(16386, "2001:db8::2", "2001:db8::1", 7));
    present.back().larval = true;
    netlink::Holdings recorded;
    recorded.sas.insert({xfrm::IpsecProtocol::Esp, {4}, {77}});
    const auto former = daemon::former_sas(present, recorded, configuration);
    REQUIRE(former.size() == 4);
    CHECK(former[0].id == present[0].spec.id);
    CHECK(former[1].id == present[1].spec.id);
    CHECK(former[2].id == present[3].spec.id);
    CHECK(former[3].id == present[5].spec.id);
    CHECK(daemon::former_sas(present, {}, ike::Configuration{}).empty());
}

TEST_CASE("Of the kernel's policies those are orphans that only a former run has put there", "[daemon]") {
    const auto policy = [](const char* destination, std::uint32_t priority) {
        xfrm::PolicyInfo info;
        info.spec.id.selector.source = xfrm::Prefix::any(xfrm::Family::V4);
        info.spec.id.selector.destination = xfrm::Prefix::parse(destination).value();
        info.spec.priority = priority;
        return info;
    };
    const std::vector<xfrm::PolicyInfo> present{policy("10.1.0.0/16", 1), policy("10.2.0.0/16", 1),
                                                policy("10.3.0.0/16", 2), policy("10.4.0.0/16", 1)};
    netlink::Holdings former;
    for (const auto& each : {present[0], present[1], policy("10.3.0.0/16", 1)})
        former.policies[each.spec.id] = {{}, each.spec.priority};
    const auto removal = daemon::orphans(present, former, {present[0].spec.id});
    // The third is somebody else's by now, the fourth always was.
    REQUIRE(removal.policies.size() == 1);
    CHECK(removal.policies[0] == present[1].spec.id);
}

TEST_CASE("A rate limit lets a burst through, then one in a while, and counts the rest",
          "[daemon]") {
    daemon::RateLimit limit{3, 10s};
    ike::Time now{1000s};
    for (int i = 0; i < 3; ++i) CHECK(limit.admit(now) == 0U);
    for (int i = 0; i < 5; ++i) CHECK_FALSE(limit.admit(now));
    now += 9s;
    CHECK_FALSE(limit.admit(now));
    now += 1s;
    CHECK(limit.admit(now) == 6U);
    CHECK_FALSE(limit.admit(now));
    now += 1h;
    CHECK(limit.admit(now) == 1U);
    CHECK(limit.admit(now) == 0U);
    CHECK(limit.admit(now) == 0U);
    CHECK_FALSE(limit.admit(now));
}

TEST_CASE("A connection without an address of ours is told of, with the reason", "[daemon]") {
    const ike::Snapshot snapshot = sample_snapshot();
    auto configuration =
        std::make_shared<ike::Configuration>(*snapshot.connections[0].configuration);
    configuration->connections[1].local = xfrm::Address::any(xfrm::Family::V6);
    daemon::LoadedConfiguration loaded{.configuration = configuration, .credentials = {}, .warnings = {}};
    daemon::warn_of_held_back(
        loaded, {{xfrm::Address::parse("2001:db8::2").value(), "Network is unreachable"}});
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(loaded.warnings[0].severity == daemon::Severity::Warning);
    CHECK(loaded.warnings[0].waits_for_network);
    CHECK(loaded.warnings[0].file == "/etc/xfrmd/xfrmd.toml");
    CHECK(loaded.warnings[0].line == 9);
    CHECK(loaded.warnings[0].text ==
          "connection \"branch\" waits for an address of ours towards 2001:db8::2: "
          "Network is unreachable");
}

namespace {

xfrm::Address address(const char* text) { return xfrm::Address::parse(text).value(); }
ike::AddressRange host(const xfrm::Address& each) { return ike::AddressRange::of(xfrm::Prefix::host(each)); }

// It waits for an address of ours towards its peer.
ike::Connection waiting(const char* name, const char* remote) {
    const xfrm::Address none = xfrm::Address::any(xfrm::Family::V4);
    ike::Connection connection;
    connection.name = name;
    connection.local = none;
    connection.remote = address(remote);
    connection.local_id = ike::identity_of(none);
    connection.children.resize(2);
    connection.children[0].local = {host(none)};
    connection.children[0].remote = {host(connection.remote)};
    return connection;
}

std::expected<xfrm::Address, std::string> found(const xfrm::Address&) { return address("192.0.2.10"); }

}  // namespace

TEST_CASE("An address that is found later stands wherever it would have stood from the beginning", "[daemon]") {
    const ike::AddressRange network = ike::AddressRange::of(xfrm::Prefix::parse("10.1.0.0/16").value());
    std::vector<ike::Connection> connections{waiting("db", "192.0.2.20")};
    ike::Connection& connection = connections[0];
    connection.children[1].local = {network};
    SECTION("also as the identity, where that is the address") {
        CHECK(daemon::take_addresses(connections, found).empty());
        CHECK(connection.local_id == ike::identity_of(address("192.0.2.10")));
    }
    SECTION("but not in place of a name") {
        connection.local_id = ike::parse_identity("alpha.example.net").value();
        CHECK(daemon::take_addresses(connections, found).empty());
        CHECK(connection.local_id == ike::parse_identity("alpha.example.net").value());
    }
    CHECK(connection.local == address("192.0.2.10"));
    CHECK(connection.children[0].local == ike::TrafficSelectorList{host(address("192.0.2.10"))});
    CHECK(connection.children[1].local == ike::TrafficSelectorList{network});
}

TEST_CASE("An address that is not found, or that makes two connections one, is not taken", "[daemon]") {
    std::vector<ike::Connection> connections{waiting("a", "192.0.2.20"), waiting("b", "192.0.2.21"), waiting("c", "192.0.2.22")};
    connections[0].children.resize(1);
    connections[0].local = address("192.0.2.10");
    connections[0].children[0].local = {host(address("192.0.2.10"))};
    connections[1].children.resize(1);
    connections[1].children[0].remote = connections[0].children[0].remote;
    connections[2].children.resize(1);
    const auto unroutable = daemon::take_addresses(
        connections, [](const xfrm::Address& remote) -> std::expected<xfrm::Address, std::string> {
            if (remote == address("192.0.2.22")) return std::unexpected{std::string{"no route"}};
            return found(remote);
        });
    CHECK(connections[1].local.is_unspecified());
    CHECK(connections[1].children[0].local == ike::TrafficSelectorList{host(connections[1].local)});
    CHECK(connections[2].local.is_unspecified());
    REQUIRE(unroutable.size() == 2);
    CHECK(unroutable.at(address("192.0.2.21")) ==
          "with 192.0.2.10, connections \"a\" and \"b\" are for the same traffic: 192.0.2.10/32 -> 192.0.2.20/32");
    CHECK(unroutable.at(address("192.0.2.22")) == "no route");
}
