// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/byte_count_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace xfrmd::daemon {

namespace {

struct Unit {
    std::string_view name;
    unsigned shift;
};
constexpr auto kUnits =
    std::to_array<Unit>({{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}});
constexpr std::uint64_t kBytesMax = 1ULL << 60;

}  // namespace

std::optional<std::uint64_t> parse_byte_count(std::string_view text) {
    const auto unit = std::ranges::find_if(
        kUnits, [&](const Unit& candidate) { return text.ends_with(candidate.name); });
    if (unit == kUnits.end()) return std::nullopt;
    const std::string_view digits = text.substr(0, text.size() - unit->name.size());
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size() ||
        count > kBytesMax >> unit->shift)
        return std::nullopt;
    return count << unit->shift;
}

}  // namespace xfrmd::daemon
