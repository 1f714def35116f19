// SPDX-License-Identifier: Apache-2.0
// Whose a reqid is, by a daemon that runs.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "daemon/api/client.h"
#include "netlink/model/ids.h"

namespace xfrmd::cli {

struct DaemonOwner {
    std::string child;   // "CONNECTION/CHILD", printable
    std::string origin;  // "FILE:LINE", printable
};

// One question for each reqid; a daemon that does not answer is not asked again.
class DaemonOwners {
  public:
    // Without a daemon on this socket nobody has anything.
    explicit DaemonOwners(const std::filesystem::path& socket,
                          std::chrono::milliseconds reply_max = std::chrono::seconds{5});

    // Whether there is a daemon that answers.
    [[nodiscard]] bool is_there() const { return client_.has_value(); }
    [[nodiscard]] std::optional<DaemonOwner> owner_of(xfrm::ReqId reqid);

  private:
    std::chrono::milliseconds reply_max_;
    std::optional<api::Client> client_;
    std::map<xfrm::ReqId, std::optional<DaemonOwner>> known_;
};

}  // namespace xfrmd::cli
