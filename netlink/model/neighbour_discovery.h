// SPDX-License-Identifier: Apache-2.0
// The policies of xfrmd by which IPv6 neighbour discovery passes whatever is protected, or no peer could be reached at all: RFC 4861.
#pragma once

#include <string_view>
#include <vector>

#include "netlink/model/policy_spec.h"

namespace xfrmd::xfrm {

// Solicitations and advertisements, out and in. What passes in clear has no template, and so no reqid that says whose the policy
// is: these are told from those that others write for the same purpose by their priority, and by a mask over the ICMP code that
// lets pass what "code 0" does and that nobody can write. So none takes another's place in the kernel either.
[[nodiscard]] std::vector<PolicySpec> neighbour_discovery_policies();

[[nodiscard]] bool is_neighbour_discovery(const PolicySpec& policy);

// Whose they are, for people, where others have "CONNECTION/CHILD".
inline constexpr std::string_view kNeighbourDiscovery = "neighbour discovery";

}  // namespace xfrmd::xfrm
