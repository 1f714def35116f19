// SPDX-License-Identifier: Apache-2.0
// Octet strings: an owning one, a borrowed one, and the few operations everybody needs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

// The octets of a text, without copying. The text must outlive the view.
inline View as_view(std::string_view text) {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

inline Bytes to_bytes(View view) { return {view.begin(), view.end()}; }

inline void append(Bytes& to, View what) { to.insert(to.end(), what.begin(), what.end()); }

inline bool equal(View left, View right) {
    return std::ranges::equal(left, right);
}

// Lower-case hexadecimal digits, two an octet. For identifiers and diagnostics, never for secrets.
inline std::string to_hex(View view) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(view.size() * 2);
    for (const std::uint8_t octet : view) {
        text += kDigits[octet >> 4];
        text += kDigits[octet & 0x0f];
    }
    return text;
}

}  // namespace xfrmd
