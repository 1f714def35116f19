// SPDX-License-Identifier: Apache-2.0
// The kernel's SAs and policies as JSON. Keys are left out, whether they were read or not.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::api {

// "CONNECTION/CHILD" by reqid.
using Owners = std::map<xfrm::ReqId, std::string>;

// The types Sa and Policy of the interface.
[[nodiscard]] nlohmann::json encode_sa(const xfrm::SaInfo& sa, const Owners& owners);
[[nodiscard]] nlohmann::json encode_policy(const xfrm::PolicyInfo& policy, const Owners& owners);

}  // namespace xfrmd::api
