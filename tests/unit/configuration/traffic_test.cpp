// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/traffic.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace xfrmd;
using daemon::TrafficItem;
using Ports = TrafficItem::Ports;

std::vector<TrafficItem> items(std::initializer_list<std::string_view> texts) {
    std::vector<TrafficItem> all;
    for (const auto text : texts) {
        const auto item = daemon::parse_traffic_item(text);
        INFO(text);
        REQUIRE(item.has_value());
        all.push_back(*item);
    }
    return all;
}

TrafficItem item(std::string_view text) {
    return items({text}).front();
}

std::vector<ike::AddressRange> networks(std::initializer_list<std::string_view> texts) {
    std::vector<ike::AddressRange> all;
    for (const auto text : texts)
        all.push_back(ike::AddressRange::of(xfrm::Prefix::parse(text).value()));
    return all;
}

std::uint32_t priority(std::string_view local, std::string_view remote,
                       std::initializer_list<std::string_view> texts = {}) {
    return daemon::policy_priority(
        daemon::traffic_selectors(networks({local}), networks({remote}), items(texts)));
}

}  // namespace

TEST_CASE("a protocol stands by name or number", "[configuration]") {
    CHECK(item("tcp").protocol == 6);
    CHECK(item("udp").protocol == 17);
    CHECK(item("esp").protocol == 50);
    CHECK(item("47").protocol == 47);
    CHECK(item("255").protocol == 255);
    CHECK(item("any").protocol == 0);
    CHECK(item("any/any").protocol == 0);
    CHECK(item("tcp/any").ports == Ports::All);
    CHECK(item("icmp").icmp_of_the_family);
}

TEST_CASE("an ICMP type belongs to both ends, and to the family that its protocol is of",
          "[configuration]") {
    CHECK(item("icmp/8").ports == Ports::Both);
    CHECK(item("icmp/8").protocol == 1);
    CHECK_FALSE(item("icmp/8").icmp_of_the_family);
    CHECK(item("icmp/8").port_first == 0x0800);
    CHECK(item("icmp/8").port_last == 0x08ff);
    CHECK(item("icmpv6/1.4").protocol == 58);
    CHECK(item("icmpv6/1.4").port_first == 0x0104);
    CHECK(item("icmpv6/1.4").port_last == 0x0104);
    CHECK(item("icmp/any").icmp_of_the_family);
    for (const auto text : {"icmp/", "icmp/256", "icmp/8.", "icmp/8.256", "icmp/.0", "icmp/echo",
                            "icmp/8 here", "icmpv6/-1"}) {
        INFO(text);
        CHECK_FALSE(daemon::parse_traffic_item(text).has_value());
    }
    const auto selectors = daemon::traffic_selectors(networks({"10.0.0.1", "2001:db8::1"}),
                                                     networks({"10.0.0.2", "2001:db8::2"}),
                                                     items({"icmp/8", "icmp/0", "icmpv6/128"}));
    CHECK(ike::to_string(selectors.local) ==
          "10.0.0.1/32[icmp/8], 10.0.0.1/32[icmp/0], 2001:db8::1/128[icmpv6/128]");
    CHECK(ike::to_string(selectors.remote) ==
          "10.0.0.2/32[icmp/8], 10.0.0.2/32[icmp/0], 2001:db8::2/128[icmpv6/128]");
    // No type is protected that is not named: 8 there and 0 here have nothing in common.
    CHECK(ike::to_selectors(selectors.local, selectors.remote, 16).value().size() == 3);
    CHECK_FALSE(daemon::widening_pair(items({"icmp/8", "icmp/0"})).has_value());
}

TEST_CASE("a port is the peer's, or ours with here", "[configuration]") {
    CHECK(item("tcp/5432").ports == Ports::There);
    CHECK(item("tcp/5432").port_first == 5432);
    CHECK(item("tcp/5432").port_last == 5432);
    CHECK(item("tcp/5432 here").ports == Ports::Here);
    CHECK(item("17/53").ports == Ports::There);
    CHECK(item("udp/8000-8010  here").port_last == 8010);
    CHECK(item("udp/1-65535").port_last == 65535);
}

