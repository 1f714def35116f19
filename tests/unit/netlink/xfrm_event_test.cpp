// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>
#include <sys/socket.h>

#include <cerrno>

#include "netlink/xfrm_event.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_values.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using kernel_contract::inbound;
using kernel_contract::transport_policy;
using kernel_contract::tunnel_policies;

namespace {

Decoded<std::optional<KernelEvent>> decode(std::uint16_t type, View payload) {
    return decode_xfrm_event({type, 0, 0, payload});
}

template <class Event>
Event expect(std::uint16_t type, View payload) {
    const auto event = decode(type, payload);
    REQUIRE(event.has_value());
    REQUIRE(event->has_value());
    REQUIRE(std::holds_alternative<Event>(**event));
    return std::get<Event>(**event);
}

bool is_ignored(std::uint16_t type, View payload) {
    const auto event = decode(type, payload);
    return event && !event->has_value();
}

// As the kernel sends it: xfrm_user_acquire, then the templates, marks and so on of the policy.
Bytes acquire_message(const PolicySpec& policy) {
    const auto written = encode_install_policy(policy, PolicyEntry::New);
    REQUIRE(written.has_value());
    xfrm_user_acquire body{};
    body.id.daddr = to_kernel(policy.templates[0].destination);
    body.id.proto = to_kernel(policy.templates[0].protocol);
    body.saddr = to_kernel(policy.templates[0].source);
    body.sel =
        to_kernel(Selector{Prefix::host(address("10.1.0.5")), Prefix::host(address("10.2.0.6")), 17,
                           PortMask::exactly(40000), PortMask::exactly(9), 3});
    body.policy = read_structure<xfrm_userpolicy_info>(payload_of(*written)).value();
    body.policy.index = 81;
    body.seq = 17;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, payload_of(*written).subspan(sizeof(xfrm_userpolicy_info)));
    return octets;
}

// As the kernel sends it: xfrm_user_expire, then XFRMA_MARK.
Bytes expire_message(const SaSpec& spec, bool hard) {
    const auto written = encode_install_sa(spec, SaEntry::New);
    REQUIRE(written.has_value());
    xfrm_user_expire body{};
    body.state = read_structure<xfrm_usersa_info>(payload_of(*written)).value();
    body.state.curlft = {.bytes = 5, .packets = 6, .add_time = 7, .use_time = 8};
    body.hard = hard ? 1 : 0;
    Bytes octets = to_bytes(octets_of(body));
    if (spec.id.mark.mask != 0)
        append(octets, attribute_of(XFRMA_MARK, xfrm_mark{spec.id.mark.value, spec.id.mark.mask}));
    return octets;
}

}  // namespace

TEST_CASE("the groups are acquire, expire and mapping", "[netlink]") {
    CHECK(xfrm_event_groups() ==
          (XFRMGRP_ACQUIRE | XFRMGRP_EXPIRE | 1u << (XFRMNLGRP_MAPPING - 1)));
}

TEST_CASE("an acquire holds the packet, the ends and the whole policy", "[netlink]") {
    PolicySpec policy = tunnel_policies(Family::V4)[0];
    policy.id.mark = {1, 3};
    policy.id.if_id = IfId{4};
    policy.templates.push_back(policy.templates[0]);
    policy.templates[1].protocol = IpsecProtocol::Ah;
    policy.templates[1].mode = Mode::Transport;
    const auto acquire = expect<Acquire>(XFRM_MSG_ACQUIRE, acquire_message(policy));
    CHECK(acquire.sequence == 17);
    CHECK(acquire.protocol == IpsecProtocol::Esp);
    CHECK(acquire.source == address("192.0.2.1"));
    CHECK(acquire.destination == address("192.0.2.2"));
    CHECK(acquire.packet.source == Prefix::host(address("10.1.0.5")));
    CHECK(acquire.packet.destination == Prefix::host(address("10.2.0.6")));
    CHECK(acquire.packet.protocol == 17);
    CHECK(acquire.packet.source_port == PortMask::exactly(40000));
    CHECK(acquire.packet.interface_index == 3);
    CHECK(acquire.policy == policy);
    CHECK(acquire.policy_index == 81);
}

TEST_CASE("the ends of an acquire have the family of the tunnel, not of the packet", "[netlink]") {
    PolicySpec policy = tunnel_policies(Family::V6)[0];
    policy.templates[0].source = address("192.0.2.1");
    policy.templates[0].destination = address("192.0.2.2");
    const auto acquire = expect<Acquire>(XFRM_MSG_ACQUIRE, acquire_message(policy));
    CHECK(acquire.destination == address("192.0.2.2"));
}

