// SPDX-License-Identifier: Apache-2.0
// What a client of Monitor wants to be told: of which connections, which kinds of events.
#pragma once

#include <expected>
#include <set>
#include <string>
#include <string_view>

namespace xfrmd::daemon {

struct MonitorFilter {
    std::set<std::string, std::less<>> connections;  // empty: all, and what is about none
    std::set<std::string, std::less<>> events;       // words of EventType; empty: all

    // `connection` is empty for what is about none. `synchronized` is told to everybody: without
    // it nobody knows where changes begin.
    [[nodiscard]] bool admits(std::string_view type, std::string_view connection) const;
};

// From the parameters of a call. Error: the name of the parameter that is not as it should be.
[[nodiscard]] std::expected<MonitorFilter, std::string> parse_monitor_filter(
    std::string_view parameters);

}  // namespace xfrmd::daemon