TEST_CASE("what is no traffic is refused with a sentence and a hint", "[configuration]") {
    for (const auto text : {"",           "tpc",          "tcp/",
                            "tcp/0",      "tcp/65536",    "tcp/http",
                            "tcp/20-10",  "tcp/10-",      "tcp/-10",
                            "icmp/echo",     "gre/1",        "any/80",
                            "0",          "256",          "-1",
                            "tcp here",   "tcp/80 there", "tcp/80here",
                            "tcp /80",    " tcp",         "tcp/80 here here",
                            "4294967302", "tcp/80/90"}) {
        INFO(text);
        const auto parsed = daemon::parse_traffic_item(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK_FALSE(parsed.error().text.empty());
        CHECK_FALSE(parsed.error().hint.empty());
    }
    CHECK(daemon::parse_traffic_item("tpc").error().hint == "did you mean \"tcp\"?");
}

TEST_CASE("a port there and a port here of one protocol do not stand in one child",
          "[configuration]") {
    CHECK(daemon::widening_pair(items({"tcp/5432", "icmp", "tcp/22 here"})) ==
          std::pair<std::size_t, std::size_t>{0, 2});
    CHECK(daemon::widening_pair(items({"6/5432", "tcp/22 here"})).has_value());
    CHECK_FALSE(daemon::widening_pair(items({"tcp/5432", "tcp/5433"})).has_value());
    CHECK_FALSE(daemon::widening_pair(items({"tcp/22 here", "tcp/80 here"})).has_value());
    CHECK_FALSE(daemon::widening_pair(items({"tcp/5432", "udp/53 here"})).has_value());
    CHECK_FALSE(daemon::widening_pair(items({"tcp/5432", "tcp/22 here", "tcp"})).has_value());
    CHECK_FALSE(daemon::widening_pair(items({"any", "tcp/5432", "tcp/22 here"})).has_value());
    CHECK(daemon::widening_pair(items({"icmp", "tcp/5432", "tcp/22 here"})).has_value());
}

TEST_CASE("selectors are made for each item, ICMP after the family", "[configuration]") {
    const auto selectors = daemon::traffic_selectors(networks({"10.0.0.0/8", "2001:db8::/32"}),
                                                     networks({"192.0.2.0/24", "2001:db9::/32"}),
                                                     items({"tcp/443", "icmp", "udp/53 here"}));
    CHECK(ike::to_string(selectors.local) ==
          "10.0.0.0/8[tcp], 2001:db8::/32[tcp], 10.0.0.0/8[icmp], 2001:db8::/32[icmpv6], "
          "10.0.0.0/8[udp/53], "
          "2001:db8::/32[udp/53]");
    CHECK(
        ike::to_string(selectors.remote) ==
        "192.0.2.0/24[tcp/443], 2001:db9::/32[tcp/443], 192.0.2.0/24[icmp], 2001:db9::/32[icmpv6], "
        "192.0.2.0/24[udp], 2001:db9::/32[udp]");
}

// The kernel's selectors are what is protected in the end: each item gives exactly what it says, in
// both ends' eyes.
TEST_CASE("what the kernel protects is what is written", "[configuration]") {
    const auto local = networks({"192.0.2.1"});
    const auto remote = networks({"192.0.2.2"});
    const auto selectors =
        daemon::traffic_selectors(local, remote, items({"tcp/5432", "tcp/5433", "icmp"}));
    const auto policies = ike::to_selectors(selectors.local, selectors.remote, 16);
    REQUIRE(policies.has_value());
    REQUIRE(policies->size() == 3);
    CHECK((*policies)[0].protocol == 6);
    CHECK((*policies)[0].source_port == xfrm::PortMask::any());
    CHECK((*policies)[0].destination_port == xfrm::PortMask::exactly(5432));
    CHECK((*policies)[1].destination_port == xfrm::PortMask::exactly(5433));
    CHECK((*policies)[2].protocol == 1);

    const auto theirs =
        daemon::traffic_selectors(remote, local, items({"tcp/5432 here", "tcp/5433 here", "icmp"}));
    const auto mirrored = ike::to_selectors(theirs.local, theirs.remote, 16);
    REQUIRE(mirrored.has_value());
    REQUIRE(mirrored->size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK((*mirrored)[i].reversed() == (*policies)[i]);
}

TEST_CASE("the more specific child has the lower priority number", "[configuration]") {
    CHECK(priority("192.0.2.1", "192.0.2.2", {"tcp/80"}) == 100'000);
    CHECK(priority("192.0.2.1", "192.0.2.2", {"tcp"}) == 100'001);
    CHECK(priority("192.0.2.1", "192.0.2.2") == 100'002);
    CHECK(priority("10.1.0.0/16", "10.2.0.0/16") == 100'000 + 4 * 4 * 32 + 2);
    CHECK(priority("0.0.0.0/0", "0.0.0.0/0") == 100'000 + 4 * 256 + 2);
    CHECK(priority("::/0", "::/0") == 100'000 + 4 * 256 + 2);
    CHECK(priority("10.1.0.0/16", "10.2.1.0/24") < priority("10.1.0.0/16", "10.2.0.0/16"));
    CHECK(priority("10.1.0.0/16", "10.2.0.0/24", {"tcp/80"}) <
          priority("10.1.0.0/16", "10.2.0.0/24"));
    CHECK(priority("10.1.0.0/24", "10.2.0.0/24") <
          priority("10.1.0.0/16", "10.2.0.0/24", {"tcp/80"}));
}

TEST_CASE("both ends compute the same priority", "[configuration]") {
    CHECK(priority("10.1.0.0/16", "10.2.0.0/24") == priority("10.2.0.0/24", "10.1.0.0/16"));
    CHECK(priority("192.0.2.1", "192.0.2.2", {"tcp/80", "icmp"}) ==
          priority("192.0.2.2", "192.0.2.1", {"tcp/80 here", "icmp"}));
    CHECK(priority("2001:db8::/48", "2001:db9::/56", {"udp/1-100"}) ==
          priority("2001:db9::/56", "2001:db8::/48", {"udp/1-100 here"}));
}
