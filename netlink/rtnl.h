// SPDX-License-Identifier: Apache-2.0
// The messages of the routing socket that matter to us: own addresses, the way towards a peer.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/message.h"
#include "netlink/model/kernel.h"
#include "netlink/route.h"

namespace xfrmd::netlink {

// RTM_GETADDR of both families; each part of the answer is read by decode_own_address().
Encoded encode_dump_addresses();
// Nothing for an address that cannot be used (yet): tentative, or found to be a duplicate.
Decoded<std::optional<OwnAddress>> decode_own_address(View payload);

// RTM_GETROUTE for one destination, from `source` if it is given. EINVAL if their families differ.
Encoded encode_route_lookup(const xfrm::Address& destination,
                            const std::optional<xfrm::Address>& source);
// ENETUNREACH for a route that leads nowhere (unreachable, prohibit, blackhole).
Decoded<Route> decode_route(View payload);

// The multicast groups to join, as the bit mask of bind(2): addresses, routes and links of both
// families.
std::uint32_t route_event_groups();
// Nothing for what cannot change a path of ours: tentative addresses, the local table, cached and
// multicast routes, links that do not go down. A link that goes down takes its IPv4 routes with it
// without a word about them: that is told as the removal of the default route.
Decoded<std::optional<xfrm::KernelEvent>> decode_route_event(const MessageView& message);

}  // namespace xfrmd::netlink
