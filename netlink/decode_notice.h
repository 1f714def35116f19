// SPDX-License-Identifier: Apache-2.0
// What the kernel multicasts about XFRM, all of it. Pure.
#pragma once

#include "netlink/message.h"
#include "netlink/model/notice.h"
#include "netlink/xfrm_sa.h"

namespace xfrmd::netlink {

// Every group that XFRM has, as the bit mask of bind(2).
std::uint32_t every_xfrm_group();

// EBADMSG if damaged, EOPNOTSUPP if of an unknown address family; other types of messages are
// Other.
Decoded<xfrm::Notice> decode_notice(const MessageView& message, Keys keys);
// The same; what cannot be read is Other, too, so that nothing goes unseen.
xfrm::Notice notice_of(const MessageView& message, Keys keys);

}  // namespace xfrmd::netlink
