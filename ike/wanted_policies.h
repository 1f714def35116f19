// SPDX-License-Identifier: Apache-2.0
// The policies that the connections want, in the kernel. New ones go in before old ones come out, or there would be a moment in
// clear.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ike/core.h"

namespace xfrmd::ike {

// Has the kernel take the policies that the connection is to have, for its ends as they are now. policies_answered() goes on.
void install_wanted_policies(Core& core, ManagedConnection& connection, std::optional<CommandId> command);
// Those that it has already, in place of what the kernel has.
void reinstall_policies(Core& core, ManagedConnection& connection);
// Sets what the policies of tunnels and SAs are between to the ends of the connection.
void point_policies_at_ends(ManagedConnection& connection);

// The connection's policies are not wanted any more, unless they are among those of another or among its new ones.
void supersede_policies(Core& core, const std::string& connection, const std::vector<xfrm::PolicySpec>& policies);
// Takes those out of the kernel, once what comes in their place is there.
void remove_superseded(Core& core, std::optional<CommandId> command);

// Neighbour discovery passes while a connection protects IPv6: without one it is none of our business.
void update_neighbour_discovery(Core& core, CommandId command);

// The kernel's answer about those.
void neighbour_discovery_answered(Core& core, const xfrm::KernelResult& result);

// The kernel's answer about a connection's policies.
void policies_answered(Core& core, const std::string& name, const xfrm::KernelResult& result, std::optional<CommandId> command);

}  // namespace xfrmd::ike
