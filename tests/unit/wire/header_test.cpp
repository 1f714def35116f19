// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.1
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/header.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

namespace {

const Header kRequest{.initiator_spi = {0x0102030405060708},
                      .responder_spi = {},
                      .next_payload = PayloadType::SecurityAssociation,
                      .major = 2,
                      .minor = 0,
                      .exchange = ExchangeType::IkeSaInit,
                      .initiator = true,
                      .version_flag = false,
                      .response = false,
                      .message_id = {},
                      .length = 0x0150};

Bytes write(const Header& header) {
    Writer out;
    write_header(out, header);
    return std::move(out).finish();
}

}  // namespace

TEST_CASE("an IKE header has its fields where the RFC's diagram puts them", "[wire]") {
    const Bytes octets = hex("01 02 03 04 05 06 07 08  00 00 00 00 00 00 00 00"
                             "21 20 22 08  00 00 00 00  00 00 01 50");
    CHECK(to_hex(write(kRequest)) == to_hex(octets));
    const auto parsed = parse_header(octets);
    REQUIRE(parsed);
    CHECK(*parsed == kRequest);
}

TEST_CASE("the three flags of the IKE header are told apart", "[wire]") {
    Header header = kRequest;
    const auto flags = [&] { return write(header)[19]; };
    header.initiator = header.response = header.version_flag = false;
    CHECK(flags() == 0x00);
    header.response = true;
    CHECK(flags() == 0x20);
    header.version_flag = true;
    CHECK(flags() == 0x30);
    header.initiator = true;
    CHECK(flags() == 0x38);
}

TEST_CASE("reserved flag bits are ignored on receipt and sent as zero", "[wire]") {
    Bytes octets = write(kRequest);
    octets[19] |= 0xc7;
    const auto parsed = parse_header(octets);
    REQUIRE(parsed);
    CHECK(*parsed == kRequest);
    CHECK(write(*parsed)[19] == 0x08);
}

TEST_CASE("a header of another version and exchange still reads", "[wire]") {
    Bytes octets = write(kRequest);
    octets[17] = 0x31;
    octets[18] = 240;
    const auto parsed = parse_header(octets);
    REQUIRE(parsed);
    CHECK(parsed->major == 3);
    CHECK(parsed->minor == 1);
    CHECK(std::to_underlying(parsed->exchange) == 240);
    CHECK(to_hex(write(*parsed)) == to_hex(octets));
}

TEST_CASE("anything shorter than 28 octets is no header", "[wire]") {
    const Bytes octets = write(kRequest);
    REQUIRE(octets.size() == kHeaderOctets);
    for (std::size_t size = 0; size < octets.size(); ++size)
        CHECK(outcome(parse_header(View{octets}.first(size))) == outcome(DecodeFault::Truncated));
}

}  // namespace xfrmd::ike::test
