// SPDX-License-Identifier: Apache-2.0
// The moment an IKE SA is established: what it replaces, what it starts.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ike/core.h"

namespace xfrmd::ike {

// Both peers are authenticated. Ends the handshake, announces the IKE SA and its child, arms the timers, and settles which of
// two IKE SAs that were begun at the same time stays. `initial_contact`: the peer says that it knows no other.
// The IKE SA may be gone (closing) afterwards.
void establish(Core& core, IkeSa& sa, std::optional<ChildSa> child, bool initial_contact);

// Rekeying, the end, liveness: what an IKE SA that has the children waits for.
void start_timers(Core& core, IkeSa& sa);

// So long the peer lets our authentication count, if one of its notifications says so. RFC 4478
[[nodiscard]] std::optional<Duration> find_auth_lifetime(std::span<const Notify> notifies);
// The peer lets our authentication count for `lifetime` from now on: we reauthenticate before. RFC 4478 §2
void shorten_authentication(Core& core, IkeSa& sa, Duration lifetime);

// True if another IKE SA of the connection carries this child's traffic until the new one is known to work at both ends.
[[nodiscard]] bool takes_over(Core& core, const IkeSa& sa, std::string_view child, bool initial_contact);

// True if the peer may be told that we know no other IKE SA with it. RFC 7296 §2.4
[[nodiscard]] bool is_initial_contact(Core& core, const IkeSa& sa);

}  // namespace xfrmd::ike
