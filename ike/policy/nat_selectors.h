// SPDX-License-Identifier: Apache-2.0
// Selectors of transport mode that have come through a NAT. RFC 7296 §2.23.1
#pragma once

#include "ike/policy/traffic_selector.h"

namespace xfrmd::ike {

// A host behind a NAT names itself, and is named, by another address than the one that its packets have here. The same
// selectors with that one, `here`, in place of it: of one host alone, the first that is named, so that nobody comes to more
// than the address that the packets carry anyhow. What else they name stays as it is.
[[nodiscard]] TrafficSelectorList as_seen_here(TrafficSelectorList selectors, const xfrm::Address& here);

}  // namespace xfrmd::ike
