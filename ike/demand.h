// SPDX-License-Identifier: Apache-2.0
// Which children of a connection are wanted at this moment, by the configuration, by a command or by a packet, and the
// one negotiation that each of them gets however often it is asked for.
#pragma once

#include <string>
#include <string_view>

#include "ike/core.h"

namespace xfrmd::ike {

// A command wants all children.
void demand_all(Core& core, ManagedConnection& connection);
// A packet wants this one, and with it the other one of its bundle; `acquire_sequence` ties the SA to the kernel's larval state.
void demand(Core& core, ManagedConnection& connection, const std::string& child, std::uint32_t acquire_sequence);
void forget_demands(ManagedConnection& connection);

// Something is wanted, whether it exists or not.
[[nodiscard]] bool is_demanded(const Core& core, const ManagedConnection& connection);
// This child carries traffic, or will at once.
[[nodiscard]] bool has_child(Core& core, const ManagedConnection& connection, std::string_view child);
// Everything that is wanted exists.
[[nodiscard]] bool is_satisfied(Core& core, const ManagedConnection& connection);

// Begins what is wanted and neither exists nor is being made: in the IKE SA there is, or in one that is made for it.
void serve_demands(Core& core, ManagedConnection& connection);

// The child that the next IKE_AUTH asks for: the first that is wanted. The connection must have children.
[[nodiscard]] const Child& first_wanted_child(const Core& core, const ManagedConnection& connection);
// The sequence of the acquire that asked for the child, or 0; handed out once.
[[nodiscard]] std::uint32_t take_acquire_sequence(ManagedConnection& connection, const std::string& child);

// The IKE SA that new children are made in; null if there is none.
[[nodiscard]] IkeSa* current_ike_sa(Core& core, const ManagedConnection& connection);

}  // namespace xfrmd::ike
