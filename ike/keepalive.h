// SPDX-License-Identifier: Apache-2.0
// NAT keepalives. RFC 3948 §4
#pragma once

#include "ike/core.h"
#include "ike/ike_sa.h"

namespace xfrmd::ike {

// Something was sent, or the IKE SA has come up: if we are behind a NAT, the next keepalive is due an interval from now.
// Packets of the children are not counted; an octet too many costs less than asking the kernel.
void postpone_keepalive(Core& core, IkeSa& sa);

// It is due.
void send_keepalive(Core& core, IkeSa& sa);

}  // namespace xfrmd::ike
