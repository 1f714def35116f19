// SPDX-License-Identifier: Apache-2.0
// Entries of the kernel's tables as JSON, whole: the fields of the control interface's `Sa` and
// `Policy`, and all the others. SCHEMA.md describes them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::setkey::dump {

// {"sa":{…}} and {"policy":{…}}, each on one line with its newline. Keys, and what may be one, only
// `with_keys`. `now`, in seconds since 1970, decides the state of an SA.
[[nodiscard]] std::string sa_json_line(const xfrm::StoredSa& sa, bool with_keys, std::uint64_t now);
[[nodiscard]] std::string policy_json_line(const xfrm::StoredPolicy& policy, bool with_keys);

// The objects by themselves. An SA whose algorithms the kernel did not tell has no state.
[[nodiscard]] nlohmann::json sa_json(const xfrm::StoredSa& sa, bool with_keys);
[[nodiscard]] nlohmann::json policy_json(const xfrm::StoredPolicy& policy, bool with_keys);
// Parts that events carry by themselves.
[[nodiscard]] nlohmann::json traffic_json(const xfrm::Selector& selector);
[[nodiscard]] nlohmann::json replay_json(const xfrm::ReplayState& replay);
// "udp 4500>34500"
[[nodiscard]] std::string encapsulation_text(const xfrm::StoredEncapsulation& encapsulation);

}  // namespace xfrmd::setkey::dump
