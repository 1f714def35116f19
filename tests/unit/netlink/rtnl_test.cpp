// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include <net/if.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "netlink/rtnl.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;

namespace {

Bytes address_message(std::uint8_t flags = 0) {
    ifaddrmsg body{};
    body.ifa_family = AF_INET;
    body.ifa_prefixlen = 24;
    body.ifa_flags = flags;
    body.ifa_index = 3;
    Bytes octets = to_bytes(octets_of(body));
    append(octets,
           attribute(IFA_ADDRESS,
                     address("192.0.2.99").octets()));  // the other end, on point-to-point links
    append(octets, attribute(IFA_LOCAL, address("192.0.2.1").octets()));
    return octets;
}

Bytes route_message(std::uint8_t type, std::uint8_t table = RT_TABLE_MAIN, unsigned flags = 0) {
    rtmsg body{};
    body.rtm_family = AF_INET6;
    body.rtm_dst_len = 48;
    body.rtm_table = table;
    body.rtm_type = type;
    body.rtm_flags = flags;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, attribute(RTA_DST, address("2001:db8:5::").octets()));
    append(octets, attribute(RTA_GATEWAY, address("fe80::1").octets()));
    append(octets, attribute(RTA_PREFSRC, address("2001:db8::1").octets()));
    append(octets, attribute_of(RTA_OIF, std::uint32_t{4}));
    return octets;
}

Decoded<std::optional<KernelEvent>> decode(std::uint16_t type, View payload) {
    return decode_route_event({type, 0, 0, payload});
}

bool is_ignored(std::uint16_t type, View payload) {
    const auto event = decode(type, payload);
    return event && !event->has_value();
}

template <class Event>
Event expect(std::uint16_t type, View payload) {
    const auto event = decode(type, payload);
    REQUIRE(event.has_value());
    REQUIRE(event->has_value());
    REQUIRE(std::holds_alternative<Event>(**event));
    return std::get<Event>(**event);
}

}  // namespace

