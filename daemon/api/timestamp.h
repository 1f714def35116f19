// SPDX-License-Identifier: Apache-2.0
// Points of wall-clock time as the control interface writes them: RFC 3339 in UTC with
// milliseconds.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace xfrmd::api {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

// "2026-11-23T22:47:10.123Z".
[[nodiscard]] std::string rfc3339(WallTime time);
// The same back; also without a fraction. Nothing for other zones than Z and for malformed text.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace xfrmd::api
