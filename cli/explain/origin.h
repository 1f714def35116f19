// SPDX-License-Identifier: Apache-2.0
// Who has put something into the kernel, and where that is written.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "netlink/model/ids.h"

namespace xfrmd::explain {

struct Origin {
    std::string owner;  // "CONNECTION/CHILD"; printable
    std::string place;  // "FILE:LINE"; printable
    auto operator<=>(const Origin&) const = default;
};

using Origins = std::map<xfrm::ReqId, Origin>;

// Asks the daemon whose these are. Those that are nobody's are not in the answer; without a daemon
// none is. `wait_max` is for each question.
[[nodiscard]] Origins ask_daemon(const std::filesystem::path& socket,
                                 const std::set<xfrm::ReqId>& reqids,
                                 std::chrono::milliseconds wait_max);

}  // namespace xfrmd::explain
