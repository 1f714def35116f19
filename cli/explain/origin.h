// SPDX-License-Identifier: Apache-2.0
// Who has put a policy into the kernel, and where that is written.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "netlink/model/stored_policy.h"

namespace xfrmd::explain {

struct Origin {
    std::string owner;  // "CONNECTION/CHILD", or "setkey"; printable
    // "FILE:LINE"; of setkey the statement that takes it out again; printable.
    std::string place;
    auto operator<=>(const Origin&) const = default;
};

// By the kernel's index of the policy.
using Origins = std::map<std::uint32_t, Origin>;

// Where to look.
struct OriginSources {
    std::filesystem::path daemon;  // its socket
    std::chrono::milliseconds reply_max = std::chrono::seconds{5};
    std::filesystem::path setkey_record;  // the folder of what setkey statements have installed
};

// Asks the daemon whose reqids the templates of these have, and looks what setkey statements have
// installed. A policy that is nobody's is not in the answer; without a daemon and a record none is.
[[nodiscard]] Origins find_origins(const std::vector<const xfrm::StoredPolicy*>& policies,
                                   const OriginSources& sources);

}  // namespace xfrmd::explain
