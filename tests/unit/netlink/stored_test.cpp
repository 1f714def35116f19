// SPDX-License-Identifier: Apache-2.0
// Everything that the kernel says about an SA or a policy arrives, whether we have a word for it or
// not.
#include <catch2/catch_test_macros.hpp>

#include <linux/udp.h>
#include <linux/xfrm.h>
#include <netinet/in.h>

#include <cerrno>

#include "netlink/decode_stored.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_values.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using kernel_contract::policy_catalogue;
using kernel_contract::sa_catalogue;

namespace {

// An SA with numbers that no word of ours stands for, octet by octet as the kernel writes it.
constexpr std::string_view kStrangeSa = R"(
    0a0200ff 00000000 00000000 00000000                 # sel: destination, bits past its prefix
    0a010000 00000000 00000000 00000000                 # source
    0050 fff0 0000 0000 0200 10 21 06 000000            # ports, masks, AF_INET, /16, /33, TCP
    07000000 00000000                                   # interface, user
    c0000202 00000000 00000000 00000000                 # id: destination
    c0ffee01 87 000000                                  # SPI, protocol 135
    c0000201 00000000 00000000 00000000                 # source
    0100000000000000 0200000000000000 0300000000000000 0400000000000000   # limits
    0500000000000000 0600000000000000 0700000000000000 0800000000000000
    0900000000000000 0a00000000000000 0b00000000000000 0c00000000000000   # usage
    0d000000 0e000000 0f000000                          # statistics
    10000000 11000000 0200 63 20 ff                     # sequence, reqid, AF_INET, mode 99, 32
    00000000000000)";

// Everything that a kernel may add to it.
constexpr std::string_view kEverything = R"(
    1c00 0400 0700 1194 86c4 0000 0a000007 00000000 00000000 00000000   # XFRMA_ENCAP, in TCP
    1400 0800 1000 0800 01 02 0800 73797374656d3a00                     # XFRMA_SEC_CTX
    1400 0e00 c0000263 00000000 00000000 00000000                       # XFRMA_COADDR
    0c00 0f00 efbeadde00000000                                          # XFRMA_LASTUSED
    0c00 1500 05000000 00000000                                         # XFRMA_MARK, no mask
    0800 1600 dc050000                                                  # XFRMA_TFCPAD
    0800 1800 07000080                                                  # XFRMA_SA_EXTRA_FLAGS
    0c00 1c00 03000000 06 000000                                        # XFRMA_OFFLOAD_DEV
    0800 1d00 78563412                                                  # XFRMA_SET_MARK
    0800 1e00 ff0000ff                                                  # XFRMA_SET_MARK_MASK
    0800 1f00 4d000000                                                  # XFRMA_IF_ID
    0800 2000 0a000000                                                  # XFRMA_MTIMER_THRESH
    0500 2100 02 000000                                                 # XFRMA_SA_DIR
    0800 2200 14000000                                                  # XFRMA_NAT_KEEPALIVE_INTERVAL
    0800 2300 01000000                                                  # XFRMA_SA_PCPU
    0a00 2800 aabbccddeeff 0000                                         # number 40: nobody knows it
    )";

Bytes sa_with(std::string_view attributes) {
    Bytes octets = from_hex(kStrangeSa);
    append(octets, from_hex(attributes));
    return octets;
}

StoredSa read_sa(View payload, Keys keys = Keys::Skip) {
    auto sa = decode_stored_sa(payload, keys);
    REQUIRE(sa.has_value());
    return *std::move(sa);
}

template <class Structure>
Bytes algorithm(std::uint16_t type, std::string_view name, View key, std::uint32_t icv_bits = 0) {
    Structure head{};
    name.copy(head.alg_name, sizeof head.alg_name - 1);
    head.alg_key_len = static_cast<unsigned>(key.size() * 8);
    if constexpr (requires { head.alg_icv_len; }) head.alg_icv_len = icv_bits;
    if constexpr (requires { head.alg_trunc_len; }) head.alg_trunc_len = icv_bits;
    Bytes value = to_bytes(octets_of(head));
    append(value, key);
    return attribute(type, value);
}

MessageView message(std::uint16_t type, View payload) {
    return {.type = type, .flags = 0, .sequence = 0, .payload = payload};
}

