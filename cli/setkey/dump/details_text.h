// SPDX-License-Identifier: Apache-2.0
// Lines of a dump for what PF_KEY cannot show, each "\tname: value". Only what is not as usual has
// a line.
#pragma once

#include <string>

#include "cli/setkey/dump/scene.h"
#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::setkey::dump {

[[nodiscard]] std::string sa_details(const xfrm::StoredSa& sa, const Options& options,
                                     const Scene& scene);
[[nodiscard]] std::string policy_details(const xfrm::StoredPolicy& policy, const Options& options);

// setkey's own four lines.
[[nodiscard]] std::string security_context_lines(const xfrm::SecurityContext& context);

}  // namespace xfrmd::setkey::dump
