// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/nat_selectors.h"

#include <algorithm>

namespace xfrmd::ike {

TrafficSelectorList as_seen_here(TrafficSelectorList selectors, const xfrm::Address& here) {
    const auto is_host = [&](const AddressRange& range) {
        return range.first == range.last && range.first.family() == here.family();
    };
    const auto named = std::ranges::find_if(selectors, is_host);
    if (named == selectors.end()) return selectors;
    const xfrm::Address host = named->first;
    for (AddressRange& range : selectors)
        if (range.first == host && range.last == host) range.first = range.last = here;
    return selectors;
}

}  // namespace xfrmd::ike
