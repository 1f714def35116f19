// SPDX-License-Identifier: Apache-2.0
// Spans of time as people write them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace xfrmd::daemon {

// "30s", "5m", "1h", "2d". Nothing for anything else, or for more than a year.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace xfrmd::daemon