// The payload with every octet of a key overwritten.
std::string without_keys(const MessageView& shown) {
    Bytes octets = to_bytes(shown.payload);
    for (const View place : key_octets(shown)) {
        const auto start = place.data() - shown.payload.data();
        std::fill_n(octets.begin() + start, place.size(), std::uint8_t{0xee});
    }
    return hex(octets);
}

}  // namespace

TEST_CASE("numbers of an SA that have no word stay numbers", "[netlink]") {
    const StoredSa sa = read_sa(sa_with(""));
    CHECK(sa.source == address("192.0.2.1"));
    CHECK(sa.destination == address("192.0.2.2"));
    CHECK(sa.protocol == 135);
    CHECK(sa.spi == EspSpi{0xc0ffee01});
    CHECK(sa.mode == 99);
    CHECK(sa.reqid == ReqId{17});
    CHECK(sa.sequence == 16);
    CHECK(sa.header_window == 32);
    CHECK(sa.flags == 0xff);
    REQUIRE(sa.selector.has_value());
    CHECK(sa.selector->destination == Prefix{address("10.2.0.255"), 16});
    CHECK(sa.selector->source == Prefix{address("10.1.0.0"), 33});
    CHECK(sa.selector->protocol == 6);
    CHECK(sa.selector->destination_port == PortMask{80, 0xfff0});
    CHECK(sa.selector->source_port == PortMask::any());
    CHECK(sa.selector->interface_index == 7);
    CHECK(sa.limits == LifetimeLimits{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(sa.usage == LifetimeUsage{9, 10, 11, 12});
    CHECK(sa.statistics == SaStatistics{13, 14, 15});
    CHECK(sa.others.empty());
    // What our own values cannot express is passed over there.
    CHECK(decode_sa(sa_with(""), Keys::Skip).error().error_number == EOPNOTSUPP);
}

TEST_CASE("every attribute of an SA has its place", "[netlink]") {
    const StoredSa sa = read_sa(sa_with(kEverything));
    CHECK(sa.encapsulation == StoredEncapsulation{7, 4500, 34500, address("10.0.0.7")});
    CHECK(sa.security_context == SecurityContext{2, 1, 8, "system:"});
    CHECK(sa.care_of == address("192.0.2.99"));
    CHECK(sa.last_used == 0xdeadbeef);
    CHECK(sa.mark == Mark{5, 0});
    CHECK(sa.tfc_padding == 1500);
    CHECK(sa.extra_flags == 0x80000007);
    CHECK(sa.offload == Offload{3, 6});
    CHECK(sa.output_mark == Mark{0x12345678, 0xff0000ff});
    CHECK(sa.if_id == IfId{77});
    CHECK(sa.mapping_report_seconds == 10);
    CHECK(sa.direction == 2);
    CHECK(sa.nat_keepalive_seconds == 20);
    CHECK(sa.cpu == 1);
    REQUIRE(sa.others.size() == 1);
    CHECK(sa.others[0].type == 40);
    CHECK(sa.others[0].size == 6);
    CHECK(sa.others[0].octets.empty());
    const StoredSa whole = read_sa(sa_with(kEverything), Keys::Read);
    CHECK(hex(whole.others.at(0).octets.view()) == "aabbccddeeff");
}

TEST_CASE("an output mark without a mask is the whole mark", "[netlink]") {
    CHECK(read_sa(sa_with("0800 1d00 78563412")).output_mark == Mark{0x12345678, 0xffffffff});
}

TEST_CASE("algorithms are read by name, known or not, their keys only when asked for",
          "[netlink]") {
    const Bytes key = from_hex("0102030405060708");
    Bytes octets = sa_with("");
    append(octets, algorithm<xfrm_algo_aead>(XFRMA_ALG_AEAD, "rfc9999(future)", key, 128));
    append(octets, algorithm<xfrm_algo>(XFRMA_ALG_CRYPT, "cbc(des)", key));
    append(octets, algorithm<xfrm_algo>(XFRMA_ALG_AUTH, "hmac(sha256)", key));
    append(octets, algorithm<xfrm_algo_auth>(XFRMA_ALG_AUTH_TRUNC, "hmac(sha256)", key, 96));
    append(octets, algorithm<xfrm_algo>(XFRMA_ALG_COMP, "deflate", {}));
    for (const Keys keys : {Keys::Skip, Keys::Read}) {
        const StoredSa sa = read_sa(octets, keys);
        CHECK(sa.aead.value().name == "rfc9999(future)");
        CHECK(sa.aead.value().icv_bits == 128);
        CHECK(sa.encryption.value().name == "cbc(des)");
        CHECK(sa.integrity.value().name == "hmac(sha256)");
        CHECK(sa.integrity.value().icv_bits == 96);
        CHECK(sa.compression.value().name == "deflate");
        for (const StoredAlgorithm* one : {&*sa.aead, &*sa.encryption, &*sa.integrity}) {
            CHECK(one->key_bits == 64);
            CHECK(hex(one->key.view()) == (keys == Keys::Read ? hex(key) : ""));
        }
        CHECK(sa.compression->key_bits == 0);
    }
}

TEST_CASE("integrity in the old attribute alone has no truncation", "[netlink]") {
    Bytes octets = sa_with("");
    append(octets, algorithm<xfrm_algo>(XFRMA_ALG_AUTH, "hmac(md5)", from_hex("0102")));
    CHECK(read_sa(octets).integrity.value().name == "hmac(md5)");
    CHECK(read_sa(octets).integrity.value().icv_bits == 0);
}

TEST_CASE("both forms of the replay state are read", "[netlink]") {
    const StoredSa plain = read_sa(sa_with("1000 0a00 07000000 05000000 1f000000"));
    CHECK(plain.replay == ReplayState{false, 32, 5, 7, {0x1f}});
    CHECK(plain.replay_window() == 32);
    constexpr std::string_view kLong = R"(2400 1700 02000000 07000000 05000000 01000000 02000000
        40000000 11111111 22222222)";
    const StoredSa extended = read_sa(sa_with(kLong));
    CHECK(extended.replay ==
          ReplayState{true, 64, 0x2'0000'0005, 0x1'0000'0007, {0x11111111, 0x22222222}});
    CHECK(extended.replay_window() == 64);
    CHECK_FALSE(read_sa(sa_with("")).replay.has_value());
    CHECK(read_sa(sa_with("")).replay_window() == 32);
}

TEST_CASE("a bitmap has no more words than its attribute holds", "[netlink]") {
    const StoredSa sa = read_sa(
        sa_with("2000 1700 ffffffff 00000000 00000000 00000000 00000000 ffffffff 11111111"));
    CHECK(sa.replay.value().bitmap == std::vector<std::uint32_t>{0x11111111});
}

TEST_CASE("the label of a security context ends where its length or its attribute does",
          "[netlink]") {
    const auto label = [](std::string_view text) {
        return read_sa(sa_with(text)).security_context.value().label;
    };
    CHECK(label("1000 0800 0c00 0800 01 01 0200 61626364") == "ab");
    CHECK(label("1000 0800 0c00 0800 01 01 ffff 61626364") == "abcd");
    CHECK(label("0c00 0800 0800 0800 01 01 0000").empty());
}

TEST_CASE("what our own values express reads the same in full", "[netlink]") {
    for (const SaSpec& spec : sa_catalogue()) {
        INFO(kernel_contract::describe(spec));
        const auto written = encode_install_sa(spec, SaEntry::New);
        const StoredSa sa = read_sa(payload_of(*written), Keys::Read);
        CHECK(sa.source == spec.id.source);
        CHECK(sa.spi == spec.id.spi);
        CHECK(sa.replay_window() == spec.replay_window);
        CHECK(sa.aead.has_value() == spec.aead.has_value());
        if (sa.aead) CHECK(equal(sa.aead->key.view(), spec.aead->key.view()));
        CHECK(sa.mark == spec.id.mark);
    }
    for (const PolicySpec& spec : policy_catalogue()) {
        const auto written = encode_install_policy(spec, PolicyEntry::New);
        const auto policy = decode_stored_policy(payload_of(*written));
        REQUIRE(policy.has_value());
        CHECK(policy->selector == spec.id.selector);
        CHECK(policy->priority == spec.priority);
        CHECK(policy->templates.size() == spec.templates.size());
    }
}

TEST_CASE("the policies of sockets, sub-policies and strange templates are read", "[netlink]") {
    const Bytes octets = from_hex(R"(
        20010db8 00000000 00000000 00000002 20010db8 00000000 00000000 00000001
        0001 ffff 0080 ffff 0a00 80 40 3a 000000 00000000 00000000
        0100000000000000 0200000000000000 0300000000000000 0400000000000000   # limits
        0500000000000000 0600000000000000 0700000000000000 0800000000000000
        0900000000000000 0a00000000000000 0b00000000000000 0c00000000000000   # usage
        00000080 83000000 04 01 07 03 00000000              # priority, index, dir, action, flags
        4400 0500 20010db8 00000000 00000000 00000002 00001000 2b 000000      # XFRMA_TMPL
        0a00 0000 20010db8 00000000 00000000 00000001
        01400000 05 02 01 00 01000000 02000000 03000000
        1000 0800 0c00 0800 01 01 0400 61626300             # XFRMA_SEC_CTX
        0a00 1000 01 00 0000 00 00 0000                     # XFRMA_POLICY_TYPE
        0c00 1500 05000000 ff000000 0800 1f00 4d000000      # mark, if_id
        0c00 1c00 03000000 04 000000                        # XFRMA_OFFLOAD_DEV
        0500 2a00 09 000000)");
    const auto policy = decode_stored_policy(octets);
    REQUIRE(policy.has_value());
    CHECK(policy->selector == Selector{{address("2001:db8::1"), 64},
                                       {address("2001:db8::2"), 128},
                                       58,
                                       PortMask::exactly(128),
                                       PortMask::exactly(1),
                                       0});
    CHECK(policy->direction == 4);
    CHECK(policy->is_of_a_socket());
    CHECK(policy->index == 131);
    CHECK(policy->priority == 0x80000000);
    CHECK(policy->action == 1);
    CHECK(policy->flags == 7);
    CHECK(policy->share == 3);
    CHECK(policy->type == XFRM_POLICY_TYPE_SUB);
    CHECK(policy->mark == Mark{5, 0xff});
    CHECK(policy->if_id == IfId{77});
    CHECK(policy->limits == LifetimeLimits{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(policy->usage == LifetimeUsage{9, 10, 11, 12});
    CHECK(policy->security_context == SecurityContext{1, 1, 4, "abc"});
    CHECK(policy->offload == Offload{3, 4});
    REQUIRE(policy->others.size() == 1);
    CHECK(policy->others[0].type == 42);
    REQUIRE(policy->templates.size() == 1);
    CHECK(policy->templates[0] == StoredTemplate{.source = address("2001:db8::1"),
                                                 .destination = address("2001:db8::2"),
                                                 .spi = EspSpi{0x1000},
                                                 .protocol = 43,
                                                 .mode = 5,
                                                 .reqid = ReqId{0x4001},
                                                 .share = 2,
                                                 .optional = true,
                                                 .integrity_algorithms = 1,
                                                 .encryption_algorithms = 2,
                                                 .compression_algorithms = 3});
}

TEST_CASE("only what has no address family at all cannot be read", "[netlink]") {
    Bytes octets = from_hex(kStrangeSa);
    auto info = read_structure<xfrm_usersa_info>(octets).value();
    info.family = 77;
    CHECK(decode_stored_sa(octets_of(info), Keys::Skip).error().error_number == EOPNOTSUPP);
    info.family = AF_INET6;
    info.sel.family = AF_UNSPEC;
    CHECK_FALSE(read_sa(octets_of(info)).selector.has_value());
    info.sel.family = 77;
    CHECK(decode_stored_sa(octets_of(info), Keys::Skip).error().error_number == EOPNOTSUPP);
    CHECK(decode_stored_sa({}, Keys::Skip).error().error_number == EBADMSG);
    CHECK(decode_stored_policy({}).error().error_number == EBADMSG);
}

TEST_CASE("the places of keys in a message are known", "[netlink]") {
    const Bytes key = from_hex("0102030405060708");
    Bytes attributes;
    append(attributes, algorithm<xfrm_algo_aead>(XFRMA_ALG_AEAD, "gcm", key, 128));
    append(attributes, algorithm<xfrm_algo>(XFRMA_ALG_CRYPT, "cbc", key));
    append(attributes, algorithm<xfrm_algo>(XFRMA_ALG_AUTH, "md5", key));
    append(attributes, algorithm<xfrm_algo_auth>(XFRMA_ALG_AUTH_TRUNC, "md5", key, 96));
    append(attributes, attribute(40, key));
    append(attributes, attribute_of(XFRMA_IF_ID, std::uint32_t{77}));
    for (const std::uint16_t type : {XFRM_MSG_NEWSA, XFRM_MSG_UPDSA, XFRM_MSG_EXPIRE}) {
        Bytes payload(type == XFRM_MSG_EXPIRE ? sizeof(xfrm_user_expire)
                                              : sizeof(xfrm_usersa_info));
        append(payload, attributes);
        const std::string shown = without_keys(message(type, payload));
        CHECK_FALSE(shown.contains(hex(key)));
        CHECK(shown.contains("eeeeeeeeeeeeeeee"));
        CHECK(shown.ends_with("08001f004d000000"));
    }
    const Bytes policy(sizeof(xfrm_userpolicy_info) + 8, 1);
    CHECK(key_octets(message(XFRM_MSG_NEWPOLICY, policy)).empty());
}

TEST_CASE("all of what cannot be read may be a key", "[netlink]") {
    Bytes payload(sizeof(xfrm_usersa_info));
    append(payload, from_hex("ffff 1200 01020304"));
    const auto places = key_octets(message(XFRM_MSG_NEWSA, payload));
    REQUIRE(places.size() == 1);
    CHECK(places[0].size() == 8);
}

TEST_CASE("decoding in full survives damage at every place", "[netlink]") {
    std::size_t whole = 0;
    Bytes octets = sa_with(kEverything);
    append(octets, algorithm<xfrm_algo_aead>(XFRMA_ALG_AEAD, "gcm", from_hex("01020304"), 128));
    damage_everywhere(octets, [&](View damaged) {
        if (decode_stored_sa(damaged, Keys::Read)) ++whole;
        static_cast<void>(key_octets(message(XFRM_MSG_NEWSA, damaged)));
        if (decode_stored_policy(damaged)) ++whole;
    });
    CHECK(whole > 0);
}

TEST_CASE("the state of an SA follows from its limits", "[netlink]") {
    StoredSa sa;
    sa.protocol = 50;
    CHECK(state_of(sa, 1000) == SaState::Larval);
    sa.protocol = 43;  // Mobile IPv6 has no algorithms
    CHECK(state_of(sa, 1000) == SaState::Mature);
    sa.protocol = 51;
    sa.integrity = StoredAlgorithm{.name = "hmac(sha256)", .key = {}};
    sa.usage = {.bytes = 10, .packets = 2, .add_time = 900, .use_time = 950};
    CHECK(state_of(sa, 1000) == SaState::Mature);

    const auto with = [&](LifetimeLimits limits, std::uint64_t now = 1000) {
        sa.limits = limits;
        return state_of(sa, now);
    };
    // The kernel looks at these before it counts a packet.
    CHECK(with({.soft_bytes = 10}) == SaState::Mature);
    CHECK(with({.soft_bytes = 9}) == SaState::Dying);
    CHECK(with({.soft_packets = 2}) == SaState::Mature);
    CHECK(with({.soft_packets = 1}) == SaState::Dying);
    CHECK(with({.hard_bytes = 10, .hard_packets = 2}) == SaState::Mature);
    CHECK(with({.soft_add_seconds = 100}) == SaState::Dying);
    CHECK(with({.soft_add_seconds = 101}) == SaState::Mature);
    CHECK(with({.hard_add_seconds = 100}) == SaState::Dead);
    CHECK(with({.soft_use_seconds = 50}) == SaState::Dying);
    CHECK(with({.hard_use_seconds = 51}) == SaState::Mature);
    CHECK(with({.soft_add_seconds = 1}, 10) == SaState::Mature);  // a clock that went back
    sa.usage.use_time = 0;
    CHECK(with({.hard_use_seconds = 1}) == SaState::Mature);  // never used
}

}  // namespace xfrmd::netlink::tests
