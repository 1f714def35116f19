// SPDX-License-Identifier: Apache-2.0
// RFC 7634 Appendix B: a whole sealed IKE message, and what is inside.
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/dump.h"
#include "ike/wire/notify_data.h"
#include "ike/wire/payload.h"
#include "tests/unit/wire/hex.h"

namespace xfrmd::ike::test {

namespace {

constexpr std::string_view kAssociated =
    "c0 c1 c2 c3 c4 c5 c6 c7  d0 d1 d2 d3 d4 d5 d6 d7"
    "2e 20 25 00  00 00 00 09  00 00 00 45"
    "29 00 00 29";
constexpr std::string_view kBody =
    "10 11 12 13 14 15 16 17"                          // IV
    "61 03 94 70 1f 8d 01 7f 7c 12 92 48 89"           // ciphertext
    "6b 71 bf e2 52 36 ef d7 cd c6 70 66 90 63 15 b2"  // tag
    ;
// The plaintext without its pad length, which is zero.
constexpr std::string_view kInner = "00 00 00 0c  00 00 40 01  00 00 00 0a";

Bytes whole() {
    Bytes message = hex(kAssociated);
    append(message, hex(kBody));
    return message;
}

}  // namespace

TEST_CASE("the sealed message of RFC 7634 Appendix B reads as the RFC says", "[wire]") {
    const auto message = parse_message(whole());
    REQUIRE(message);
    CHECK(message->header == Header{.initiator_spi = {0xc0c1c2c3c4c5c6c7},
                                    .responder_spi = {0xd0d1d2d3d4d5d6d7},
                                    .next_payload = PayloadType::Encrypted,
                                    .major = 2,
                                    .minor = 0,
                                    .exchange = ExchangeType::Informational,
                                    .initiator = false,
                                    .version_flag = false,
                                    .response = false,
                                    .message_id = {9},
                                    .length = 69});
    CHECK(message->payloads == std::vector<Payload>{Encrypted{PayloadType::Notify, hex(kBody)}});

    const auto layout = sealed_layout(*message);
    REQUIRE(layout);
    CHECK(to_hex(layout->associated(whole())) == to_hex(hex(kAssociated)));
    CHECK(to_hex(layout->body(whole())) == to_hex(hex(kBody)));
    CHECK(write_message(message->header, message->payloads) == whole());
    CHECK(write_sealed_prefix(message->header, PayloadType::Notify, hex(kBody).size()) ==
          hex(kAssociated));
}

TEST_CASE("the plaintext of RFC 7634 Appendix B is SET_WINDOW_SIZE 10", "[wire]") {
    const auto inner = parse_payloads(PayloadType::Notify, hex(kInner));
    REQUIRE(inner);
    CHECK(*inner == std::vector<Payload>{make_window_size(10)});
    CHECK(write_payloads(*inner) == hex(kInner));
    const auto message = parse_message(whole());
    REQUIRE(message);
    CHECK(dump_opened(message->header, *inner) ==
          "INFORMATIONAL request 9  SK{N(SET_WINDOW_SIZE)}");
}

}  // namespace xfrmd::ike::test
