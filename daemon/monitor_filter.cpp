// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/api/interface.h"
#include "daemon/api/json_text.h"

namespace xfrmd::daemon {
namespace {

using Json = nlohmann::json;

// A list of texts, or null; anything else is not taken.
bool take(const Json& value, std::set<std::string, std::less<>>& words) {
    if (value.is_null()) return true;
    if (!value.is_array() || !std::ranges::all_of(value, &Json::is_string)) return false;
    for (const Json& word : value) words.insert(word.get<std::string>());
    return true;
}

bool is_event(std::string_view word) {
    return std::ranges::contains(api::kEventTypes, word);
}

}  // namespace

bool MonitorFilter::admits(std::string_view type, std::string_view connection) const {
    if (type == api::event::kSynchronized) return true;
    return (events.empty() || events.contains(type)) &&
           (connections.empty() || connections.contains(connection));
}

std::expected<MonitorFilter, std::string> parse_monitor_filter(std::string_view parameters) {
    const auto json = api::parse_json(parameters);
    if (!json || !json->is_object()) return std::unexpected{"parameters"};
    MonitorFilter filter;
    for (const auto& [key, value] : json->items()) {
        const bool good = key == "connections" ? take(value, filter.connections)
                          : key == "events"    ? take(value, filter.events)
                                               : false;
        if (!good) return std::unexpected{key};
    }
    if (!std::ranges::all_of(filter.events, is_event)) return std::unexpected{"events"};
    return filter;
}

}  // namespace xfrmd::daemon
