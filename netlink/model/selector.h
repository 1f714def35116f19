// SPDX-License-Identifier: Apache-2.0
// What traffic a policy or an SA is for, as the kernel can express it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "netlink/model/address.h"

namespace xfrmd::xfrm {

// A port, or ICMP type/code, under a mask as the kernel compares it; mask 0 = any, 0xffff = exactly. Host byte order.
struct PortMask {
    std::uint16_t port = 0;
    std::uint16_t mask = 0;
    auto operator<=>(const PortMask&) const = default;
    static constexpr PortMask any() { return {}; }
    static constexpr PortMask exactly(std::uint16_t port) { return {port, 0xffff}; }
};

// xfrm_selector. For ICMP the type stands in `source_port` and the code in `destination_port`, as in the kernel.
struct Selector {
    Prefix source;
    Prefix destination;
    std::uint8_t protocol = 0;       // IP protocol number, 0 = any
    PortMask source_port;
    PortMask destination_port;
    std::uint32_t interface_index = 0;  // 0 = any

    Family family() const { return source.address.family(); }
    // The same traffic in the other direction. ICMP type and code keep their places.
    Selector reversed() const {
        if (protocol == 1 || protocol == 58)
            return {destination, source, protocol, source_port, destination_port, interface_index};
        return {destination, source, protocol, destination_port, source_port, interface_index};
    }
    std::string to_string() const;
    auto operator<=>(const Selector&) const = default;
};

}  // namespace xfrmd::xfrm
