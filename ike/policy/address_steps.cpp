// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/address_steps.h"

#include <algorithm>
#include <ranges>

namespace xfrmd::ike {

namespace {

// Octets equal to `wrapping` turn over to `wrapped`, from the last one on, until one can take the step.
std::optional<xfrm::Address> step(const xfrm::Address& address, std::uint8_t wrapping, std::uint8_t wrapped,
                                  int change) {
    Bytes octets = to_bytes(address.octets());
    for (std::uint8_t& octet : octets | std::views::reverse) {
        if (octet != wrapping) {
            octet = static_cast<std::uint8_t>(octet + change);
            return xfrm::Address::from_octets(octets);
        }
        octet = wrapped;
    }
    return std::nullopt;
}

}  // namespace

std::optional<xfrm::Address> successor(const xfrm::Address& address) { return step(address, 0xff, 0x00, 1); }

std::optional<xfrm::Address> predecessor(const xfrm::Address& address) {
    return step(address, 0x00, 0xff, -1);
}

}  // namespace xfrmd::ike
