// SPDX-License-Identifier: Apache-2.0
// Traffic selectors to and from the TS payloads. RFC 7296 §3.13.
#pragma once

#include <vector>

#include "ike/policy/traffic_selector.h"
#include "ike/wire/selectors.h"

namespace xfrmd::ike {

// The content of a TS payload. Entries that are no address range (security labels, unknown types) are left out:
// RFC 7296 §2.9 lets a responder ignore what it does not understand. Ranges that end before they start are left out too.
[[nodiscard]] TrafficSelectorList from_wire(const std::vector<TrafficSelector>& selectors);
[[nodiscard]] std::vector<TrafficSelector> to_wire(const TrafficSelectorList& list);

}  // namespace xfrmd::ike
