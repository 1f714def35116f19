// SPDX-License-Identifier: Apache-2.0
// What of the kernel decides about packets beside the two tables, read over a socket of its own in
// the calling thread's network namespace. Needs CAP_NET_ADMIN.
#pragma once

#include <cstdint>
#include <expected>

#include "netlink/model/default_policies.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// What becomes of packets that no policy is for.
std::expected<xfrm::DefaultPolicies, xfrm::KernelError> read_default_policies();

// How many buckets the table of SAs has: a power of two that grows and never shrinks.
std::expected<std::uint32_t, xfrm::KernelError> read_sa_buckets();

}  // namespace xfrmd::netlink
