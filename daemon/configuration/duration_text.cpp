// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/duration_text.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace xfrmd::daemon {

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    constexpr std::uint64_t kSecondsMax = 366ULL * 24 * 60 * 60;
    if (text.size() < 2 || text.front() < '0' || text.front() > '9') return std::nullopt;
    std::uint64_t unit = 0;
    switch (text.back()) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = 60 * 60;
            break;
        case 'd':
            unit = 24 * 60 * 60;
            break;
        default:
            return std::nullopt;
    }
    const std::string_view digits = text.substr(0, text.size() - 1);
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size() || count > kSecondsMax / unit)
        return std::nullopt;
    return std::chrono::seconds{static_cast<std::int64_t>(count * unit)};
}

}  // namespace xfrmd::daemon
