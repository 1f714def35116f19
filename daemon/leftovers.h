// SPDX-License-Identifier: Apache-2.0
// What a former run of the daemon left in the kernel.
#pragma once

#include <vector>

#include "ike/policy/connection.h"
#include "netlink/model/kernel.h"

namespace xfrmd::daemon {

// The SAs among `present` that belong to a child of this configuration, by its reqid and the ends
// of its connection. Nobody holds the other half of their IKE state any more, so no rekey and no
// delete will ever come for them. What others have installed is not among them, and policies never
// are: the new ones replace them in place, so that there is no moment without.
[[nodiscard]] xfrm::RemoveSas leftovers(const std::vector<xfrm::SaInfo>& present,
                                        const ike::Configuration& configuration);

}  // namespace xfrmd::daemon
