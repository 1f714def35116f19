// SPDX-License-Identifier: Apache-2.0
// An IKE SA and its children go on between other addresses or ports. RFC 7296 §2.23, RFC 4555 §3.5. Whether they may is
// for the caller to know.
#pragma once

#include "ike/core.h"
#include "ike/ike_sa.h"

namespace xfrmd::ike {

// From here on messages go over `path`, and the kernel is asked to move the children there. People are told.
void relocate(Core& core, IkeSa& sa, const Path& path);

// Asks the kernel to move what is not where the IKE SA is: children, and the policies of their connection. Once it has
// answered, on_relocated() goes on.
void bring_children_along(Core& core, IkeSa& sa);
// True if `id` was such a request. What the kernel did not move is taken out of it, and the children get new SAs.
bool on_relocated(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result);

// A message that is authentic and new, or a packet of a child, has come from `remote`: the NAT before the peer has changed.
// RFC 7296 §2.23. Goes there; with a child in transport mode only to another port, since its selectors are for the address that
// was: the peer is asked whether it is still there, too.
void follow_peer(Core& core, IkeSa& sa, const xfrm::Endpoint& remote);

// The kernel has taken an authentic packet of a child from elsewhere.
void follow_mapping(Core& core, const xfrm::MappingChanged& changed);

// Packets to the peer carry another address of ours than before. It counts at once if nothing is up, otherwise later.
void set_local_end(Core& core, ManagedConnection& connection, const xfrm::Address& local);

// Nothing of a connection is up any more: its policies are for the configured address of the peer again.
void return_to_configured_ends(Core& core, ManagedConnection& connection);

}  // namespace xfrmd::ike
