// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include <netinet/in.h>

#include <linux/udp.h>
#include <linux/xfrm.h>
#include <sys/socket.h>

#include <cerrno>

#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_values.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using kernel_contract::check_same;
using kernel_contract::describe;
using kernel_contract::sa_catalogue;

namespace {

SaSpec sample() {
    SaSpec spec;
    spec.id = {
        address("192.0.2.1"), address("192.0.2.2"), IpsecProtocol::Esp, EspSpi{0xc0ffee01}, {}};
    spec.reqid = ReqId{0x4001};
    spec.aead =
        AeadAlgorithm{"rfc4106(gcm(aes))",
                      Secret{View{from_hex("a1a2a3a4 a5a6a7a8 a9aaabac adaeafb0 b1b2b3b4")}}, 128};
    spec.replay_window = 32;
    spec.acquire_sequence = 9;
    return spec;
}

struct Written {
    Bytes payload;
    xfrm_usersa_info info() const { return read_structure<xfrm_usersa_info>(payload).value(); }
    Attributes attributes() const {
        return Attributes::parse(View{payload}.subspan(sizeof(xfrm_usersa_info)), kXfrmAttributes)
            .value();
    }
};

Written write(const SaSpec& spec) {
    const auto message = encode_install_sa(spec, SaEntry::New);
    REQUIRE(message.has_value());
    return {to_bytes(payload_of(*message))};
}

int refusal(const SaSpec& spec) {
    const auto message = encode_install_sa(spec, SaEntry::New);
    return message ? 0 : message.error().error_number;
}

}  // namespace

