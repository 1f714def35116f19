// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/nat_selectors.h"

#include <catch2/catch_test_macros.hpp>

namespace xfrmd::ike {

namespace {

AddressRange range(std::string_view prefix, std::uint8_t protocol = 0, std::uint16_t port = 0) {
    AddressRange result = AddressRange::of(*xfrm::Prefix::parse(prefix));
    result.protocol = protocol;
    if (port != 0) result.port_first = result.port_last = port;
    return result;
}

const xfrm::Address kHere = *xfrm::Address::parse("203.0.113.9");

}  // namespace

TEST_CASE("a host behind a NAT has the address that its packets have here, and its ports", "[policy]") {
    CHECK(as_seen_here({range("10.0.0.1/32", 6, 80), range("10.0.0.1/32", 17)}, kHere) ==
          TrafficSelectorList{range("203.0.113.9/32", 6, 80), range("203.0.113.9/32", 17)});
    const xfrm::Address here = *xfrm::Address::parse("2001:db8::9");
    CHECK(as_seen_here({range("fd00::1/128")}, here) == TrafficSelectorList{range("2001:db8::9/128")});
}

TEST_CASE("only the first host that is named has another address, and no network", "[policy]") {
    CHECK(as_seen_here({range("10.0.0.0/8"), range("10.0.0.1/32"), range("10.0.0.2/32"), range("10.0.0.1/32", 6)}, kHere) ==
          TrafficSelectorList{range("10.0.0.0/8"), range("203.0.113.9/32"), range("10.0.0.2/32"),
                              range("203.0.113.9/32", 6)});
    CHECK(as_seen_here({range("0.0.0.0/0")}, kHere) == TrafficSelectorList{range("0.0.0.0/0")});
    CHECK(as_seen_here({}, kHere).empty());
}

TEST_CASE("a host of the other family stays as it is", "[policy]") {
    CHECK(as_seen_here({range("fd00::1/128")}, kHere) == TrafficSelectorList{range("fd00::1/128")});
    CHECK(as_seen_here({range("fd00::1/128"), range("10.0.0.1/32")}, kHere) ==
          TrafficSelectorList{range("fd00::1/128"), range("203.0.113.9/32")});
}

}  // namespace xfrmd::ike
