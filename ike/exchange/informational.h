// SPDX-License-Identifier: Apache-2.0
// INFORMATIONAL: deletes, liveness, notifications. RFC 7296 §1.4, §2.4.
#pragma once

#include "ike/core.h"

namespace xfrmd::ike::informational {

// The peer's request on an established IKE SA; it passed the integrity check.
void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);
// The answer to ours; what it says does not matter, that it came does.
void on_response(Core& core, IkeSa& sa);

// Nothing was heard of the peer for a while: looks whether ESP came in, and asks the peer if not.
void check_liveness(Core& core, IkeSa& sa);
void on_traffic_known(Core& core, IkeSa& sa, const xfrm::KernelResult& result);

}  // namespace xfrmd::ike::informational