TEST_CASE("a new SA is written octet by octet as the kernel reads it", "[netlink]") {
    const auto message = encode_install_sa(sample(), SaEntry::New);
    REQUIRE(message.has_value());
    CHECK(hex(message->view()) == hex(from_hex(R"(
        50010000 1000 0506 00000000 00000000  # 336 octets, NEWSA, REQUEST ACK EXCL CREATE
        00000000 00000000 00000000 00000000                 # sel: destination
        00000000 00000000 00000000 00000000                 # source
        0000 0000 0000 0000 0200 00 00 00 000000  # ports, masks, AF_INET, prefixes, protocol
        00000000 00000000                                   # interface, user
        c0000202 00000000 00000000 00000000                 # id: destination
        c0ffee01 32 000000                                  # SPI, ESP
        c0000201 00000000 00000000 00000000                 # source
        ffffffff ffffffff ffffffff ffffffff                 # limits: octets
        ffffffff ffffffff ffffffff ffffffff                 # packets
        00000000 00000000 00000000 00000000                 # seconds since it was added
        00000000 00000000 00000000 00000000                 # seconds since it was used
        00000000 00000000 00000000 00000000                 # usage
        00000000 00000000 00000000 00000000
        00000000 00000000 00000000                          # statistics
        09000000 01400000 0200 00 20 00  # sequence, reqid, AF_INET, transport, window, flags
        00000000 000000                                     # padding
        6000 1200                                           # XFRMA_ALG_AEAD
        72666334 31303628 67636d28 61657329 29000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        a0000000 80000000                                   # key of 160 bits, ICV of 128
        a1a2a3a4 a5a6a7a8 a9aaabac adaeafb0 b1b2b3b4        # key, salt
        )")));
}

TEST_CASE("completing a reservation is another message with the same content", "[netlink]") {
    const auto fresh = encode_install_sa(sample(), SaEntry::New);
    const auto completed = encode_install_sa(sample(), SaEntry::CompleteReservation);
    REQUIRE(fresh.has_value());
    REQUIRE(completed.has_value());
    CHECK(header_of(*completed).nlmsg_type == XFRM_MSG_UPDSA);
    CHECK(header_of(*completed).nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE));
    CHECK(hex(payload_of(*completed)) == hex(payload_of(*fresh)));
}

TEST_CASE("what an SA may have beside its algorithms is written octet by octet", "[netlink]") {
    SaSpec spec = sample();
    spec.no_ecn = spec.wildcard_receive = spec.for_icmp_errors = true;
    spec.sequence_may_wrap = true;
    spec.output_mark = Mark{0x10, 0xff};
    spec.security_context = SecurityContext{1, 1, 0, "a:b:c"};
    spec.offload = Offload{7, XFRM_OFFLOAD_INBOUND};
    const Written written = write(spec);
    CHECK(written.info().flags == (XFRM_STATE_NOECN | XFRM_STATE_WILDRECV | XFRM_STATE_ICMP));
    const std::size_t behind_the_algorithm = sizeof(xfrm_usersa_info) + 0x60;
    CHECK(hex(View{written.payload}.subspan(behind_the_algorithm)) == hex(from_hex(R"(
        0800 1d00 10000000                                  # XFRMA_SET_MARK
        0800 1e00 ff000000                                  # XFRMA_SET_MARK_MASK
        1200 0800 0e00 0800 01 01 0600 613a623a6300 0000    # XFRMA_SEC_CTX, SELinux, with its NUL
        0c00 1c00 07000000 02 000000                        # XFRMA_OFFLOAD_DEV, inbound
        0800 1800 02000000                                  # XFRMA_SA_EXTRA_FLAGS
        )")));
    check_same(spec, decode_sa(written.payload, Keys::Skip)->spec);

    spec.security_context->label = std::string{"a\0b", 3};
    CHECK(refusal(spec) == EINVAL);
    spec.security_context->label = std::string(8000, 'x');
    CHECK(refusal(spec) != 0);
}

TEST_CASE("an SPI is asked for with the range that may be negotiated", "[netlink]") {
    AllocateSpi request{.source = address("192.0.2.2"),
                        .destination = address("192.0.2.1"),
                        .reqid = ReqId{0x4001},
                        .mark = {5, 0xff},
                        .if_id = IfId{9}};
    const auto message = encode_allocate_spi(request);
    REQUIRE(message.has_value());
    CHECK(hex(message->view()) == hex(from_hex(R"(
        0c010000 1600 0500 00000000 00000000                # 268 octets, ALLOCSPI, REQUEST ACK
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000   # no selector
        c0000201 00000000 00000000 00000000 00000000 32 000000  # destination, no SPI yet, ESP
        c0000202 00000000 00000000 00000000                 # source
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000   # limits
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000   # usage
        00000000 00000000 00000000                          # statistics
        00000000 01400000 0200 00 00 00 00000000 000000     # reqid, AF_INET, transport
        00010000 ffffffff                                   # from 256 on
        0c00 1500 05000000 ff000000                         # XFRMA_MARK
        0800 1f00 09000000                                  # XFRMA_IF_ID
        )")));

    request.spi = EspSpi{0xc0ffee01};
    const auto wanted = encode_allocate_spi(request);
    REQUIRE(wanted.has_value());
    const auto exact = read_structure<xfrm_userspi_info>(payload_of(*wanted)).value();
    CHECK(exact.min == 0xc0ffee01);
    CHECK(exact.max == 0xc0ffee01);
    request.spi = {};

    request.protocol = IpsecProtocol::Ipcomp;
    const auto compression = encode_allocate_spi(request);
    REQUIRE(compression.has_value());
    const auto body = read_structure<xfrm_userspi_info>(payload_of(*compression)).value();
    CHECK(body.min == 256);
    CHECK(body.max == 61439);
    CHECK(body.info.id.proto == 108);

    request.source = address("2001:db8::1");
    CHECK(encode_allocate_spi(request).error().error_number == EINVAL);
}

TEST_CASE("removing, querying and dumping SAs are short messages", "[netlink]") {
    SaId id = sample().id;
    CHECK(hex(encode_remove_sa(id)->view()) == hex(from_hex(R"(
        28000000 1100 0500 00000000 00000000                # DELSA, REQUEST ACK
        c0000202 00000000 00000000 00000000 c0ffee01 0200 32 00)")));
    CHECK(hex(encode_query_sa(id)->view()) == hex(from_hex(R"(
        28000000 1200 0500 00000000 00000000                # GETSA, REQUEST ACK
        c0000202 00000000 00000000 00000000 c0ffee01 0200 32 00)")));
    CHECK(hex(encode_dump_sas()->view()) == hex(from_hex(R"(
        10000000 1200 0103 00000000 00000000)")));          // GETSA, REQUEST DUMP
    CHECK(encode_dump_sas()->is_dump());
    CHECK(hex(encode_dump_sas(IPPROTO_AH)->view()) == hex(from_hex(R"(
        18000000 1200 0103 00000000 00000000                # GETSA, REQUEST DUMP
        0500 1900 33 000000)")));
    CHECK_FALSE(encode_query_sa(id)->is_dump());
    id.mark = {1, 3};
    id.destination = address("2001:db8::2");
    CHECK(hex(encode_remove_sa(id)->view()) == hex(from_hex(R"(
        34000000 1100 0500 00000000 00000000
        20010db8 00000000 00000000 00000002 c0ffee01 0a00 32 00
        0c00 1500 01000000 03000000)")));
}

TEST_CASE("a CBC SA names cipher and integrity, truncation always explicit", "[netlink]") {
    SaSpec spec = sample();
    spec.aead.reset();
    spec.encryption = EncryptionAlgorithm{"cbc(aes)", Secret{View{Bytes(16, 0x11)}}};
    spec.integrity = IntegrityAlgorithm{"hmac(sha256)", Secret{View{Bytes(32, 0x22)}}, 128};
    const Written written = write(spec);
    const auto attributes = written.attributes();
    CHECK_FALSE(attributes.has(XFRMA_ALG_AUTH));
    CHECK_FALSE(attributes.has(XFRMA_ALG_AEAD));
    const View cipher = attributes.get(XFRMA_ALG_CRYPT);
    REQUIRE(cipher.size() == sizeof(xfrm_algo) + 16);
    CHECK(until_nul(cipher.first(64)) == "cbc(aes)");
    CHECK(hex(cipher.subspan(64)) == "80000000" + hex(Bytes(16, 0x11)));
    const View integrity = attributes.get(XFRMA_ALG_AUTH_TRUNC);
    REQUIRE(integrity.size() == sizeof(xfrm_algo_auth) + 32);
    CHECK(until_nul(integrity.first(64)) == "hmac(sha256)");
    CHECK(hex(integrity.subspan(64)) ==
          "00010000"
          "80000000" +
              hex(Bytes(32, 0x22)));
}

TEST_CASE("IPComp names its algorithm without a key", "[netlink]") {
    SaSpec spec = sample();
    spec.id.protocol = IpsecProtocol::Ipcomp;
    spec.aead.reset();
    spec.compression = CompressionAlgorithm{"deflate"};
    const Written written = write(spec);
    const View compression = written.attributes().get(XFRMA_ALG_COMP);
    CHECK(compression.size() == sizeof(xfrm_algo));
    CHECK(until_nul(compression.first(64)) == "deflate");
}

TEST_CASE("a window above 32 or ESN goes into the long replay state", "[netlink]") {
    SaSpec spec = sample();
    spec.replay_window = 33;
    const Written wide = write(spec);
    CHECK(wide.info().replay_window == 0);  // the kernel refuses both at once
    CHECK(hex(wide.attributes().get(XFRMA_REPLAY_ESN_VAL)) ==
          hex(from_hex("02000000 00000000 00000000 00000000 00000000 21000000 00000000 00000000")));
    CHECK((wide.info().flags & XFRM_STATE_ESN) == 0);

    spec.replay_window = 32;
    spec.extended_sequence_numbers = true;
    const Written extended = write(spec);
    CHECK(extended.info().replay_window == 0);
    CHECK((extended.info().flags & XFRM_STATE_ESN) != 0);
    CHECK(hex(extended.attributes().get(XFRMA_REPLAY_ESN_VAL)) ==
          hex(from_hex("01000000 00000000 00000000 00000000 00000000 20000000 00000000")));

    spec.replay_window = 0;  // the kernel refuses ESN without a window
    CHECK(hex(write(spec).attributes().get(XFRMA_REPLAY_ESN_VAL)).substr(40, 8) == "20000000");

    spec.replay_window = 4096;
    CHECK(write(spec).attributes().get(XFRMA_REPLAY_ESN_VAL).size() == 24 + 512);
    spec.replay_window = 4097;
    CHECK(refusal(spec) == EINVAL);

    spec.extended_sequence_numbers = false;
    spec.replay_window = 32;
    CHECK_FALSE(write(spec).attributes().has(XFRMA_REPLAY_ESN_VAL));
}

TEST_CASE("the selector's family is the outer one, or none where either may be inside",
          "[netlink]") {
    SaSpec spec = sample();
    spec.mode = Mode::Tunnel;
    CHECK(write(spec).info().sel.family == AF_INET);
    spec.af_unspec = true;
    CHECK(write(spec).info().sel.family == AF_UNSPEC);
    CHECK((write(spec).info().flags & XFRM_STATE_AF_UNSPEC) != 0);
    spec.selector = Selector{
        prefix("2001:db8::/32"), prefix("2001:db8:1::/48"), 6, {}, PortMask::exactly(443), 4};
    const auto selector = write(spec).info().sel;
    CHECK(selector.family == AF_INET6);
    CHECK(selector.prefixlen_s == 32);
    CHECK(selector.prefixlen_d == 48);
    CHECK(from_network(selector.dport) == 443);
    CHECK(selector.dport_mask == 0xffff);
    CHECK(selector.sport_mask == 0);
    CHECK(selector.proto == 6);
    CHECK(selector.ifindex == 4);
}

TEST_CASE("each flag of an SA has its bit", "[netlink]") {
    const auto flags = [](auto set) {
        SaSpec spec = sample();
        set(spec);
        return write(spec).info().flags;
    };
    CHECK(flags([](SaSpec&) {}) == 0);
    CHECK(flags([](SaSpec& spec) { spec.decapsulate_dscp = true; }) == XFRM_STATE_DECAP_DSCP);
    CHECK(flags([](SaSpec& spec) { spec.no_path_mtu_discovery = true; }) == XFRM_STATE_NOPMTUDISC);
    CHECK(flags([](SaSpec& spec) { spec.align4 = true; }) == XFRM_STATE_ALIGN4);
    SaSpec spec = sample();
    spec.dont_encapsulate_dscp = true;
    CHECK(write(spec).attributes().value<std::uint32_t>(XFRMA_SA_EXTRA_FLAGS) ==
          XFRM_SA_XFLAG_DONT_ENCAP_DSCP);
}

TEST_CASE("ESP in UDP carries ports and the original address in network order", "[netlink]") {
    SaSpec spec = sample();
    spec.encapsulation = UdpEncapsulation{4500, 34500, address("10.0.0.7")};
    CHECK(hex(write(spec).attributes().get(XFRMA_ENCAP)) ==
          hex(from_hex("0200 1194 86c4 0000 0a000007 00000000 00000000 00000000")));
}

TEST_CASE("SAs that no structure can hold are refused before the kernel sees them", "[netlink]") {
    SaSpec spec = sample();
    spec.id.source = address("2001:db8::1");
    CHECK(refusal(spec) == EINVAL);
    spec = sample();
    spec.aead->name = std::string(64, 'x');
    CHECK(refusal(spec) == EINVAL);
    spec.aead->name.clear();
    CHECK(refusal(spec) == EINVAL);
    spec.aead->name = std::string{"gcm\0x", 5};
    CHECK(refusal(spec) == EINVAL);
    spec.aead->name = std::string(63, 'x');
    CHECK(refusal(spec) == 0);
    spec.aead->key = Secret{View{Bytes(5000)}};
    CHECK(refusal(spec) == EINVAL);
}

TEST_CASE("every kind of SA reads back as it was written", "[netlink]") {
    for (const SaSpec& spec : sa_catalogue()) {
        INFO(describe(spec));
        const auto read = decode_sa(write(spec).payload, Keys::Skip);
        REQUIRE(read.has_value());
        check_same(spec, read->spec);
        CHECK_FALSE(read->larval);
        CHECK_FALSE(read->last_used.has_value());
    }
}

TEST_CASE("key octets are read only when asked for", "[netlink]") {
    const SaSpec spec = sample();
    const Bytes payload = write(spec).payload;
    const auto without = decode_sa(payload, Keys::Skip);
    REQUIRE(without.has_value());
    CHECK(without->spec.aead->key.empty());
    CHECK(without->spec.aead->icv_bits == 128);
    const auto with = decode_sa(payload, Keys::Read);
    REQUIRE(with.has_value());
    CHECK(equal_in_constant_time(with->spec.aead->key.view(), spec.aead->key.view()));
}

TEST_CASE("a key is never longer than its attribute", "[netlink]") {
    xfrm_algo_auth head{};
    head.alg_key_len = 0xffffffff;
    Bytes value = to_bytes(octets_of(head));
    append(value, from_hex("0102"));
    Bytes payload = write(sample()).payload;
    append(payload, attribute(XFRMA_ALG_AUTH_TRUNC, value));
    const auto read = decode_sa(payload, Keys::Read);
    REQUIRE(read.has_value());
    CHECK(hex(read->spec.integrity->key.view()) == "0102");
}

TEST_CASE("counters, last use and the old authentication attribute are read", "[netlink]") {
    Bytes payload = write(sample()).payload;
    auto info = read_structure<xfrm_usersa_info>(payload).value();
    info.curlft = {.bytes = 1000, .packets = 10, .add_time = 1700000000, .use_time = 1700000001};
    info.stats = {.replay_window = 0, .replay = 3, .integrity_failed = 4};
    payload = to_bytes(octets_of(info));
    append(payload, attribute_of(XFRMA_LASTUSED, std::uint64_t{1700000002}));
    xfrm_algo old{};
    std::string_view{"hmac(sha1)"}.copy(old.alg_name, 63);
    append(payload, attribute_of(XFRMA_ALG_AUTH, old));
    const auto read = decode_sa(payload, Keys::Skip);
    REQUIRE(read.has_value());
    CHECK(read->usage == LifetimeUsage{1000, 10, 1700000000, 1700000001});
    CHECK(read->replay_errors == 3);
    CHECK(read->integrity_failures == 4);
    CHECK(read->last_used == 1700000002);
    CHECK(read->spec.integrity->name == "hmac(sha1)");
    CHECK(read->spec.acquire_sequence == 9);
}

TEST_CASE("an SA without any algorithm is larval", "[netlink]") {
    SaSpec spec = sample();
    spec.aead.reset();
    const auto read = decode_sa(write(spec).payload, Keys::Skip);
    REQUIRE(read.has_value());
    CHECK(read->larval);
}

TEST_CASE("SAs of other families, modes and protocols are told apart from damage", "[netlink]") {
    const auto info = write(sample()).info();
    const auto error_with = [&](auto change) {
        xfrm_usersa_info changed = info;
        change(changed);
        const auto read = decode_sa(octets_of(changed), Keys::Skip);
        return read ? 0 : read.error().error_number;
    };
    CHECK(error_with([](xfrm_usersa_info&) {}) == 0);
    CHECK(error_with([](xfrm_usersa_info& sa) { sa.family = 77; }) == EOPNOTSUPP);
    CHECK(error_with([](xfrm_usersa_info& sa) { sa.mode = XFRM_MODE_ROUTEOPTIMIZATION; }) ==
          EOPNOTSUPP);
    CHECK(error_with([](xfrm_usersa_info& sa) { sa.id.proto = 43; }) == EOPNOTSUPP);
    CHECK(error_with([](xfrm_usersa_info& sa) { sa.sel.prefixlen_s = 33; }) == EOPNOTSUPP);
    CHECK(decode_sa({}, Keys::Skip).error().error_number == EBADMSG);
}

TEST_CASE("decoding an SA survives damage at every place", "[netlink]") {
    SaSpec spec = sample();
    spec.id.mark = {1, 3};
    spec.if_id = IfId{5};
    spec.replay_window = 64;
    spec.encapsulation = UdpEncapsulation{4500, 4500, {}};
    spec.integrity = IntegrityAlgorithm{"hmac(sha256)", Secret{View{Bytes(32, 0x22)}}, 128};
    std::size_t whole = 0;
    damage_everywhere(write(spec).payload, [&](View octets) {
        if (const auto read = decode_sa(octets, Keys::Read); read && read->spec.id == spec.id)
            ++whole;
    });
    CHECK(whole > 0);
}

}  // namespace xfrmd::netlink::tests