TEST_CASE("expiries of an SA say whether it is gone and what it carried", "[netlink]") {
    SaSpec spec = inbound(Family::V6, EspSpi{0x1234});
    spec.id.mark = {1, 3};
    for (const bool hard : {false, true}) {
        const auto expiry = expect<SaExpired>(XFRM_MSG_EXPIRE, expire_message(spec, hard));
        CHECK(expiry.id == spec.id);
        CHECK(expiry.reqid == spec.reqid);
        CHECK(expiry.mode == Mode::Transport);
        CHECK(expiry.hard == hard);
        CHECK(expiry.usage == LifetimeUsage{5, 6, 7, 8});
    }
}

TEST_CASE("the end of an unanswered acquire is no expiry of an SA", "[netlink]") {
    CHECK(is_ignored(XFRM_MSG_EXPIRE, expire_message(inbound(Family::V4, EspSpi{0}), true)));
}

TEST_CASE("a policy's expiry names the policy", "[netlink]") {
    const PolicySpec policy = transport_policy(Family::V6, Direction::In);
    const auto written = encode_install_policy(policy, PolicyEntry::New);
    REQUIRE(written.has_value());
    xfrm_user_polexpire body{};
    body.pol = read_structure<xfrm_userpolicy_info>(payload_of(*written)).value();
    body.hard = 1;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, payload_of(*written).subspan(sizeof(xfrm_userpolicy_info)));
    const auto expiry = expect<PolicyExpired>(XFRM_MSG_POLEXPIRE, octets);
    CHECK(expiry.id == policy.id);
    CHECK(expiry.hard);
}

TEST_CASE("a mapping change holds both end points of the peer", "[netlink]") {
    // struct xfrm_user_mapping, as on the wire of an x86 machine.
    const Bytes octets = from_hex(R"(
        c0000201 00000000 00000000 00000000 c0ffee01 0200 32 00   # destination, SPI, family, ESP
        01400000                                                  # reqid
        c6336401 00000000 00000000 00000000                       # before: 198.51.100.1
        c6336402 00000000 00000000 00000000                       # after: 198.51.100.2
        1194 8235)");
    const auto mapping = expect<MappingChanged>(XFRM_MSG_MAPPING, octets);
    CHECK(mapping.id == SaId{address("198.51.100.1"),
                             address("192.0.2.1"),
                             IpsecProtocol::Esp,
                             EspSpi{0xc0ffee01},
                             {}});
    CHECK(mapping.reqid == ReqId{0x4001});
    CHECK(mapping.before == Endpoint{address("198.51.100.1"), 4500});
    CHECK(mapping.after == Endpoint{address("198.51.100.2"), 33333});
}

TEST_CASE("messages of other types and about other people's objects are ignored", "[netlink]") {
    CHECK(is_ignored(XFRM_MSG_NEWSA, {}));
    CHECK(is_ignored(XFRM_MSG_REPORT, {}));
    xfrm_user_expire body{};
    body.state.id.spi = 1;
    body.state.family = AF_INET;
    body.state.id.proto = 43;  // a routing header of Mobile IPv6
    CHECK(is_ignored(XFRM_MSG_EXPIRE, octets_of(body)));
}

TEST_CASE("events that are too short are damage", "[netlink]") {
    for (const std::uint16_t type :
         {XFRM_MSG_ACQUIRE, XFRM_MSG_EXPIRE, XFRM_MSG_POLEXPIRE, XFRM_MSG_MAPPING}) {
        const auto event = decode(type, from_hex("010203"));
        REQUIRE_FALSE(event.has_value());
        CHECK(event.error().error_number == EBADMSG);
    }
}

TEST_CASE("decoding events survives damage at every place", "[netlink]") {
    std::size_t whole = 0;
    const auto count = [&](std::uint16_t type) {
        return [&whole, type](View octets) {
            if (const auto event = decode(type, octets); event && *event) ++whole;
        };
    };
    damage_everywhere(acquire_message(tunnel_policies(Family::V4)[0]), count(XFRM_MSG_ACQUIRE));
    damage_everywhere(expire_message(inbound(Family::V4, EspSpi{300}), true),
                      count(XFRM_MSG_EXPIRE));
    damage_everywhere(Bytes(sizeof(xfrm_user_mapping), 0x02), count(XFRM_MSG_MAPPING));
    CHECK(whole > 0);
}

}  // namespace xfrmd::netlink::tests
