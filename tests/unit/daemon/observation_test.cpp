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

TEST_CASE("Of the kernel's SAs only those of our children are swept", "[daemon]") {
    const ike::Snapshot snapshot = sample_snapshot();
    const ike::Configuration& configuration = *snapshot.connections[0].configuration;
    std::vector<xfrm::SaInfo> present;
    present.push_back(sa(16385, "192.0.2.20", "192.0.2.10", 1));  // ours, inbound
    present.push_back(sa(16385, "192.0.2.10", "192.0.2.20", 2));  // ours, outbound
    present.push_back(sa(0, "192.0.2.10", "192.0.2.20", 3));      // somebody's, without reqid
    present.push_back(sa(77, "192.0.2.10", "192.0.2.20", 4));     // somebody's
    present.push_back(sa(16385, "192.0.2.10", "192.0.2.99", 5));  // our number, but another peer
    present.push_back(sa(16386, "2001:db8::2", "2001:db8::1", 6));
    const xfrm::RemoveSas removal = daemon::leftovers(present, configuration);
    REQUIRE(removal.sas.size() == 3);
    CHECK(removal.sas[0] == present[0].spec.id);
    CHECK(removal.sas[1] == present[1].spec.id);
    CHECK(removal.sas[2] == present[5].spec.id);
    CHECK(daemon::leftovers(present, ike::Configuration{}).sas.empty());
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

TEST_CASE("A connection without an address of ours waits, the others are loaded", "[daemon]") {
    const ike::Snapshot snapshot = sample_snapshot();
    auto configuration =
        std::make_shared<ike::Configuration>(*snapshot.connections[0].configuration);
    configuration->connections[1].local = xfrm::Address::any(xfrm::Family::V6);
    const daemon::LoadedConfiguration loaded = daemon::hold_back(
        {.configuration = configuration, .credentials = {}, .warnings = {}},
        {{xfrm::Address::parse("2001:db8::2").value(), "Network is unreachable"}});
    REQUIRE(loaded.configuration->connections.size() == 1);
    CHECK(loaded.configuration->connections[0].name == "db");
    CHECK(loaded.configuration->number == configuration->number);
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(loaded.warnings[0].severity == daemon::Severity::Warning);
    CHECK(loaded.warnings[0].waits_for_network);
    CHECK(loaded.warnings[0].file == "/etc/xfrmd/xfrmd.toml");
    CHECK(loaded.warnings[0].line == 9);
    CHECK(loaded.warnings[0].text ==
          "connection \"branch\" waits for an address of ours towards 2001:db8::2: "
          "Network is unreachable");
}
