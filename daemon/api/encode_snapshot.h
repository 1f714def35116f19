// SPDX-License-Identifier: Apache-2.0
// The core's state as the JSON that interface.cpp describes. No secret can get here: a Snapshot has
// none.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "daemon/api/timestamp.h"
#include "ike/snapshot.h"

namespace xfrmd::api {

// From the core's time, which has an arbitrary origin, to wall-clock time: what to add.
using WallOffset = std::chrono::microseconds;
[[nodiscard]] WallTime to_wall(ike::Time time, WallOffset offset);

// True for a pattern that peers get connections from: it is as it should be, and never up.
[[nodiscard]] bool is_serving(const ike::ConnectionSnapshot& connection);
// A word of ConnectionState.
[[nodiscard]] const char* state_word(const ike::ConnectionSnapshot& connection);

// Types of the interface: Connection, IkeSa, Child, ConfiguredChild, Failure, Ikev1Peer, Statistics (without
// the driver's fields).
[[nodiscard]] nlohmann::json encode_connection(const ike::Snapshot& snapshot,
                                               const ike::ConnectionSnapshot& connection,
                                               WallOffset offset);
[[nodiscard]] nlohmann::json encode_ike_sa(const ike::IkeSaSnapshot& ike_sa, WallOffset offset);
[[nodiscard]] nlohmann::json encode_child(const ike::ChildSnapshot& child,
                                          const ike::IkeSaSnapshot& ike_sa, WallOffset offset);
[[nodiscard]] nlohmann::json encode_configured_child(const ike::Child& child);
[[nodiscard]] nlohmann::json encode_failure(const ike::Failure& failure, WallOffset offset);
[[nodiscard]] nlohmann::json encode_ikev1_peer(const ike::Ikev1Peer& peer, WallOffset offset);
[[nodiscard]] nlohmann::json encode_statistics(const ike::Statistics& statistics);
// Proposals in order of preference, in the words of the configuration:
// "aes256gcm16-prfsha256-x25519".
[[nodiscard]] nlohmann::json encode_proposals(const std::vector<ike::Proposal>& proposals);

}  // namespace xfrmd::api
