// SPDX-License-Identifier: Apache-2.0
// The addresses of this host and the way towards another, as values.
#pragma once

#include <cstdint>
#include <optional>

#include "netlink/model/address.h"

namespace xfrmd::netlink {

// One usable address of this host.
struct OwnAddress {
    xfrm::Address address;
    std::uint8_t prefix_length = 0;
    std::uint32_t interface_index = 0;
    bool operator==(const OwnAddress&) const = default;
};

// How packets to a destination leave this host.
struct Route {
    xfrm::Address source;  // the address they would carry; unspecified if the kernel names none
    std::uint32_t interface_index = 0;
    std::optional<xfrm::Address> gateway;  // nothing if the destination is on the link
    bool local = false;                    // the destination is an address of this host
    bool operator==(const Route&) const = default;
};

}  // namespace xfrmd::netlink
