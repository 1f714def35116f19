// SPDX-License-Identifier: Apache-2.0
// Ranges as the kernel compares them.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
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
