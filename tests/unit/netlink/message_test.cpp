// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include <cerrno>

#include "netlink/message.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

namespace {

constexpr std::uint16_t kType = XFRM_MSG_NEWSA;

}  // namespace

TEST_CASE("a message is a header, a fixed part and padded attributes", "[netlink]") {
    MessageBuilder builder{kType, NLM_F_ACK, kXfrmAttributes};
    builder.body(std::uint32_t{0x04030201});
    builder.attribute(XFRMA_IF_ID, std::uint32_t{7});
    auto message = builder.finish();
    REQUIRE(message.has_value());
    message->set_sequence(0x11223344);
    // Little-endian, as every machine that Debian builds for natively but s390x.
    CHECK(hex(message->view()) ==
          hex(from_hex("1c000000 1000 0500 44332211 00000000"  // length, type, flags, seq, pid
                       "01020304"
                       "0800 1f00 07000000")));  // XFRMA_IF_ID
    CHECK_FALSE(message->is_dump());
}

TEST_CASE("an attribute of a length that its table forbids is refused", "[netlink]") {
    MessageBuilder builder{kType, 0, kXfrmAttributes};
    builder.body(std::uint32_t{0});
    builder.attribute(XFRMA_IF_ID, std::uint64_t{7});
    const auto message = builder.finish();
    REQUIRE_FALSE(message.has_value());
    CHECK(message.error().error_number == EINVAL);
}

TEST_CASE("an attribute that no table knows is refused", "[netlink]") {
    for (const std::uint16_t type : {std::uint16_t{XFRMA_SEC_CTX}, std::uint16_t{1000}}) {
        MessageBuilder builder{kType, 0, kXfrmAttributes};
        builder.body(std::uint32_t{0});
        builder.attribute(type, std::uint32_t{7});
        CHECK_FALSE(builder.finish().has_value());
    }
}

TEST_CASE("a message that outgrows its buffer is refused", "[netlink]") {
    MessageBuilder builder{kType, 0, kXfrmAttributes};
    builder.body(std::uint32_t{0});
    const Bytes key(1000);
    for (int i = 0; i < 10; ++i) builder.attribute(XFRMA_ALG_CRYPT, octets_of(xfrm_algo{}), key);
    const auto message = builder.finish();
    REQUIRE_FALSE(message.has_value());
    CHECK(message.error().error_number == EMSGSIZE);

    MessageBuilder second{kType, 0, kXfrmAttributes};
    second.body(View{Bytes(10000)});
    second.attribute(XFRMA_IF_ID, std::uint32_t{1});
    CHECK_FALSE(second.finish().has_value());
}

TEST_CASE("several messages of one datagram are read one by one", "[netlink]") {
    const Bytes datagram = from_hex(
        "14000000 0300 0000 01000000 00000000 aabbccdd"
        "13000000 0200 0000 02000000 00000000 010203 00"
        "10000000 0100 0000 03000000 00000000");
    MessageReader reader{datagram};
    const auto first = reader.next();
    REQUIRE(first.has_value());
    CHECK(first->type == NLMSG_DONE);
    CHECK(first->sequence == 1);
    CHECK(hex(first->payload) == "aabbccdd");
    const auto second = reader.next();
    REQUIRE(second.has_value());
    CHECK(hex(second->payload) == "010203");
    const auto third = reader.next();
    REQUIRE(third.has_value());
    CHECK(third->payload.empty());
    CHECK_FALSE(reader.next().has_value());
    CHECK_FALSE(reader.damaged());
}

TEST_CASE("a message of an impossible length stops the reader", "[netlink]") {
    for (const std::string_view header :
         {"0f000000 0300 0000 01000000 00000000", "11000000 0300 0000 01000000 00000000",
          "ffffffff 0300 0000 01000000 00000000", "10000000 0300"}) {
        const Bytes datagram = from_hex(header);
        MessageReader reader{datagram};
        CHECK_FALSE(reader.next().has_value());
        CHECK(reader.damaged());
        CHECK_FALSE(reader.next().has_value());
    }
}

TEST_CASE("attributes are found by type, unknown ones skipped", "[netlink]") {
    Bytes octets = attribute_of(XFRMA_IF_ID, std::uint32_t{7});
    append(octets, attribute(900, from_hex("0102030405")));
    append(octets, attribute_of(XFRMA_MARK, xfrm_mark{1, 2}));
    const auto attributes = Attributes::parse(octets, kXfrmAttributes);
    REQUIRE(attributes.has_value());
    CHECK(attributes->value<std::uint32_t>(XFRMA_IF_ID) == 7);
    CHECK(attributes->has(XFRMA_MARK));
    CHECK_FALSE(attributes->has(XFRMA_TMPL));
    CHECK(attributes->get(XFRMA_TMPL).empty());
    CHECK_FALSE(attributes->value<std::uint32_t>(XFRMA_SA_EXTRA_FLAGS).has_value());
}

TEST_CASE("attributes that a decoder does not know can be told", "[netlink]") {
    Bytes octets = attribute_of(XFRMA_IF_ID, std::uint32_t{7});
    append(octets, attribute(60, from_hex("0102030405")));
    append(octets, attribute_of(XFRMA_MARK, xfrm_mark{1, 2}));
    const auto attributes = Attributes::parse(octets, kXfrmAttributes);
    REQUIRE(attributes.has_value());
    const std::vector<std::uint16_t> read{XFRMA_IF_ID};
    CHECK(attributes->others(read) == std::vector<std::uint16_t>{XFRMA_MARK, 60});
    CHECK(hex(attributes->get(60)) == "0102030405");
}

TEST_CASE("flags in an attribute's type are no part of it", "[netlink]") {
    const auto octets = attribute_of(XFRMA_IF_ID | NLA_F_NESTED, std::uint32_t{7});
    const auto attributes = Attributes::parse(octets, kXfrmAttributes);
    REQUIRE(attributes.has_value());
    CHECK(attributes->value<std::uint32_t>(XFRMA_IF_ID) == 7);
}

TEST_CASE("broken chains and forbidden lengths of attributes are errors", "[netlink]") {
    for (const std::string_view text :
         {"0300 1f00", "0c00 1f00 00000000", "0600 1f00 0000 0000", "0800 1f00 07000000 08"}) {
        const auto attributes = Attributes::parse(from_hex(text), kXfrmAttributes);
        INFO(text);
        REQUIRE_FALSE(attributes.has_value());
        CHECK(attributes.error().error_number == EBADMSG);
    }
}

TEST_CASE("text ends at its first NUL or with its octets", "[netlink]") {
    CHECK(until_nul(from_hex("61620063")) == "ab");
    CHECK(until_nul(from_hex("616263")) == "abc");
    CHECK(until_nul({}).empty());
}

TEST_CASE("the reader and the attributes survive damage at every place", "[netlink]") {
    MessageBuilder builder{kType, NLM_F_ACK, kXfrmAttributes};
    builder.body(std::uint32_t{1});
    builder.attribute(XFRMA_IF_ID, std::uint32_t{7});
    builder.attribute(XFRMA_MARK, xfrm_mark{1, 2});
    const auto message = builder.finish();
    REQUIRE(message.has_value());
    std::size_t whole = 0;
    damage_everywhere(message->view(), [&](View octets) {
        MessageReader reader{octets};
        while (const auto next = reader.next())
            if (parse_body<std::uint32_t>(next->payload, kXfrmAttributes)) ++whole;
    });
    CHECK(whole > 0);
}

}  // namespace xfrmd::netlink::tests
