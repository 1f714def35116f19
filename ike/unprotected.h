// SPDX-License-Identifier: Apache-2.0
// What is said outside of IKE SAs: other versions, unknown SPIs, and what others say about ours. RFC 7296 §1.5, §2.5,
// §2.21.4, RFC 6290. Anybody may have sent it, so it costs and changes next to nothing.
#pragma once

#include "ike/core.h"

namespace xfrmd::ike {

// A message of another major version.
void on_foreign_version(Core& core, const Datagram& datagram, const Header& header);

// A message for an IKE SA that we do not have (any more).
void on_unknown_spi(Core& core, const Datagram& datagram, const Header& header);

// A response without protection where the IKE SA has keys: at most a hint that the peer has lost it, unless its token
// proves so.
void on_unprotected_response(Core& core, IkeSa& sa, const Datagram& datagram);

}  // namespace xfrmd::ike
