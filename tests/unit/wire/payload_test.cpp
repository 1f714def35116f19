// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §2.5, §3.2: chains and messages
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "ike/wire/limits.h"
#include "ike/wire/notify_data.h"
#include "ike/wire/payload.h"
#include "tests/unit/wire/golden.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::ike::test {

namespace {

const Header kHeader = sample_header(ExchangeType::IkeSaInit, 0);

// A datagram around this chain.
Bytes around(PayloadType first, std::string_view chain) {
    const Bytes octets = hex(chain);
    Header header = kHeader;
    header.next_payload = first;
    header.length = static_cast<std::uint32_t>(kHeaderOctets + octets.size());
    Writer out;
    write_header(out, header);
    out.bytes(octets);
    return std::move(out).finish();
}

std::string refusal(PayloadType first, std::string_view chain) {
    const auto message = parse_message(around(first, chain));
    return message ? "ok" : to_string(message.error());
}

}  // namespace

TEST_CASE("a whole message has the octets of the RFC's diagrams", "[wire]") {
    const Bytes written = write_message(
        kHeader,
        std::vector<Payload>{KeyExchange{.method = KeyExchangeMethod::X25519, .data = hex("aabb")},
                             make_notify(NotifyType::InitialContact)});
    CHECK(to_hex(written) == to_hex(hex("01 02 03 04 05 06 07 08  00 00 00 00 00 00 00 00"
                                        "22 20 22 08  00 00 00 00  00 00 00 2e"
                                        "29 00 00 0a  00 1f 00 00  aa bb"
                                        "00 00 00 08  00 00 40 00")));
}

TEST_CASE("every payload type reads back inside a message", "[wire]") {
    for (const Bytes& datagram : sample_datagrams()) {
        REQUIRE_FALSE(datagram.empty());
        const auto message = parse_message(datagram);
        REQUIRE(outcome(message) == "ok");
        CHECK(message->header.length == datagram.size());
        CHECK(to_hex(write_message(message->header, message->payloads)) == to_hex(datagram));
    }
    const auto init = parse_message(sample_datagrams()[0]);
    CHECK(init->payloads == sample_ike_sa_init());
    const auto inner = parse_message(sample_datagrams()[1]);
    CHECK(inner->payloads == sample_inner());
}

TEST_CASE("a chain of inner payloads reads back", "[wire]") {
    const auto payloads = sample_inner();
    CHECK(first_payload_type(payloads) == PayloadType::IdentificationInitiator);
    CHECK(parse_payloads(first_payload_type(payloads), write_payloads(payloads)) == payloads);
}

TEST_CASE("an empty chain is a valid one", "[wire]") {
    CHECK(first_payload_type({}) == PayloadType::None);
    CHECK(write_payloads({}).empty());
    CHECK(parse_payloads(PayloadType::None, {}) == std::vector<Payload>{});
    const auto message = parse_message(write_message(kHeader, {}));
    REQUIRE(message);
    CHECK(message->payloads.empty());
}

TEST_CASE("payloads may stand in any order", "[wire]") {
    // RFC 7296 §2.5: the order must not matter to the receiver.
    auto payloads = sample_inner();
    for (std::size_t turn = 0; turn < payloads.size(); ++turn) {
        std::ranges::rotate(payloads, payloads.begin() + 1);
        CHECK(parse_payloads(first_payload_type(payloads), write_payloads(payloads)) == payloads);
    }
    std::ranges::reverse(payloads);
    CHECK(parse_payloads(first_payload_type(payloads), write_payloads(payloads)) == payloads);
}

TEST_CASE("an unknown payload is kept unless it is critical", "[wire]") {
    // The types the IPv6 Ready tests use, and the ones next to ours.
    for (const std::uint8_t type :
         std::initializer_list<std::uint8_t>{1, 32, 49, 50, 51, 52, 54, 255}) {
        INFO("payload type " << int{type});
        const auto kept = parse_message(around(PayloadType{type}, "00 00 00 06  aa bb"));
        REQUIRE(outcome(kept) == "ok");
        CHECK(kept->payloads ==
              std::vector<Payload>{Unknown{PayloadType{type}, false, hex("aabb")}});

        const auto refused = parse_message(around(PayloadType{type}, "00 80 00 06  aa bb"));
        REQUIRE_FALSE(refused);
        CHECK(refused.error() ==
              DecodeError{DecodeFault::UnsupportedCriticalPayload, PayloadType{type}});
    }
}

