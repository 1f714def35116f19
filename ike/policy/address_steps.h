// SPDX-License-Identifier: Apache-2.0
// The neighbours of an address, for arithmetic on ranges.
#pragma once

#include <optional>

#include "netlink/model/address.h"

namespace xfrmd::ike {

// The next address of the same family; nothing after the last one.
[[nodiscard]] std::optional<xfrm::Address> successor(const xfrm::Address& address);
// The one before; nothing before the first.
[[nodiscard]] std::optional<xfrm::Address> predecessor(const xfrm::Address& address);

}  // namespace xfrmd::ike
