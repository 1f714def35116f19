// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/lifetimes.h"

#include <chrono>
#include <cstdint>
#include <format>

#include "daemon/configuration/byte_count_text.h"
#include "daemon/configuration/duration_text.h"

namespace xfrmd::daemon {

namespace {

// Less than this would be spent on negotiating.
constexpr std::chrono::seconds kTimeMin{10};
constexpr std::chrono::seconds kTimeMax = std::chrono::days{30};
constexpr std::uint64_t kBytesMin = 1ULL << 20;
constexpr std::int64_t kPacketsMin = 1000;

}  // namespace

ike::RekeyLimits rekey_limits(const RekeySection& section, Diagnostics& diagnostics) {
    ike::RekeyLimits limits;
    if (section.time) limits.time = lifetime(*section.time, "rekey.time", diagnostics).value_or(limits.time);
    if (section.bytes) {
        limits.bytes = parse_byte_count(section.bytes->value).value_or(0);
        if (limits.bytes < kBytesMin)
            diagnostics.error(section.bytes->place,
                              std::format("\"{}\" is no amount of data to rekey after",
                                          section.bytes->value),
                              "\"512MiB\", \"64GiB\" or \"2TiB\", at least \"1MiB\"");
    }
    if (section.packets) {
        limits.packets = static_cast<std::uint64_t>(section.packets->value);
        if (section.packets->value < kPacketsMin)
            diagnostics.error(
                section.packets->place,
                std::format("{} is no number of packets to rekey after", section.packets->value),
                std::format("at least {}", kPacketsMin));
    }
    return limits;
}

std::optional<ike::Duration> lifetime(const Text& written, std::string_view what,
                                      Diagnostics& diagnostics) {
    if (written.value == "never") return ike::Duration::zero();
    const auto time = parse_duration(written.value);
    if (time && *time >= kTimeMin && *time <= kTimeMax) return *time;
    diagnostics.error(written.place, std::format("\"{}\" is no time for {}", written.value, what),
                      "\"30m\", \"4h\" or \"1d\" (from ten seconds to thirty days), or \"never\"");
    return std::nullopt;
}

}  // namespace xfrmd::daemon
