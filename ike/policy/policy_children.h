// SPDX-License-Identifier: Apache-2.0
// What a policy of the kernel that somebody else has put there asks for, as children: racoon's role.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "ike/policy/connection.h"
#include "netlink/model/policy_spec.h"

namespace xfrmd::ike {

// The children that serve `policy` between these two ends, as their SAs are looked for by the kernel: mode, reqid and order of
// the transforms are the policy's, algorithms and lifetimes those of `served`. Two if it asks for ESP and AH, the inner one
// first; none if it does not protect packets between these ends. Error: a sentence, if it asks for what IKE cannot negotiate.
[[nodiscard]] std::expected<std::vector<Child>, std::string> children_of_policy(const Served& served,
                                                                                const xfrm::PolicySpec& policy,
                                                                                const xfrm::Address& local,
                                                                                const xfrm::Address& remote);

}  // namespace xfrmd::ike
