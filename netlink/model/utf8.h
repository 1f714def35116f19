// SPDX-License-Identifier: Apache-2.0
// Text of unknown origin, character by character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xfrmd {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t octets = 1;
};

// The character that `text`, which is not empty, begins with; nothing if that is not UTF-8.
// RFC 3629 §4: no overlong form, no surrogate.
[[nodiscard]] std::optional<CodePoint> first_code_point(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

// What would move the cursor of a terminal, hide itself or turn the order of its neighbours.
[[nodiscard]] bool acts_on_a_terminal(std::uint32_t code_point);

}  // namespace xfrmd
