// SPDX-License-Identifier: Apache-2.0
// The traffic of a connection before an address of ours leads to its peer: nothing can be negotiated, and nothing may pass
// that could not be protected. Whoever starts before the network does has no gap then.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "ike/policy/connection.h"
#include "netlink/model/policy_spec.h"

namespace xfrmd::ike {

// True as long as there is no such address. Where others' policies name the ends, there is none to wait for.
[[nodiscard]] bool waits_for_address(const Connection& connection);

// In place of policies_for(): what the child would protect is blocked, whichever address of ours it may come to have.
// Nothing if it may pass in clear while the connection is down. Error: a sentence.
[[nodiscard]] std::expected<std::vector<xfrm::PolicySpec>, std::string> holding_policies(const Connection& connection,
                                                                                         const Child& child);

}  // namespace xfrmd::ike
