// SPDX-License-Identifier: Apache-2.0
// What the kernel tells without being asked: XFRM's multicast messages. Pure.
#pragma once

#include <optional>

#include "netlink/message.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// The multicast groups to join, as the bit mask of bind(2).
std::uint32_t xfrm_event_groups();

// Nothing for messages that are of no concern: other types, objects that our values cannot express,
// and the end of an acquire that nobody answered (an expiry with SPI 0). EBADMSG if damaged.
Decoded<std::optional<xfrm::KernelEvent>> decode_xfrm_event(const MessageView& message);

}  // namespace xfrmd::netlink
