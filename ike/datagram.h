// SPDX-License-Identifier: Apache-2.0
// From a datagram to the exchange it belongs to: versions, SPIs, message ids, integrity, and what a state allows.
#pragma once

#include "ike/core.h"

namespace xfrmd::ike {

// Anybody may have sent it. Until its integrity is checked it changes nothing but counters, a new half-open IKE SA aside.
void on_datagram(Core& core, const Datagram& datagram);

}  // namespace xfrmd::ike
