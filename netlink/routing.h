// SPDX-License-Identifier: Apache-2.0
// Questions to the routing socket, each over one of its own in the calling thread's network
// namespace. They need no privilege.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "netlink/model/kernel.h"
#include "netlink/route.h"

namespace xfrmd::netlink {

// Every usable address of this host, loopback included.
std::expected<std::vector<OwnAddress>, xfrm::KernelError> own_addresses();

// The way to `destination`: from which own address, over which interface. ENETUNREACH if there is
// none. With `source`, the way of packets from there; EINVAL or ENETUNREACH if it is not an address
// of this host.
std::expected<Route, xfrm::KernelError> route_to(const xfrm::Address& destination,
                                                 const std::optional<xfrm::Address>& source = {});

}  // namespace xfrmd::netlink
