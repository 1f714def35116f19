// SPDX-License-Identifier: Apache-2.0
// SAs that a former run left in the kernel. Nobody has the IKE SA they came from, but they are between the same hosts and
// under the same policies: they carry the traffic of their child until it has been negotiated anew. So a restart loses no
// packet, as a rekey does not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ike/core.h"

namespace xfrmd::ike {

// With the first configuration. Those that serve a child of it are kept, and the child is wanted, also if its connection is
// passive: it was up. All others are taken out of the kernel.
void adopt_former(Core& core, const std::vector<FormerSa>& former);

// We still send with such SAs: for this child, or for any of the connection.
[[nodiscard]] bool carries_on(const ManagedConnection& connection, std::string_view child);
[[nodiscard]] bool carries_on(const ManagedConnection& connection);
// The same of a connection with this peer whose first negotiation is on its way.
[[nodiscard]] bool is_being_renewed(const Core& core, const xfrm::Address& remote);

// Where to ask a peer whose traffic comes through a NAT: at the port of its ESP, since the NAT lets nothing else in.
[[nodiscard]] std::optional<std::uint16_t> port_through_nat(const ManagedConnection& connection);

// `child` carries the traffic from here on. We send with it alone; the peer may take a little until it does so too.
void hand_over_from_former(Core& core, IkeSa& sa, const ChildSa& child);

// A negotiation of ours failed. A peer that has not proven who it is, or does not believe us, keeps none of them.
void distrust_former(Core& core, ManagedConnection& connection, Reason why);

// The kernel has given this one up.
void forget_former(Core& core, const xfrm::SaExpired& expired);
// All of them; or those that are not between the present ends of the connection.
void remove_former(Core& core, ManagedConnection& connection);
void remove_misplaced_former(Core& core, ManagedConnection& connection);
// Those whose time is up.
void on_former_due(Core& core, ManagedConnection& connection);

}  // namespace xfrmd::ike
