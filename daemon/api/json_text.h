// SPDX-License-Identifier: Apache-2.0
// JSON between text and value, within limits. The only place where nlohmann-json's exceptions and
// surprises are handled.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace xfrmd::api {

// What a message may be at most, in octets without its end and in levels of nesting. Of replies, the
// status of some thousands of connections fits; calls are smaller.
inline constexpr std::size_t kMessageSizeMax = 4 * 1024 * 1024;
inline constexpr std::size_t kCallSizeMax = 1024 * 1024;
inline constexpr std::size_t kMessageDepthMax = 32;

// Parses one JSON text of at most kMessageSizeMax octets. The nesting is checked before the parser
// sees the text. The error is a sentence for people.
[[nodiscard]] std::expected<nlohmann::json, std::string> parse_json(std::string_view text);

// On one line, without NUL; octets that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_text(const nlohmann::json& value);

// The deepest nesting of arrays and objects in `text`, which need not be valid JSON. Linear, no
// recursion.
[[nodiscard]] std::size_t nesting_depth(std::string_view text);

}  // namespace xfrmd::api
