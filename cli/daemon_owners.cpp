// SPDX-License-Identifier: Apache-2.0
#include "cli/daemon_owners.h"

#include <format>

#include "cli/fields.h"
#include "daemon/api/interface.h"

namespace xfrmd::cli {

DaemonOwners::DaemonOwners(const std::filesystem::path& socket, std::chrono::milliseconds reply_max)
    : reply_max_{reply_max} {
    if (auto client = api::Client::connect(socket)) client_ = std::move(*client);
}

std::optional<DaemonOwner> DaemonOwners::owner_of(xfrm::ReqId reqid) {
    if (!client_ || reqid.value == 0) return std::nullopt;
    if (const auto known = known_.find(reqid); known != known_.end()) return known->second;
    const auto reply = client_->call({.method = std::string{api::method::kFindOwner},
                                      .parameters = std::format("{{\"reqid\":{}}}", reqid.value)},
                                     reply_max_);
    if (!reply || reply->failed()) {
        client_.reset();
        return std::nullopt;
    }
    const auto fields = Fields::parse(reply->parameters);
    std::optional<DaemonOwner> owner;
    if (fields.has("connection"))
        owner = {fields.text("connection") + "/" + fields.text("child"), fields.text("origin")};
    return known_[reqid] = std::move(owner);
}

}  // namespace xfrmd::cli
