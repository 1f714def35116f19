// SPDX-License-Identifier: Apache-2.0
// The kernel's tables, read for a plan.
#pragma once

#include <expected>

#include "cli/setkey/tables.h"
#include "netlink/model/kernel.h"
#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::setkey {

// Of the calling thread's network namespace. Needs CAP_NET_ADMIN. No keys are read.
[[nodiscard]] std::expected<Tables, xfrm::KernelError> read_tables();

// One entry into the tables. Policies of sockets and SAs of other protocols than ours are left out:
// no statement is about them.
void put(xfrm::StoredSa sa, Tables& tables);
void put(xfrm::StoredPolicy policy, Tables& tables);

}  // namespace xfrmd::setkey
