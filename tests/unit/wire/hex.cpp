// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/wire/hex.h"

#include <cstdio>
#include <cstdlib>

namespace xfrmd::ike::test {

namespace {

[[noreturn]] void stop(std::string_view text) {
    std::fprintf(stderr, "not hexadecimal: %.*s\n", static_cast<int>(text.size()), text.data());
    std::abort();
}

}  // namespace

Bytes hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    Bytes octets;
    bool low = false;
    for (const char c : text) {
        if (!low && (c == ' ' || c == '\n')) continue;
        const auto digit = kDigits.find(c);
        if (digit == std::string_view::npos) stop(text);
        if (low) octets.back() = static_cast<std::uint8_t>(octets.back() * 16U + digit);
        else octets.push_back(static_cast<std::uint8_t>(digit));
        low = !low;
    }
    if (low) stop(text);
    return octets;
}

Bytes counting(std::size_t octets) {
    Bytes result(octets);
    for (std::size_t i = 0; i < octets; ++i) result[i] = static_cast<std::uint8_t>(i);
    return result;
}

}  // namespace xfrmd::ike::test
