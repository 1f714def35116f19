// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>
#include <sys/socket.h>

#include <cerrno>

#include "netlink/xfrm_policy.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using kernel_contract::policy_catalogue;
using kernel_contract::tunnel_policies;

namespace {

PolicySpec sample() {
    PolicySpec policy;
    policy.id.selector = {prefix("10.1.0.0/16"), prefix("10.2.0.0/16"),  6,
                          PortMask::any(),       PortMask::exactly(443), 0};
    policy.id.mark = {3, 15};
    policy.id.if_id = IfId{77};
    policy.priority = 1000;
    policy.templates.push_back({.source = address("192.0.2.1"),
                                .destination = address("192.0.2.2"),
                                .mode = Mode::Tunnel,
                                .reqid = ReqId{0x4001},
                                .optional = true});
    return policy;
}

Bytes payload(const PolicySpec& policy) {
    const auto message = encode_install_policy(policy, PolicyEntry::New);
    REQUIRE(message.has_value());
    return to_bytes(payload_of(*message));
}

}  // namespace

TEST_CASE("a new policy is written octet by octet as the kernel reads it", "[netlink]") {
    const auto message = encode_install_policy(sample(), PolicyEntry::New);
    REQUIRE(message.has_value());
    CHECK(hex(message->view()) == hex(from_hex(R"(
        10010000 1300 0506 00000000 00000000  # 272 octets, NEWPOLICY, REQUEST ACK EXCL CREATE
        0a020000 00000000 00000000 00000000                 # sel: destination
        0a010000 00000000 00000000 00000000                 # source
        01bb ffff 0000 0000 0200 10 10 06 000000  # to port 443, AF_INET, /16 /16, TCP
        00000000 00000000                                   # interface, user
        ffffffff ffffffff ffffffff ffffffff                 # limits: octets
        ffffffff ffffffff ffffffff ffffffff                 # packets
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000   # seconds
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000   # usage
        e8030000 00000000 01 00 00 00 00000000  # priority, index, out, allow, flags, share
        4400 0500                                           # XFRMA_TMPL
        c0000202 00000000 00000000 00000000 00000000 32 000000   # destination, any SPI, ESP
        0200 0000 c0000201 00000000 00000000 00000000       # AF_INET, source
        01400000 01 00 01 00                                # reqid, tunnel, share, optional
        ffffffff ffffffff ffffffff                          # any algorithm
        0c00 1500 03000000 0f000000                         # XFRMA_MARK
        0800 1f00 4d000000                                  # XFRMA_IF_ID
        )")));
}

TEST_CASE("a label is part of what a policy is known by", "[netlink]") {
    PolicySpec policy = sample();
    policy.id.security_context = SecurityContext{1, 1, 0, "a:b:c"};
    CHECK(hex(payload(policy))
              .contains("12000800"
                        "0e000800"
                        "01010600"
                        "613a623a63000000"));
    CHECK(hex(encode_remove_policy(policy.id)->view())
              .contains("0e000800"
                        "01010600"
                        "613a623a63000000"));
    CHECK(decode_policy(payload(policy))->spec == policy);
}

TEST_CASE("overwriting a policy is another message with the same content", "[netlink]") {
    const auto fresh = encode_install_policy(sample(), PolicyEntry::New);
    const auto over = encode_install_policy(sample(), PolicyEntry::Overwrite);
    REQUIRE(fresh.has_value());
    REQUIRE(over.has_value());
    CHECK(header_of(*over).nlmsg_type == XFRM_MSG_UPDPOLICY);
    CHECK((header_of(*over).nlmsg_flags & NLM_F_EXCL) == 0);
    CHECK(hex(payload_of(*over)) == hex(payload_of(*fresh)));
}

TEST_CASE("putting a policy back repeats the kernel's own octets", "[netlink]") {
    const Bytes former = payload(sample());
    const auto message = encode_restore_policy(former);
    REQUIRE(message.has_value());
    CHECK(header_of(*message).nlmsg_type == XFRM_MSG_UPDPOLICY);
    CHECK(hex(payload_of(*message)) == hex(former));
}

TEST_CASE("removing, querying and dumping policies are short messages", "[netlink]") {
    const std::string_view id = R"(
        0a020000 00000000 00000000 00000000 0a010000 00000000 00000000 00000000
        01bb ffff 0000 0000 0200 10 10 06 000000 00000000 00000000
        00000000 01 000000                                  # no index, out
        0c00 1500 03000000 0f000000 0800 1f00 4d000000)";
    CHECK(hex(encode_remove_policy(sample().id)->view()) ==
          hex(from_hex("64000000 1400 0500 00000000 00000000")) + hex(from_hex(id)));
    CHECK(hex(encode_query_policy(sample().id)->view()) ==
          hex(from_hex("64000000 1500 0500 00000000 00000000")) + hex(from_hex(id)));
    CHECK(hex(encode_dump_policies()->view()) ==
          hex(from_hex("50000000 1500 0103 00000000 00000000")) + hex(Bytes(64)));
    CHECK(encode_dump_policies()->is_dump());
}

TEST_CASE("directions, actions and families have their numbers", "[netlink]") {
    PolicySpec policy = tunnel_policies(Family::V6)[0];
    for (const auto& [direction, number] :
         {std::pair{Direction::In, XFRM_POLICY_IN}, std::pair{Direction::Out, XFRM_POLICY_OUT},
          std::pair{Direction::Forward, XFRM_POLICY_FWD}}) {
        policy.id.direction = direction;
        CHECK(read_structure<xfrm_userpolicy_info>(payload(policy))->dir == number);
    }
    CHECK(read_structure<xfrm_userpolicy_info>(payload(policy))->sel.family == AF_INET6);
    policy.action = PolicyAction::Block;
    policy.templates.clear();
    CHECK(read_structure<xfrm_userpolicy_info>(payload(policy))->action == XFRM_POLICY_BLOCK);
    CHECK(payload(policy).size() == sizeof(xfrm_userpolicy_info));
}

TEST_CASE("a transport template without addresses takes the selector's family", "[netlink]") {
    PolicySpec policy = tunnel_policies(Family::V6)[0];
    policy.templates.assign(1, Template{});
    const auto read = decode_policy(payload(policy));
    REQUIRE(read.has_value());
    CHECK(read->spec.templates.at(0).destination == Address::any(Family::V6));
}

TEST_CASE("a transport template without addresses around a tunnel takes the tunnel's family",
          "[netlink]") {
    PolicySpec policy = tunnel_policies(Family::V6)[0];
    policy.templates[0].source = address("192.0.2.1");
    policy.templates[0].destination = address("192.0.2.2");
    policy.templates.push_back(Template{});
    policy.templates.back().protocol = IpsecProtocol::Ah;
    policy.templates.back().source = policy.templates.back().destination = Address::any(Family::V6);
    const auto read = decode_policy(payload(policy));
    REQUIRE(read.has_value());
    CHECK(read->spec.templates.at(1).destination == Address::any(Family::V4));
}

TEST_CASE("policies with ends of two families are refused before the kernel sees them",
          "[netlink]") {
    PolicySpec policy = sample();
    policy.templates[0].source = address("2001:db8::1");
    CHECK(encode_install_policy(policy, PolicyEntry::New).error().error_number == EINVAL);
    policy = sample();
    policy.id.selector.source = prefix("2001:db8::/32");
    CHECK(encode_install_policy(policy, PolicyEntry::New).error().error_number == EINVAL);
}

TEST_CASE("every kind of policy reads back as it was written", "[netlink]") {
    for (const PolicySpec& policy : policy_catalogue()) {
        INFO(policy.id.selector.to_string());
        const auto read = decode_policy(payload(policy));
        REQUIRE(read.has_value());
        CHECK(read->spec == policy);
    }
}

TEST_CASE("index and counters of a policy are read", "[netlink]") {
    auto info = read_structure<xfrm_userpolicy_info>(payload(sample())).value();
    info.index = 129;
    info.curlft = {.bytes = 1, .packets = 2, .add_time = 3, .use_time = 4};
    const auto read = decode_policy(octets_of(info));
    REQUIRE(read.has_value());
    CHECK(read->index == 129);
    CHECK(read->usage == LifetimeUsage{1, 2, 3, 4});
    CHECK(read->spec.templates.empty());
}

TEST_CASE("socket policies, sub-policies and strange templates are passed over", "[netlink]") {
    auto info = read_structure<xfrm_userpolicy_info>(payload(sample())).value();
    info.dir = 4;  // per-socket, out
    CHECK(decode_policy(octets_of(info)).error().error_number == EOPNOTSUPP);
    info.dir = XFRM_POLICY_OUT;
    Bytes sub = to_bytes(octets_of(info));
    append(sub, attribute_of(XFRMA_POLICY_TYPE, xfrm_userpolicy_type{XFRM_POLICY_TYPE_SUB, 0, 0}));
    CHECK(decode_policy(sub).error().error_number == EOPNOTSUPP);
    xfrm_user_tmpl any_protocol{};
    any_protocol.family = AF_INET;
    any_protocol.id.proto = 255;
    Bytes strange = to_bytes(octets_of(info));
    append(strange, attribute_of(XFRMA_TMPL, any_protocol));
    CHECK(decode_policy(strange).error().error_number == EOPNOTSUPP);
}

TEST_CASE("half a template is damage", "[netlink]") {
    Bytes octets = payload(tunnel_policies(Family::V4)[0]);
    octets.resize(sizeof(xfrm_userpolicy_info));
    append(octets, attribute(XFRMA_TMPL, Bytes(sizeof(xfrm_user_tmpl) + 8)));
    CHECK(decode_policy(octets).error().error_number == EBADMSG);
}

TEST_CASE("decoding a policy survives damage at every place", "[netlink]") {
    PolicySpec policy = sample();
    policy.templates.push_back(policy.templates[0]);
    std::size_t whole = 0;
    damage_everywhere(payload(policy), [&](View octets) {
        if (const auto read = decode_policy(octets); read && read->spec == policy) ++whole;
    });
    CHECK(whole > 0);
}

}  // namespace xfrmd::netlink::tests
