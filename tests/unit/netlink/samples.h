// SPDX-License-Identifier: Apache-2.0
// Small tools of the netlink tests: octets from hexadecimal text, damage at every place.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "netlink/message.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink::tests {

// Octets of a text of hexadecimal digits; blanks and everything from '#' to the end of a line are
// skipped.
Bytes from_hex(std::string_view text);

// The text as octets of the same kind, for comparisons that fail with something readable.
std::string hex(View octets);

// The header of an encoded message, and what follows it.
nlmsghdr header_of(const Message& message);
View payload_of(const Message& message);

// One attribute with its padding.
Bytes attribute(std::uint16_t type, View value);
template <class Structure>
Bytes attribute_of(std::uint16_t type, const Structure& value) {
    return attribute(type, octets_of(value));
}

// Gives `read` every truncation of the octets, and every copy with one octet set to 0x00, 0x01,
// 0x7f or 0xff. Each copy has exactly its own size on the heap, so that the sanitizers see any
// octet read beyond it.
void damage_everywhere(View octets, const std::function<void(View)>& read);

xfrm::Address address(std::string_view text);
xfrm::Prefix prefix(std::string_view text);

}  // namespace xfrmd::netlink::tests
