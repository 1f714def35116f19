// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/limits.h"

#include <array>
#include <format>
#include <string_view>

#include "daemon/configuration/duration_text.h"
#include "daemon/configuration/table_reader.h"

namespace xfrmd::daemon {

namespace {

// One row a key: where it goes, and what is sensible.
struct NumberLimit {
    std::string_view key;
    std::uint32_t ike::Limits::* value;
    std::uint32_t min;
    std::uint32_t max;
};
struct TimeLimit {
    std::string_view key;
    ike::Duration ike::Limits::* value;
    std::chrono::seconds min;
    std::chrono::seconds max;
};

constexpr auto kNumbers = std::to_array<NumberLimit>({
    {"half_open_before_cookie", &ike::Limits::half_open_before_cookie, 0, 1'000'000},
    {"half_open_max", &ike::Limits::half_open_max, 1, 1'000'000},
    {"half_open_per_network_before_cookie", &ike::Limits::half_open_per_network_before_cookie, 0, 1'000'000},
    {"half_open_per_network_max", &ike::Limits::half_open_per_network_max, 1, 1'000'000},
    {"ike_sas_max", &ike::Limits::ike_sas_max, 1, 10'000'000},
    {"initiations_per_second", &ike::Limits::initiations_per_second, 1, 100'000},
    {"retransmissions_max", &ike::Limits::retransmissions_max, 1, 50},
    // RFC 791: every host takes a datagram of 576 octets.
    {"fragment_size", &ike::Limits::fragment_size, 576, 65'535},
    {"fragments_max", &ike::Limits::fragments_max, 1, 65'535},
    {"reassembly_octets_max", &ike::Limits::reassembly_octets_max, 4096, 65'535},
    {"stranger_answers_per_second", &ike::Limits::stranger_answers_per_second, 0, 100'000},
    {"stranger_answers_per_network_per_second",
     &ike::Limits::stranger_answers_per_network_per_second, 0, 100'000},
});

constexpr auto kTimes = std::to_array<TimeLimit>({
    {"half_open_lifetime", &ike::Limits::half_open_lifetime, std::chrono::seconds{1}, std::chrono::hours{1}},
    {"retransmit_max", &ike::Limits::retransmit_max, std::chrono::seconds{1}, std::chrono::hours{1}},
});

void read_number(TableReader& reader, const NumberLimit& limit, ike::Limits& limits,
                 Diagnostics& diagnostics) {
    const auto written = reader.integer(limit.key);
    if (!written) return;
    if (written->value < limit.min || written->value > limit.max)
        return diagnostics.error(written->place, std::format("{} is no value for {}", written->value, limit.key),
                                 std::format("from {} to {}", limit.min, limit.max));
    limits.*limit.value = static_cast<std::uint32_t>(written->value);
}

void read_time(TableReader& reader, const TimeLimit& limit, ike::Limits& limits,
               Diagnostics& diagnostics) {
    const auto written = reader.text(limit.key);
    if (!written) return;
    const auto time = parse_duration(written->value);
    if (!time || *time < limit.min || *time > limit.max)
        return diagnostics.error(written->place, std::format("\"{}\" is no time for {}", written->value, limit.key),
                                 std::format("from \"{}s\" to \"{}s\"", limit.min.count(), limit.max.count()));
    limits.*limit.value = *time;
}

void read_nat_keepalive(const Located<std::string>& written, ike::IkeOptions& options, Diagnostics& diagnostics) {
    constexpr std::chrono::seconds kLongest = std::chrono::hours{1};
    const auto interval = parse_duration(written.value);
    if (written.value == "off")
        options.nat_keepalive = ike::Duration::zero();
    else if (interval && *interval >= std::chrono::seconds{1} && *interval <= kLongest)
        options.nat_keepalive = *interval;
    else
        diagnostics.error(written.place, std::format("\"{}\" is no time for nat_keepalive", written.value),
                          "\"20s\" or \"1m\" (from one second to one hour), or \"off\"");
}

}  // namespace

void read_limits(const Value& table, ike::Limits& limits, Diagnostics& diagnostics) {
    TableReader reader{table, "limits", diagnostics};
    for (const NumberLimit& limit : kNumbers) read_number(reader, limit, limits, diagnostics);
    for (const TimeLimit& limit : kTimes) read_time(reader, limit, limits, diagnostics);
    reader.finish();
}

void read_ike_options(const Value& table, ike::IkeOptions& options, Diagnostics& diagnostics) {
    TableReader reader{table, "ike", diagnostics};
    if (const auto refuse = reader.boolean("refuse_ikev1")) options.refuse_ikev1 = refuse->value;
    if (const auto detect = reader.boolean("quick_crash_detection"))
        options.quick_crash_detection = detect->value;
    if (const auto interval = reader.text("nat_keepalive"))
        read_nat_keepalive(*interval, options, diagnostics);
    reader.finish();
}

}  // namespace xfrmd::daemon
