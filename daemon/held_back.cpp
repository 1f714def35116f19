// SPDX-License-Identifier: Apache-2.0
// Leaving out what has no local address yet.
#include "daemon/held_back.h"

#include <charconv>
#include <format>
#include <string_view>
#include <utility>

namespace xfrmd::daemon {
namespace {

// From "FILE:LINE".
void set_place(Diagnostic& diagnostic, std::string_view origin) {
    const std::size_t colon = origin.rfind(':');
    diagnostic.file = origin.substr(0, colon);
    if (colon == origin.npos) return;
    const std::string_view line = origin.substr(colon + 1);
    std::from_chars(line.data(), line.data() + line.size(), diagnostic.line);
}

Diagnostic waits(const ike::Connection& connection, const Unroutable& unroutable) {
    const auto why = unroutable.find(connection.remote);
    Diagnostic diagnostic;
    diagnostic.severity = Severity::Warning;
    set_place(diagnostic, connection.origin);
    diagnostic.text = std::format("connection \"{}\" waits for an address of ours towards {}: {}",
                                  connection.name, connection.remote.to_string(),
                                  why == unroutable.end() ? "there is none" : why->second);
    diagnostic.hint = "add the route, or name our address: local = \"192.0.2.1\"";
    diagnostic.waits_for_network = true;
    return diagnostic;
}

}  // namespace

LoadedConfiguration hold_back(LoadedConfiguration loaded, const Unroutable& unroutable) {
    auto ready = std::make_shared<ike::Configuration>();
    ready->number = loaded.configuration->number;
    ready->limits = loaded.configuration->limits;
    ready->options = loaded.configuration->options;
    for (const ike::Connection& connection : loaded.configuration->connections) {
        // Where others' policies name the ends, there is no address to wait for.
        if (connection.local.is_unspecified() && !connection.served) {
            loaded.warnings.push_back(waits(connection, unroutable));
        } else {
            ready->connections.push_back(connection);
        }
    }
    loaded.configuration = std::move(ready);
    return loaded;
}

}  // namespace xfrmd::daemon
