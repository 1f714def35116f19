// SPDX-License-Identifier: Apache-2.0
// racoon's role: SAs for policies that somebody else has put into the kernel. A connection with `served` is a pattern. For each
// peer that such a policy or the peer itself brings, there is a connection made from it, whose children are what the kernel's
// policies between the two ends ask for.
#pragma once

#include "ike/core.h"

namespace xfrmd::ike {

// A packet hit a policy that no connection of ours has installed, and found no SA.
void on_foreign_acquire(Core& core, const xfrm::Acquire& acquire);

// Whether what the peer may have depends on the kernel's policies: the connection is a pattern, or made from one.
[[nodiscard]] bool is_served(const ManagedConnection& connection);

// The peer at the other end of `sa` is authenticated: `sa` goes over to the connection that is made for it from its pattern,
// with the children that the kernel's policies ask for. False if there are too many such connections.
[[nodiscard]] bool settle_peer(Core& core, IkeSa& sa, const xfrm::KernelResult& policies);

// A peer asks for traffic that no child has. The policies may have changed since they were read: reads them again. False if that
// was done a moment ago.
[[nodiscard]] bool read_policies_again(Core& core, IkeSa& sa);
// The kernel's answer to that.
void on_policies(Core& core, const std::string& connection, const xfrm::KernelResult& policies);

// Forgets a connection that was made from a pattern and has served nobody for a while. True if it is gone.
[[nodiscard]] bool forget_idle(Core& core, const ManagedConnection& connection);
// It serves nobody from here on.
void forget_later(Core& core, ManagedConnection& connection);

}  // namespace xfrmd::ike
