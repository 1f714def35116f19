// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/traffic_selector_wire.h"

#include <utility>

namespace xfrmd::ike {

TrafficSelectorList from_wire(const std::vector<TrafficSelector>& selectors) {
    TrafficSelectorList list;
    for (const TrafficSelector& selector : selectors) {
        if (!selector.is_address_range() || selector.start.family() != selector.end.family()) continue;
        if (selector.end < selector.start) continue;
        if (selector.end_port < selector.start_port && !selector.has_opaque_ports()) continue;
        list.push_back({.first = selector.start,
                        .last = selector.end,
                        .protocol = selector.ip_protocol,
                        .port_first = selector.start_port,
                        .port_last = selector.end_port});
    }
    return list;
}

std::vector<TrafficSelector> to_wire(const TrafficSelectorList& list) {
    std::vector<TrafficSelector> selectors;
    selectors.reserve(list.size());
    for (const AddressRange& range : list) {
        TrafficSelector selector;
        selector.type = range.first.is_v4() ? TsType::Ipv4AddressRange : TsType::Ipv6AddressRange;
        selector.ip_protocol = range.protocol;
        selector.start_port = range.port_first;
        selector.end_port = range.port_last;
        selector.start = range.first;
        selector.end = range.last;
        selectors.push_back(std::move(selector));
    }
    return selectors;
}

}  // namespace xfrmd::ike
