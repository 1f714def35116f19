// SPDX-License-Identifier: Apache-2.0
// Ranges as the kernel compares them.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <random>

#include "ike/policy/address_steps.h"
#include "ike/policy/traffic_selector.h"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

xfrm::Address address(std::string_view text) { return xfrm::Address::parse(text).value(); }
AddressRange range(std::string_view first, std::string_view last, std::uint8_t protocol = 0,
                   std::uint16_t port_first = 0, std::uint16_t port_last = 65535) {
    return {address(first), address(last), protocol, port_first, port_last};
}
bool under(const xfrm::PortMask& mask, unsigned port) { return ((port ^ mask.port) & mask.mask) == 0; }

// Exactly the range: one after another without gap or overlap, and no two neighbours are one prefix.
void check_exact(const AddressRange& wanted) {
    const auto prefixes = to_prefixes(wanted);
    INFO(wanted.to_string());
    REQUIRE_FALSE(prefixes.empty());
    REQUIRE(prefixes.front().first() == wanted.first);
    REQUIRE(prefixes.back().last() == wanted.last);
    for (std::size_t i = 0; i + 1 < prefixes.size(); ++i) {
        REQUIRE(successor(prefixes[i].last()) == prefixes[i + 1].first());
        const bool joined = prefixes[i].length == prefixes[i + 1].length &&
                            xfrm::Prefix::make(prefixes[i].address, prefixes[i].length - 1U)->last() ==
                                prefixes[i + 1].last() &&
                            xfrm::Prefix::make(prefixes[i].address, prefixes[i].length - 1U)->first() ==
                                prefixes[i].first();
        REQUIRE_FALSE(joined);
    }
    REQUIRE(prefixes.size() <= 2 * wanted.first.bits());
}

}  // namespace

