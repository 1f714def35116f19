// SPDX-License-Identifier: Apache-2.0
// Times of the control interface (RFC 3339) as people read them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace xfrmd::cli {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

// "2026-11-23T22:49:00Z", "2026-11-23T22:49:00.123456+01:00". Nothing for anything else.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

// "12s", "3m12s", "3h05m", "5d03h"; not negative.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

// "3m12s ago", "just now", "in 18s". What cannot be read is shown as it is.
[[nodiscard]] std::string relative_text(std::string_view rfc3339, WallTime now);
// The same without "ago" and "in": for how long.
[[nodiscard]] std::string elapsed_text(std::string_view rfc3339, WallTime now);

// "1.2 ms", "345 ms", "2.3 s"
[[nodiscard]] std::string milliseconds_text(double milliseconds);

}  // namespace xfrmd::cli
