// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/wire/hex.h"

#include <catch2/catch_test_macros.hpp>

namespace xfrmd::ike::test {

Bytes hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    Bytes octets;
    bool low = false;
    for (const char c : text) {
        if (c == ' ' || c == '\n') {
            REQUIRE_FALSE(low);
            continue;
        }
        const auto digit = kDigits.find(c);
        REQUIRE(digit != std::string_view::npos);
        if (low) octets.back() = static_cast<std::uint8_t>(octets.back() << 4 | digit);
        else octets.push_back(static_cast<std::uint8_t>(digit));
        low = !low;
    }
    REQUIRE_FALSE(low);
    return octets;
}

Bytes counting(std::size_t octets) {
    Bytes result(octets);
    for (std::size_t i = 0; i < octets; ++i) result[i] = static_cast<std::uint8_t>(i);
    return result;
}

}  // namespace xfrmd::ike::test