TEST_CASE("a range becomes the prefixes that cover it exactly", "[policy]") {
    check_exact(range("0.0.0.0", "255.255.255.255"));
    check_exact(range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
    check_exact(range("10.0.0.1", "10.0.0.14"));
    check_exact(range("0.0.0.1", "255.255.255.254"));
    check_exact(range("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"));
    check_exact(range("255.255.255.255", "255.255.255.255"));
    std::mt19937_64 random{4};
    for (int round = 0; round < 300; ++round) {
        const auto left = static_cast<std::uint32_t>(random() >> (random() % 64));
        const auto right = static_cast<std::uint32_t>(random() >> (random() % 64));
        check_exact({.first = xfrm::Address::v4(std::min(left, right)),
                     .last = xfrm::Address::v4(std::max(left, right))});
    }
    CHECK(to_prefixes(range("0.0.0.1", "255.255.255.254")).size() == 62);
    CHECK(to_prefixes(range("10.0.0.0", "10.255.255.255")) ==
          std::vector{xfrm::Prefix::parse("10.0.0.0/8").value()});
    CHECK(to_prefixes(range("10.0.0.9", "10.0.0.1")).empty());
    CHECK(to_prefixes(range("10.0.0.9", "::1")).empty());
}

TEST_CASE("a range of ports becomes port and mask pairs", "[policy]") {
    std::mt19937_64 random{5};
    for (int round = 0; round < 50; ++round) {
        const auto left = static_cast<std::uint16_t>(random());
        const auto right = static_cast<std::uint16_t>(random());
        const auto [first, last] = std::minmax(left, right);
        const auto selectors = to_selectors({range("10.0.0.1", "10.0.0.1", 6, first, last)},
                                            {range("10.0.0.2", "10.0.0.2")}, 64);
        REQUIRE(selectors.has_value());
        INFO(first << "-" << last);
        for (unsigned port = 0; port < 65536; ++port) {
            const auto hits = std::ranges::count_if(
                *selectors, [&](const xfrm::Selector& selector) { return under(selector.source_port, port); });
            const std::ptrdiff_t expected = first <= port && port <= last ? 1 : 0;
            if (hits != expected) FAIL("port " << port << " is hit " << hits << " times");
        }
    }
}

TEST_CASE("selectors are all compatible pairs of local and remote", "[policy]") {
    const auto selectors = to_selectors({range("10.0.0.0", "10.0.0.255"), range("2001:db8::1", "2001:db8::1", 6)},
                                        {range("10.1.0.0", "10.1.0.255", 17, 53, 53), range("::", "::", 17),
                                         range("2001:db8::2", "2001:db8::2")},
                                        8);
    REQUIRE(selectors.has_value());
    REQUIRE(selectors->size() == 2);  // no IPv4 to IPv6, no TCP to UDP
    CHECK((*selectors)[0].source == xfrm::Prefix::parse("10.0.0.0/24"));
    CHECK((*selectors)[0].destination == xfrm::Prefix::parse("10.1.0.0/24"));
    CHECK((*selectors)[0].protocol == 17);
    CHECK((*selectors)[0].source_port == xfrm::PortMask::any());
    CHECK((*selectors)[0].destination_port == xfrm::PortMask::exactly(53));
    CHECK((*selectors)[1].protocol == 6);
}

TEST_CASE("ICMP type and code stand in source and destination port, either way", "[policy]") {
    const auto local = range("10.0.0.1", "10.0.0.1", 1, 0x0800, 0x08ff);  // echo request, any code
    const auto selectors = to_selectors({local}, {range("10.0.0.2", "10.0.0.2", 1)}, 4);
    REQUIRE(selectors.has_value());
    REQUIRE(selectors->size() == 1);
    CHECK(selectors->front().source_port == xfrm::PortMask::exactly(8));
    CHECK(selectors->front().destination_port == xfrm::PortMask::any());
    const auto inward = selectors->front().reversed();
    CHECK(inward.source == selectors->front().destination);
    CHECK(inward.source_port == xfrm::PortMask::exactly(8));

    // RFC 4443: destination unreachable codes 3 to 4, said at the remote end.
    const auto codes = to_selectors({range("::1", "::1")}, {range("::2", "::2", 58, 0x0103, 0x0104)}, 4);
    REQUIRE(codes.has_value());
    REQUIRE(codes->size() == 2);
    CHECK((*codes)[0].source_port == xfrm::PortMask::exactly(1));
    CHECK((*codes)[0].destination_port == xfrm::PortMask::exactly(3));
    CHECK((*codes)[1].destination_port == xfrm::PortMask::exactly(4));

    // Types 8 to 9, whole.
    const auto types = to_selectors({range("::1", "::1", 58, 0x0800, 0x09ff)}, {range("::2", "::2")}, 4);
    REQUIRE(types.has_value());
    REQUIRE(types->size() == 1);
    CHECK(types->front().source_port == xfrm::PortMask{8, 0xfffe});
    CHECK(types->front().destination_port == xfrm::PortMask::any());
}

TEST_CASE("both ends' policies are for the same packets, and for those of the traffic selectors", "[policy]") {
    std::mt19937_64 random{6};
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    const auto any_range = [&] {
        const std::array<std::uint8_t, 4> protocols{0, 6, 17, 1};
        AddressRange made;
        const auto [first, last] = std::minmax({below(16), below(16)});
        made.first = xfrm::Address::v4(0x0a000000 + first);
        made.last = xfrm::Address::v4(0x0a000000 + last);
        made.protocol = protocols[below(4)];
        if (made.protocol != 0 && below(2) == 0) {
            const auto [low, high] = std::minmax({below(8), below(8)});
            made.port_first = static_cast<std::uint16_t>(low);
            made.port_last = static_cast<std::uint16_t>(high);
        }
        return made;
    };
    const auto any_list = [&] {
        TrafficSelectorList list;
        for (std::uint32_t count = 1 + below(3); count > 0; --count) list.push_back(any_range());
        return list;
    };
    const auto holds = [](const AddressRange& range, const xfrm::Address& host, std::uint8_t protocol, unsigned port) {
        return range.first <= host && host <= range.last && (range.protocol == 0 || range.protocol == protocol) &&
               range.port_first <= port && port <= range.port_last;
    };
    for (int round = 0; round < 200; ++round) {
        const auto local = narrow(any_list(), any_list());
        const auto remote = narrow(any_list(), any_list());
        const auto ours = to_selectors(local, remote, 4096).value();
        auto theirs = to_selectors(remote, local, 4096).value();
        for (xfrm::Selector& selector : theirs) selector = selector.reversed();
        INFO(to_string(local) << " to " << to_string(remote));
        REQUIRE(std::ranges::is_permutation(ours, theirs));
        for (int packet = 0; packet < 200; ++packet) {
            const auto source = xfrm::Address::v4(0x0a000000 + below(16));
            const auto destination = xfrm::Address::v4(0x0a000000 + below(16));
            const std::uint8_t protocol = std::array<std::uint8_t, 3>{6, 17, 1}[below(3)];
            const unsigned source_port = below(9);  // for ICMP the code, of type 0
            const unsigned destination_port = protocol == 1 ? source_port : below(9);
            const bool wanted = std::ranges::any_of(local, [&](const AddressRange& here) {
                return holds(here, source, protocol, source_port) &&
                       std::ranges::any_of(remote, [&](const AddressRange& there) {
                           return meet(here, there) && holds(there, destination, protocol, destination_port);
                       });
            });
            const bool hit = std::ranges::any_of(ours, [&](const xfrm::Selector& selector) {
                return selector.source.contains(source) && selector.destination.contains(destination) &&
                       (selector.protocol == 0 || selector.protocol == protocol) &&
                       under(selector.source_port, protocol == 1 ? 0 : source_port) &&
                       under(selector.destination_port, destination_port);
            });
            INFO(source.to_string() << " to " << destination.to_string() << " protocol " << unsigned{protocol}
                                    << " ports " << source_port << " " << destination_port);
            REQUIRE(hit == wanted);
        }
    }
}

TEST_CASE("opaque ports are the kernel's port zero", "[policy]") {
    const auto selectors =
        to_selectors({range("10.0.0.1", "10.0.0.1", 6, 65535, 0)}, {range("10.0.0.2", "10.0.0.2")}, 4);
    REQUIRE(selectors.has_value());
    CHECK(selectors->front().source_port == xfrm::PortMask::exactly(0));
}

TEST_CASE("too many selectors are a sentence, not a flood", "[policy]") {
    const auto wide = range("0.0.0.1", "255.255.255.254");
    const auto selectors = to_selectors({wide}, {wide}, 100);
    REQUIRE_FALSE(selectors.has_value());
    CHECK(selectors.error().contains("more than 100"));
    CHECK(to_selectors({wide}, {wide}, 62 * 62).value().size() == 62 * 62);
}
