// SPDX-License-Identifier: Apache-2.0
// RFC 7296 §3.4, §3.9
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/key_exchange.h"
#include "tests/unit/wire/golden.h"

namespace xfrmd::ike::test {

TEST_CASE("a KE payload", "[wire]") {
    check_golden(KeyExchange{.method = KeyExchangeMethod::X25519, .data = hex("0a0b0c0d")},
                 "00 1f 00 00  0a 0b 0c 0d");
    check_golden(KeyExchange{.method = KeyExchangeMethod{0xfeed}, .data = hex("01")},
                 "fe ed 00 00  01");
}

TEST_CASE("a KE payload needs data, and its reserved octets are ignored", "[wire]") {
    check_refused<KeyExchange>("00 1f 00", DecodeFault::Truncated);
    check_refused<KeyExchange>("00 1f 00 00", DecodeFault::BadLength);
    CHECK(KeyExchange::parse(hex("00 1f ff ff 01")) == KeyExchange::parse(hex("00 1f 00 00 01")));
}

TEST_CASE("a nonce has 16 to 256 octets", "[wire]") {
    check_golden(Nonce{.data = counting(16)}, "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f");
    for (const std::size_t octets : {16u, 17u, 32u, 255u, 256u})
        CHECK(Nonce::parse(counting(octets)) == Nonce{counting(octets)});
    for (const std::size_t octets : {0u, 1u, 15u, 257u, 1000u})
        CHECK(outcome(Nonce::parse(counting(octets))) == outcome(DecodeFault::BadLength));
}

}  // namespace xfrmd::ike::test