TEST_CASE("routing requests are written octet by octet as the kernel reads them", "[netlink]") {
    CHECK(hex(encode_dump_addresses()->view()) ==
          hex(from_hex("18000000 1600 0103 00000000 00000000 00 00 00 00 00000000")));
    CHECK(hex(encode_route_lookup(address("192.0.2.9"), address("192.0.2.1"))->view()) ==
          hex(from_hex(R"(
        2c000000 1a00 0500 00000000 00000000                # GETROUTE, REQUEST ACK
        02 20 20 00 00 00 00 00 00000000                    # AF_INET, /32 to /32
        0800 0100 c0000209 0800 0200 c0000201)")));
    CHECK(hex(encode_route_lookup(address("2001:db8::9"), {})->view()) == hex(from_hex(R"(
        30000000 1a00 0500 00000000 00000000
        0a 80 00 00 00 00 00 00 00000000
        1400 0100 20010db8 00000000 00000000 00000009)")));
    CHECK(encode_route_lookup(address("192.0.2.9"), address("2001:db8::1")).error().error_number ==
          EINVAL);
}

TEST_CASE("an own address is the local one of the two", "[netlink]") {
    const auto own = decode_own_address(address_message());
    REQUIRE(own.has_value());
    CHECK(*own == OwnAddress{address("192.0.2.1"), 24, 3});
    ifaddrmsg six{};
    six.ifa_family = AF_INET6;
    six.ifa_prefixlen = 64;
    Bytes octets = to_bytes(octets_of(six));
    append(octets, attribute(IFA_ADDRESS, address("2001:db8::1").octets()));
    CHECK(decode_own_address(octets)->value().address == address("2001:db8::1"));
}

TEST_CASE("addresses that cannot be used are left out", "[netlink]") {
    CHECK_FALSE(decode_own_address(address_message(IFA_F_TENTATIVE))->has_value());
    CHECK_FALSE(decode_own_address(address_message(IFA_F_DADFAILED))->has_value());
    CHECK(decode_own_address(address_message(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC))->has_value());
    CHECK(decode_own_address(address_message(IFA_F_DEPRECATED))->has_value());
    Bytes long_flags = address_message();
    append(long_flags, attribute_of(IFA_FLAGS, std::uint32_t{IFA_F_TENTATIVE}));
    CHECK_FALSE(decode_own_address(long_flags)->has_value());
}

TEST_CASE("an address of the wrong length is damage", "[netlink]") {
    Bytes octets = address_message();
    append(octets, attribute(IFA_LOCAL, address("2001:db8::1").octets()));
    CHECK(decode_own_address(octets).error().error_number == EBADMSG);
}

TEST_CASE("a route says source, interface and gateway", "[netlink]") {
    const auto route = decode_route(route_message(RTN_UNICAST));
    REQUIRE(route.has_value());
    CHECK(*route == Route{address("2001:db8::1"), 4, address("fe80::1"), false});
    CHECK(decode_route(route_message(RTN_LOCAL))->local);
    for (const std::uint8_t type : {RTN_UNREACHABLE, RTN_PROHIBIT, RTN_BLACKHOLE, RTN_THROW})
        CHECK(decode_route(route_message(type)).error().error_number == ENETUNREACH);
}

TEST_CASE("changes of addresses and routes become events", "[netlink]") {
    const auto added = expect<AddressChanged>(RTM_NEWADDR, address_message());
    CHECK(added.address == address("192.0.2.1"));
    CHECK(added.interface_index == 3);
    CHECK(added.added);
    CHECK_FALSE(expect<AddressChanged>(RTM_DELADDR, address_message()).added);
    const auto route = expect<RouteChanged>(RTM_NEWROUTE, route_message(RTN_UNICAST));
    CHECK(route.destination == prefix("2001:db8:5::/48"));
    CHECK(route.added);
    CHECK_FALSE(expect<RouteChanged>(RTM_DELROUTE, route_message(RTN_UNREACHABLE)).added);
    rtmsg everything{};
    everything.rtm_family = AF_INET;
    everything.rtm_type = RTN_UNICAST;
    CHECK(expect<RouteChanged>(RTM_NEWROUTE, octets_of(everything)).destination ==
          Prefix::any(Family::V4));
}

TEST_CASE("a link that goes down takes the IPv4 routes with it", "[netlink]") {
    ifinfomsg link{};
    link.ifi_change = IFF_UP;
    const auto down = expect<RouteChanged>(RTM_NEWLINK, octets_of(link));
    CHECK(down.destination == Prefix::any(Family::V4));
    CHECK_FALSE(down.added);
    CHECK_FALSE(expect<RouteChanged>(RTM_DELLINK, octets_of(ifinfomsg{})).added);
    link.ifi_flags = IFF_UP;
    CHECK(is_ignored(RTM_NEWLINK, octets_of(link)));
    CHECK(is_ignored(RTM_NEWLINK, octets_of(ifinfomsg{})));
}

TEST_CASE("what cannot change a path of ours is ignored", "[netlink]") {
    CHECK(is_ignored(RTM_NEWADDR, address_message(IFA_F_TENTATIVE)));
    CHECK(is_ignored(RTM_NEWROUTE, route_message(RTN_UNICAST, RT_TABLE_LOCAL)));
    CHECK(is_ignored(RTM_NEWROUTE, route_message(RTN_MULTICAST)));
    CHECK(is_ignored(RTM_NEWROUTE, route_message(RTN_UNICAST, RT_TABLE_MAIN, RTM_F_CLONED)));
    CHECK(is_ignored(RTM_NEWNEIGH, {}));
    rtmsg decnet{};
    decnet.rtm_family = 12;
    CHECK(is_ignored(RTM_NEWROUTE, octets_of(decnet)));
}

TEST_CASE("decoding routing messages survives damage at every place", "[netlink]") {
    std::size_t whole = 0;
    damage_everywhere(address_message(), [&](View octets) {
        if (const auto own = decode_own_address(octets); own && *own) ++whole;
        static_cast<void>(decode(RTM_NEWADDR, octets));
    });
    damage_everywhere(route_message(RTN_UNICAST), [&](View octets) {
        if (decode_route(octets)) ++whole;
        static_cast<void>(decode(RTM_NEWROUTE, octets));
    });
    damage_everywhere(octets_of(ifinfomsg{}),
                      [&](View octets) { static_cast<void>(decode(RTM_DELLINK, octets)); });
    CHECK(whole > 0);
}

}  // namespace xfrmd::netlink::tests
