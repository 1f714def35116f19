// SPDX-License-Identifier: Apache-2.0
// Policies as `setkey -DP` shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/setkey/dump/scene.h"
#include "netlink/model/stored_policy.h"

namespace xfrmd::setkey::dump {

// What an empty table says.
inline constexpr std::string_view kNoPolicies = "No SPD entries.\n";

// One block. `place` counts the entries of a dump from 1, and is 0 for the last of them.
[[nodiscard]] std::string policy_text(const xfrm::StoredPolicy& policy, std::uint32_t place,
                                      const Options& options, const Scene& scene);

// "10.1.0.0/16[any] 10.2.0.0/16[443] tcp", "192.0.2.1 192.0.2.2 icmp 8,0"
[[nodiscard]] std::string selector_text(const xfrm::Selector& selector, const Scene& scene);

// "prio def + 100 "; nothing for 0. With a blank behind it.
[[nodiscard]] std::string priority_text(std::uint32_t priority);

// "esp/tunnel/192.0.2.1-192.0.2.2/unique:7"
[[nodiscard]] std::string request_text(const xfrm::StoredTemplate& wanted, const Options& options);

}  // namespace xfrmd::setkey::dump
