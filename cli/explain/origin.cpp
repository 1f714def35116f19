// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/origin.h"

#include <format>

#include "cli/fields.h"
#include "daemon/api/client.h"
#include "daemon/api/interface.h"

namespace xfrmd::explain {

Origins ask_daemon(const std::filesystem::path& socket, const std::set<xfrm::ReqId>& reqids,
                   std::chrono::milliseconds wait_max) {
    Origins origins;
    if (reqids.empty()) return origins;
    auto client = api::Client::connect(socket);
    if (!client) return origins;
    for (const xfrm::ReqId reqid : reqids) {
        const auto reply =
            client->call({.method = std::string{api::method::kFindOwner},
                          .parameters = std::format("{{\"reqid\":{}}}", reqid.value)},
                         wait_max);
        if (!reply || reply->failed()) return origins;
        const auto fields = cli::Fields::parse(reply->parameters);
        if (!fields.has("connection")) continue;
        origins[reqid] = {fields.text("connection") + "/" + fields.text("child"),
                          fields.text("origin")};
    }
    return origins;
}

}  // namespace xfrmd::explain
