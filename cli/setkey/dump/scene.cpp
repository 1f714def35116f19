// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/dump/scene.h"

#include <netdb.h>

#include <format>
#include <limits>
#include <string_view>

#include "cli/text.h"

namespace xfrmd::setkey::dump {

namespace {

constexpr std::size_t kTimeWidth = 20;
// Not those of the locale: setkey has never spoken another language.
constexpr auto kMonths = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});

}  // namespace

std::optional<std::tm> host_local_time(std::time_t seconds) {
    std::tm parts{};
    return localtime_r(&seconds, &parts) == nullptr ? std::nullopt : std::optional{parts};
}

std::optional<std::tm> utc(std::time_t seconds) {
    std::tm parts{};
    return gmtime_r(&seconds, &parts) == nullptr ? std::nullopt : std::optional{parts};
}

ProtocolNames host_protocol_names() {
    ProtocolNames names;
    setprotoent(1);
    while (const protoent* const entry = getprotoent())
        if (entry->p_proto >= 0 && entry->p_proto < static_cast<int>(names.size())) {
            std::string& name = names.at(static_cast<std::size_t>(entry->p_proto));
            if (name.empty()) name = cli::printable(entry->p_name);
        }
    endprotoent();
    return names;
}

std::string time_text(std::uint64_t seconds, const Scene& scene) {
    if (seconds == 0) return std::string(kTimeWidth, ' ');
    constexpr auto kLatest = static_cast<std::uint64_t>(std::numeric_limits<std::time_t>::max());
    const auto time =
        seconds <= kLatest ? scene.local_time(static_cast<std::time_t>(seconds)) : std::nullopt;
    // Four digits of a year are what the columns have room for.
    if (!time || time->tm_year > 9999 - 1900) return std::string(kTimeWidth, '?');
    return std::format("{} {:2} {:02}:{:02}:{:02} {:04}",
                       kMonths.at(static_cast<std::size_t>(time->tm_mon)), time->tm_mday,
                       time->tm_hour, time->tm_min, time->tm_sec, time->tm_year + 1900);
}

std::string ip_protocol_text(std::uint8_t protocol, const Scene& scene) {
    if (scene.protocol_names != nullptr)
        if (const std::string& name = scene.protocol_names->at(protocol); !name.empty())
            return name;
    return std::to_string(protocol);
}

}  // namespace xfrmd::setkey::dump
