// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/connection_names.h"

#include <algorithm>
#include <chrono>

#include "cli/fields.h"
#include "daemon/api/client.h"
#include "daemon/api/interface.h"

namespace xfrmd::cli::completion {

namespace {

constexpr std::chrono::milliseconds kWaitMax{1000};
constexpr std::size_t kNamesMax = 1000;

}  // namespace

std::vector<Suggestion> connection_names(const std::filesystem::path& socket) {
    std::vector<Suggestion> names;
    auto client = api::Client::connect(socket);
    if (!client) return names;
    if (!client->send({.method = std::string{api::method::kListConnections},
                       .parameters = "{}",
                       .more = true}))
        return names;
    while (names.size() < kNamesMax) {
        const auto reply = client->receive(kWaitMax);
        if (!reply || reply->failed()) break;
        if (const Fields connection = Fields::parse(reply->parameters).object("connection"))
            names.push_back({connection.text("name"),
                             connection.text("state") + ", " + connection.text("peer_id")});
        if (!reply->continues) break;
    }
    std::ranges::sort(names, {}, &Suggestion::word);
    return names;
}

}  // namespace xfrmd::cli::completion
