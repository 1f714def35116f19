// SPDX-License-Identifier: Apache-2.0
// Telling what has no local address yet.
#include "daemon/held_back.h"

#include <charconv>
#include <format>
#include <string_view>
#include <utility>

#include "daemon/configuration/overlap.h"
#include "ike/held_traffic.h"

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

void take_address(ike::Connection& connection, const xfrm::Address& local) {
    // Without a local_id the address stands for it.
    if (connection.local_id == ike::identity_of(connection.local))
        connection.local_id = ike::identity_of(local);
    for (ike::Child& child : connection.children)
        for (ike::AddressRange& range : child.local)
            if (range.first == connection.local && range.last == connection.local)
                range.first = range.last = local;
    connection.local = local;
}

}  // namespace

Unroutable take_addresses(std::vector<ike::Connection>& connections, const LocalAddressFor& local_address_for) {
    Unroutable unroutable;
    for (ike::Connection& connection : connections) {
        if (!ike::waits_for_address(connection)) continue;
        const auto local = local_address_for(connection.remote);
        if (!local) {
            unroutable[connection.remote] = local.error();
            continue;
        }
        if (local->is_unspecified()) continue;
        ike::Connection waiting = connection;
        take_address(connection, *local);
        if (auto same = same_traffic(connections)) {
            connection = std::move(waiting);
            unroutable[connection.remote] = "with " + local->to_string() + ", " + *std::move(same);
        }
    }
    return unroutable;
}

void warn_of_held_back(LoadedConfiguration& loaded, const Unroutable& unroutable) {
    for (const ike::Connection& connection : loaded.configuration->connections)
        if (ike::waits_for_address(connection)) loaded.warnings.push_back(waits(connection, unroutable));
}

}  // namespace xfrmd::daemon