TEST_CASE("the critical bit and the reserved bits of known payloads are ignored", "[wire]") {
    const auto plain = parse_message(around(PayloadType::VendorId, "00 00 00 06  aa bb"));
    const auto marked = parse_message(around(PayloadType::VendorId, "00 ff 00 06  aa bb"));
    REQUIRE(outcome(marked) == "ok");
    CHECK(marked->payloads == plain->payloads);
    const auto unknown = parse_message(around(PayloadType{200}, "00 7f 00 06  aa bb"));
    REQUIRE(outcome(unknown) == "ok");
    CHECK(unknown->payloads == std::vector<Payload>{Unknown{PayloadType{200}, false, hex("aabb")}});
}

TEST_CASE("a critical unknown payload is written with its bit", "[wire]") {
    const std::vector<Payload> payloads{Unknown{PayloadType{200}, true, hex("aabb")}};
    CHECK(to_hex(write_payloads(payloads)) == "00800006aabb");
}

TEST_CASE("lengths in a chain must agree", "[wire]") {
    CHECK(refusal(PayloadType::VendorId, "") == "V payload: a field reaches past the end");
    CHECK(refusal(PayloadType::VendorId, "00 00 00") == "V payload: a field reaches past the end");
    CHECK(refusal(PayloadType::VendorId, "00 00 00 03") ==
          "V payload: a length that is not allowed there");
    CHECK(refusal(PayloadType::VendorId, "00 00 00 05") ==
          "V payload: a field reaches past the end");
    CHECK(refusal(PayloadType::None, "00") == "octets follow after the last field");
    CHECK(refusal(PayloadType::VendorId, "00 00 00 04 00") == "octets follow after the last field");
    // An error names the payload it is in.
    CHECK(refusal(PayloadType::VendorId, "28 00 00 04  00 00 00 05 01") ==
          "Nonce payload: a length that is not allowed there");
}

TEST_CASE("the header's length is the datagram's, and the version is 2", "[wire]") {
    const Bytes good = sample_datagrams()[0];
    Bytes longer = good;
    longer.push_back(0);
    CHECK(outcome(parse_message(longer)) == outcome(DecodeFault::LengthMismatch));
    CHECK(outcome(parse_message(View{good}.first(good.size() - 1))) ==
          outcome(DecodeFault::LengthMismatch));
    CHECK(outcome(parse_message(View{good}.first(27))) == outcome(DecodeFault::Truncated));

    Bytes version = good;
    version[17] = 0x10;
    CHECK(outcome(parse_message(version)) == outcome(DecodeFault::UnsupportedMajorVersion));
    version[17] = 0x30;
    CHECK(outcome(parse_message(version)) == outcome(DecodeFault::UnsupportedMajorVersion));
    // RFC 7296 §2.5: a higher minor version is read as ours.
    version[17] = 0x2f;
    CHECK(outcome(parse_message(version)) == "ok");
}

TEST_CASE("a message has at most the limit of payloads", "[wire]") {
    std::vector<Payload> payloads(limits::kPayloadsMax, VendorId{});
    CHECK(parse_message(write_message(kHeader, payloads))->payloads == payloads);
    payloads.emplace_back(VendorId{});
    CHECK(outcome(parse_message(write_message(kHeader, payloads))) ==
          outcome(DecodeFault::TooMany));
    CHECK(outcome(parse_payloads(PayloadType::VendorId, write_payloads(payloads))) ==
          outcome(DecodeFault::TooMany));
}

TEST_CASE("a message has at most 65535 octets", "[wire]") {
    const std::size_t room = limits::kMessageOctetsMax - kHeaderOctets - 4;
    const Bytes largest = write_message(kHeader, std::vector<Payload>{VendorId{Bytes(room)}});
    CHECK(largest.size() == limits::kMessageOctetsMax);
    CHECK(outcome(parse_message(largest)) == "ok");
    CHECK(write_message(kHeader, std::vector<Payload>{VendorId{Bytes(room + 1)}}).empty());
    CHECK(write_payloads(std::vector<Payload>{VendorId{Bytes(65532)}}).empty());
    CHECK(outcome(parse_message(Bytes(limits::kMessageOctetsMax + 1))) ==
          outcome(DecodeFault::TooLong));
    CHECK(outcome(parse_payloads(PayloadType::VendorId, Bytes(limits::kMessageOctetsMax + 1))) ==
          outcome(DecodeFault::TooLong));
}

TEST_CASE("a payload of type zero cannot be written: the number ends the chain", "[wire]") {
    CHECK(write_payloads(std::vector<Payload>{Unknown{}}).empty());
}

}  // namespace xfrmd::ike::test
