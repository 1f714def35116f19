// SPDX-License-Identifier: Apache-2.0
// Carries out what we want of the peer, one request at a time.
#pragma once

#include "ike/core.h"
#include "ike/ike_sa.h"

namespace xfrmd::ike {

// After everything that is wanted already. What is wanted twice is done once.
void enqueue(Core& core, IkeSa& sa, Task task);

// Before everything else that is wanted; nothing is begun yet.
void delete_first(IkeSa& sa, task::DeleteChild child);

// The request before it is answered, or given up: begins the next one, if the IKE SA still makes any.
void begin_next_task(Core& core, IkeSa& sa);

// The peer has shown that it has this IKE SA: what we want of it need not wait any longer.
void proven(Core& core, IkeSa& sa);

// Nothing of ours is wanted any more: gives back what our and the peer's unfinished exchanges have reserved.
void abandon_exchanges(Core& core, IkeSa& sa);

// True if a request of ours that is under way or waiting makes or remakes this child of the configuration.
[[nodiscard]] bool is_being_made(const IkeSa& sa, std::string_view child);
// True if our Delete of this child is under way or waiting.
[[nodiscard]] bool is_being_deleted(const IkeSa& sa, xfrm::EspSpi inbound);

}  // namespace xfrmd::ike
