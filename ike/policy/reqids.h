// SPDX-License-Identifier: Apache-2.0
// The reqids of children: the same after every restart, so that the kernel's policies and SAs are found again.
#pragma once

#include <set>
#include <string_view>

#include "netlink/model/ids.h"

namespace xfrmd::ike {

// Ours lie from kReqidFirst to kReqidLast; people and other daemons number theirs from 1.
inline constexpr std::uint32_t kReqidFirst = 0x4000'0000;
inline constexpr std::uint32_t kReqidLast = 0x7fff'ffff;

// A number drawn from the names alone; the next free one if another child has it. Adds it to `taken`. Children are to be
// numbered in the order of the configuration, so that a collision is decided the same way each time.
[[nodiscard]] xfrm::ReqId stable_reqid(std::string_view connection, std::string_view child,
                                       std::set<xfrm::ReqId>& taken);

}  // namespace xfrmd::ike
