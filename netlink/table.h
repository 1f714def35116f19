// SPDX-License-Identifier: Apache-2.0
// The kernel's tables, entry by entry: however large they are, one datagram of them is in memory.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <string>

#include "netlink/model/kernel.h"
#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::netlink {

struct SaQuery {
    std::uint8_t protocol = 0;  // IP protocol number; 0 = SAs of any
    bool with_keys = false;
};

// How a walk through a table ended.
struct TableEnd {
    std::size_t entries = 0;  // those that were handed out
    std::size_t unreadable = 0;
    std::string why_unreadable;  // of the first of these
    bool stopped = false;        // because it was asked to
};

// Hands out each entry in the kernel's order, over a socket of its own in the calling thread's
// network namespace. A walk that is told `false` stops there. What is added or removed meanwhile
// may be among the entries or not. Needs CAP_NET_ADMIN. ETIMEDOUT if the kernel says nothing for
// ten seconds.
using TakeSa = std::function<bool(xfrm::StoredSa)>;
using TakePolicy = std::function<bool(xfrm::StoredPolicy)>;
std::expected<TableEnd, xfrm::KernelError> for_each_sa(const SaQuery& query, const TakeSa& take);
std::expected<TableEnd, xfrm::KernelError> for_each_policy(const TakePolicy& take);

// One SA, by the kernel's key of it. ESRCH if there is none.
std::expected<xfrm::StoredSa, xfrm::KernelError> find_sa(const xfrm::SaId& id, bool with_keys);

}  // namespace xfrmd::netlink
