// SPDX-License-Identifier: Apache-2.0
// What a former run of the daemon left in the kernel.
#pragma once

#include <set>
#include <vector>

#include "ike/io.h"
#include "netlink/record.h"

namespace xfrmd::daemon {

// Of the SAs `present`, those that are ours: by the record, or, where it is lost, by the reqid and the
// peer of a child of this configuration. What others have installed is not among them.
[[nodiscard]] std::vector<ike::FormerSa> former_sas(const std::vector<xfrm::SaInfo>& present,
                                                    const netlink::Holdings& recorded,
                                                    const ike::Configuration& configuration);

// Of the policies `present`, those that the record of former runs has and that this run has not put
// there again: their connections are gone from the configuration.
[[nodiscard]] xfrm::RemovePolicies orphans(const std::vector<xfrm::PolicyInfo>& present,
                                           const netlink::Holdings& former,
                                           const std::set<xfrm::PolicyId>& of_this_run);

}  // namespace xfrmd::daemon
