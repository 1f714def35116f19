// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.14, RFC 7383 §2.5, RFC 5282 §5.1
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/limits.h"
#include "ike/wire/notify_data.h"
#include "ike/wire/payload.h"
#include "tests/unit/wire/golden.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::ike::test {

namespace {

const Header kHeader = sample_header(ExchangeType::IkeAuth, 1);
const Encrypted kSealed{.first_inner = PayloadType::IdentificationInitiator, .body = counting(40)};

}  // namespace

TEST_CASE("SK names the first inner payload and ends the message", "[wire]") {
    const Bytes datagram = write_message(kHeader, std::vector<Payload>{kSealed});
    CHECK(to_hex(View{datagram}.subspan(16, 16)) == "2e202308" "00000001" "00000048" "2300002c");
    const auto message = parse_message(datagram);
    REQUIRE(outcome(message) == "ok");
    CHECK(message->payloads == std::vector<Payload>{kSealed});
}

TEST_CASE("nothing may follow SK or SKF", "[wire]") {
    // SK of 8 octets with a vendor id behind it.
    Bytes datagram =
        write_message(kHeader, std::vector<Payload>{Encrypted{PayloadType::VendorId, Bytes(8)}});
    const Bytes tail = hex("00 00 00 04");
    append(datagram, tail);
    datagram[27] = static_cast<std::uint8_t>(datagram.size());
    const auto refused = parse_message(datagram);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() ==
          DecodeError{DecodeFault::SealedPayloadNotLast, PayloadType::Encrypted});

    const std::vector<Payload> wrong{kSealed, VendorId{}};
    CHECK(write_message(kHeader, wrong).empty());
    CHECK(write_payloads(wrong).empty());
}

TEST_CASE("clear payloads may stand before SK and belong to the associated data", "[wire]") {
    const std::vector<Payload> payloads{make_notify(NotifyType::Cookie2), kSealed};
    const Bytes datagram = write_message(kHeader, payloads);
    const auto message = parse_message(datagram);
    REQUIRE(outcome(message) == "ok");
    CHECK(message->payloads == payloads);
    const auto layout = sealed_layout(*message);
    REQUIRE(layout);
    CHECK(layout->associated_octets == kSealedPrefixOctets + 8);
    CHECK(equal(layout->body(datagram), kSealed.body));
}

TEST_CASE("SK and SKF are refused inside of SK", "[wire]") {
    const std::vector<Payload> sealed{kSealed};
    const auto inner = parse_payloads(PayloadType::Encrypted, write_payloads(sealed));
    REQUIRE_FALSE(inner);
    CHECK(inner.error() == DecodeError{DecodeFault::SealedPayloadInside, PayloadType::Encrypted});
    CHECK(outcome(parse_payloads(PayloadType::EncryptedFragment, {})) ==
          outcome(DecodeFault::SealedPayloadInside));
}

TEST_CASE("a fragment says which of how many it is", "[wire]") {
    const EncryptedFragment fragment{.first_inner = PayloadType::IdentificationInitiator,
                                     .number = 1,
                                     .total = 2,
                                     .body = hex("aabbcc")};
    CHECK(to_hex(write_body(fragment)) == "00010002aabbcc");
    CHECK(EncryptedFragment::parse(fragment.first_inner, write_body(fragment)) == fragment);
    const auto parse = [](std::string_view body) {
        return outcome(EncryptedFragment::parse(PayloadType::None, hex(body)));
    };
    CHECK(parse("00 01 00 01") == "ok");
    CHECK(parse("ff ff ff ff aa") == "ok");
    CHECK(parse("00 00 00 01") == outcome(DecodeFault::BadValue));
    CHECK(parse("00 00 00 00") == outcome(DecodeFault::BadValue));
    CHECK(parse("00 03 00 02") == outcome(DecodeFault::BadValue));
    CHECK(parse("00 01 00") == outcome(DecodeFault::Truncated));
}

TEST_CASE("the prefix of a sealed message and its body make the message", "[wire]") {
    Bytes datagram = write_sealed_prefix(kHeader, kSealed.first_inner, kSealed.body.size());
    REQUIRE(datagram.size() == kSealedPrefixOctets);
    const Bytes prefix = datagram;
    append(datagram, kSealed.body);
    CHECK(to_hex(datagram) == to_hex(write_message(kHeader, std::vector<Payload>{kSealed})));

    const auto message = parse_message(datagram);
    REQUIRE(outcome(message) == "ok");
    const auto layout = sealed_layout(*message);
    REQUIRE(layout);
    CHECK(equal(layout->associated(datagram), prefix));
    CHECK(equal(layout->body(datagram), kSealed.body));
}

TEST_CASE("the prefix of a fragment and its body make the fragment", "[wire]") {
    for (const std::uint16_t number : std::initializer_list<std::uint16_t>{1, 2, 3}) {
        // RFC 7383 §2.5: the first inner payload is named in the first fragment only.
        const EncryptedFragment fragment{
            .first_inner = number == 1 ? PayloadType::IdentificationInitiator : PayloadType::None,
            .number = number,
            .total = 3,
            .body = counting(50)};
        Bytes datagram = write_fragment_prefix(kHeader, PayloadType::IdentificationInitiator,
                                               number, 3, fragment.body.size());
        REQUIRE(datagram.size() == kFragmentPrefixOctets);
        const Bytes prefix = datagram;
        append(datagram, fragment.body);
        CHECK(to_hex(datagram) == to_hex(write_message(kHeader, std::vector<Payload>{fragment})));

        const auto message = parse_message(datagram);
        REQUIRE(outcome(message) == "ok");
        CHECK(message->payloads == std::vector<Payload>{fragment});
        const auto layout = sealed_layout(*message);
        REQUIRE(layout);
        CHECK(equal(layout->associated(datagram), prefix));
        CHECK(equal(layout->body(datagram), fragment.body));
    }
}

TEST_CASE("a prefix for more than a message holds is not written", "[wire]") {
    const std::size_t room = limits::kMessageOctetsMax - kSealedPrefixOctets;
    CHECK_FALSE(write_sealed_prefix(kHeader, PayloadType::None, room).empty());
    CHECK(write_sealed_prefix(kHeader, PayloadType::None, room + 1).empty());
    CHECK_FALSE(write_fragment_prefix(kHeader, PayloadType::None, 1, 1, room - 4).empty());
    CHECK(write_fragment_prefix(kHeader, PayloadType::None, 1, 1, room - 3).empty());
}

TEST_CASE("a message that is not sealed has no sealed layout", "[wire]") {
    CHECK_FALSE(sealed_layout(Message{kHeader, {}}));
    CHECK_FALSE(sealed_layout(Message{kHeader, {VendorId{}}}));
    // A message put together by hand, with a length that its body contradicts.
    CHECK_FALSE(sealed_layout(Message{kHeader, {kSealed}}));
}

}  // namespace xfrmd::ike::test
