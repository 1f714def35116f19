// SPDX-License-Identifier: Apache-2.0
// Kernel events were lost, or somebody else has taken SAs out: what the kernel holds is compared with what we believe it holds.
#pragma once

#include <vector>

#include "ike/core.h"

namespace xfrmd::ike {

// Asks the kernel for all SAs. Asked again while an answer is outstanding, only the last answer counts.
void begin_resync(Core& core);
// A packet wants an SA that we believe to be there. Asks, if that was not done a moment ago.
void look_for_loss(Core& core);

// The answer: an end-of-life event for each SA that is gone, as the one that was lost would have been. Empty if this
// request asked for none.
[[nodiscard]] std::vector<xfrm::SaExpired> lost_expiries(Core& core, RequestId id, const xfrm::KernelResult& result);

}  // namespace xfrmd::ike
