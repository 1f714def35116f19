// SPDX-License-Identifier: Apache-2.0
// Whatever the octets: parsing ends with a value or an error, and a value writes and reads back.
#include <catch2/catch_test_macros.hpp>

#include <random>

#include "ike/wire/dump.h"
#include "ike/wire/messages.h"
#include "tests/unit/wire/golden.h"
#include "tests/unit/wire/samples.h"

namespace xfrmd::ike::test {

namespace {

// Writes what was parsed and reads it again; it must be the same message. Also renders it and sorts
// it as every kind of message: those must not fail on anything that parses.
void check_survives(const Message& message) {
    const Bytes written = write_message(message.header, message.payloads);
    REQUIRE_FALSE(written.empty());
    const auto again = parse_message(written);
    REQUIRE(outcome(again) == "ok");
    REQUIRE(again->payloads == message.payloads);
    REQUIRE_FALSE(dump(message).empty());
    for (const Payload& payload : message.payloads) REQUIRE_FALSE(describe(payload).empty());
}

void check_sorts(const Message& message) {
    const auto round_trip = [](const auto& sorted, auto parse) {
        if (!sorted) {
            REQUIRE_FALSE(to_string(sorted.error()).empty());
            return;
        }
        const auto again = parse(sorted->to_payloads());
        REQUIRE(outcome(again) == "ok");
        REQUIRE(again->to_payloads() == sorted->to_payloads());
    };
    const auto& payloads = message.payloads;
    round_trip(IkeSaInitRequest::from_payloads(payloads), IkeSaInitRequest::from_payloads);
    round_trip(IkeSaInitResponse::from_payloads(payloads), IkeSaInitResponse::from_payloads);
    round_trip(IkeAuthRequest::from_payloads(payloads), IkeAuthRequest::from_payloads);
    round_trip(IkeAuthResponse::from_payloads(payloads), IkeAuthResponse::from_payloads);
    round_trip(CreateChildSaRequest::from_payloads(payloads), CreateChildSaRequest::from_payloads);
    round_trip(CreateChildSaResponse::from_payloads(payloads),
               CreateChildSaResponse::from_payloads);
    round_trip(Informational::from_payloads(payloads), Informational::from_payloads);
}

}  // namespace

TEST_CASE("a message cut at any offset is refused or still a message", "[wire]") {
    for (const Bytes& whole : sample_datagrams()) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // As it arrives: the header's length no longer fits.
            REQUIRE_FALSE(parse_message(View{whole}.first(size)));
            if (size < kHeaderOctets) continue;
            // And with a header that agrees with the cut.
            Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
            cut[26] = static_cast<std::uint8_t>(size >> 8);
            cut[27] = static_cast<std::uint8_t>(size);
            REQUIRE_FALSE(parse_message(cut));
        }
    }
}

TEST_CASE("inner payloads cut at any offset are refused", "[wire]") {
    const auto payloads = sample_inner();
    const Bytes whole = write_payloads(payloads);
    for (std::size_t size = 0; size < whole.size(); ++size)
        REQUIRE_FALSE(parse_payloads(first_payload_type(payloads), View{whole}.first(size)));
}

TEST_CASE("any change of a single octet ends in an error or in another message", "[wire]") {
    std::size_t parsed = 0;
    std::size_t refused = 0;
    for (const Bytes& whole : sample_datagrams()) {
        for (std::size_t position = 0; position < whole.size(); ++position) {
            for (unsigned value = 0; value < 256; ++value) {
                Bytes changed = whole;
                changed[position] = static_cast<std::uint8_t>(value);
                INFO("octet " << position << " = " << value << " of " << to_hex(whole));
                const auto message = parse_message(changed);
                if (!message) {
                    ++refused;
                    continue;
                }
                ++parsed;
                check_survives(*message);
            }
        }
    }
    CHECK(parsed > 10000);
    CHECK(refused > 10000);
}

TEST_CASE("typed messages refuse or take any mixture of payloads", "[wire]") {
    std::mt19937 random{7296};
    std::vector<Payload> pool = sample_inner();
    for (const Payload& payload : sample_ike_sa_init()) pool.push_back(payload);
    for (int turn = 0; turn < 2000; ++turn) {
        Message message{sample_header(ExchangeType::IkeAuth, 1), {}};
        const auto count = random() % 12;
        for (std::size_t i = 0; i < count; ++i)
            message.payloads.push_back(pool[random() % pool.size()]);
        INFO("turn " << turn);
        check_sorts(message);
    }
}

TEST_CASE("random octets behind a valid header never break the parser", "[wire]") {
    std::mt19937 random{3};
    for (int turn = 0; turn < 20000; ++turn) {
        Bytes octets = sample_datagrams()[0];
        octets.resize(kHeaderOctets + random() % 80);
        for (std::size_t i = kHeaderOctets; i < octets.size(); ++i)
            octets[i] = static_cast<std::uint8_t>(random());
        // Small lengths let the chain get somewhere.
        for (std::size_t i = kHeaderOctets + 2; i < octets.size(); i += 4)
            if (random() % 2 == 0) octets[i] = 0;
        octets[16] = static_cast<std::uint8_t>(33 + random() % 22);
        octets[26] = 0;
        octets[27] = static_cast<std::uint8_t>(octets.size());
        INFO(to_hex(octets));
        if (const auto message = parse_message(octets)) check_survives(*message);
    }
}

}  // namespace xfrmd::ike::test
