// SPDX-License-Identifier: Apache-2.0
// What is wanted, kept up: starting connections by command, by traffic or by themselves, trying again, and ending them.
#pragma once

#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "ike/core.h"
#include "ike/teardown.h"

namespace xfrmd::ike {

void command_up(Core& core, CommandId id, const std::string& name);
void command_down(Core& core, CommandId id, const std::string& name);
void command_rekey(Core& core, CommandId id, const Rekey& what);
// Closes everything; answered when the last IKE SA is gone.
void command_shutdown(Core& core, CommandId id);
// After an IKE SA went: answers a Shutdown if it was the last.
void check_shutdown(Core& core);

// Ends all IKE SAs of a connection.
void close_all(Core& core, const std::string& name, const WhyFailed& why);
// Answers who waits for the connection to come up.
void answer_waiting(Core& core, ManagedConnection& connection, const std::expected<std::monostate, CommandFailure>& result);

// Whom packets with a reqid, and peers with an address, mean: after a change of the configuration.
void rebuild_indexes(Core& core);
// Its peer is, or may come back, at `remote` instead of where it was: that finds the connection.
void index_remote(Core& core, const ManagedConnection& connection, const xfrm::Address& remote);
// The names of the connections with a peer at this address: those of this peer first, then those of any.
[[nodiscard]] std::vector<std::string> connections_with(const Core& core, const xfrm::Address& remote);
// Its peer may come back, or be found, at these addresses, too; not at those remembered before.
void remember_remotes(Core& core, ManagedConnection& connection, std::vector<xfrm::Address> remotes);
// Where to begin: where the peer is configured, and if it does not answer there, in turn at the others that are remembered.
[[nodiscard]] const xfrm::Address& remote_to_try(const ManagedConnection& connection);
// Whether its ends, as configured or as they are now, are these; `remote` has led to the connection.
[[nodiscard]] bool has_end(const ManagedConnection& connection, const xfrm::Address& local);

// A packet hit a policy of ours and found no SA.
void on_acquire(Core& core, const xfrm::Acquire& acquire);

// The time of the next attempt has come.
void on_attempt_due(Core& core, ManagedConnection& connection);

// An attempt ended in failure. Tells how long to wait before the next; zero if none is planned.
[[nodiscard]] Duration attempt_failed(Core& core, ManagedConnection& connection, const WhyFailed& why);

// The same of one child in an IKE SA that lives on.
void child_failed(Core& core, ManagedConnection& connection, const WhyFailed& why);

// A child of this connection is up: answers who waited, forgets former failures, goes on with what else is wanted.
void connection_up(Core& core, const std::string& name);
// An IKE SA of this connection ended; starts again if the configuration wants it up.
void connection_down(Core& core, const std::string& name, Reason reason, const std::string& detail,
                     bool had_child);

// A child of this IKE SA has ended. Without any an IKE SA serves nobody: it is closed then.
void child_gone(Core& core, IkeSa& sa, Reason reason, const std::string& detail);
// Makes another IKE SA beside this one, which takes over before this one goes.
void reauthenticate(Core& core, IkeSa& sa);

// Has an IKE SA that is established or being negotiated.
[[nodiscard]] bool is_busy(Core& core, const ManagedConnection& connection);

}  // namespace xfrmd::ike
