// SPDX-License-Identifier: Apache-2.0
// MOBIKE: an IKE SA outlives the addresses it was made between. The one who began it decides over which path it goes.
// RFC 4555
#pragma once

#include <vector>

#include "ike/core.h"
#include "ike/ike_sa.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike::mobike {

// ---- in IKE_AUTH: RFC 4555 §3.3, §3.4

// What we say of it: that we speak it, and where else we can be reached. The responder says so only if the peer has.
void announce(const Connection& wanted, const Path& path, std::vector<Notify>& notifies);
// What the peer has said, as far as the connection allows it.
void agree(IkeSa& sa, const Connection& wanted, std::span<const Notify> notifies);

// ---- where we are

// Addresses or routes of this host have changed: the kernel is asked what that means for each connection.
void network_changed(Core& core);
// The kernel's answer: the address that packets to the peer carry.
void on_source(Core& core, const std::string& connection, const xfrm::KernelResult& result);

// An IKE SA of this connection has ended: its peer may be found again where it was, and where it said that it could be reached.
void remember_peer(Core& core, const IkeSa& sa);

// RFC 4555 §3.9: the peer forbids that anything translates its addresses, and something did.
[[nodiscard]] bool is_translated(const Path& path, std::span<const Notify> notifies);

// ---- the initiator decides

// An answer of the peer has come over this path, or our address has changed: we go on there, and tell the peer.
void move(Core& core, IkeSa& sa, const Path& path);
// Of either side: paths over which a request that stays unanswered might reach the peer; their local address is for the kernel to choose.
[[nodiscard]] std::vector<Path> other_paths(const IkeSa& sa);
// An authentic answer to our request has come over `path`.
void answered_over(Core& core, IkeSa& sa, const Path& path);

// Begins the requests: UPDATE_SA_ADDRESSES, COOKIE2 alone, and the list of our addresses.
void tell_path(Core& core, IkeSa& sa);
void check_return(Core& core, IkeSa& sa);
void tell_addresses(Core& core, IkeSa& sa);
// The peer's answers to them. The exchange is over afterwards, and the IKE SA may be gone.
void on_path_told(Core& core, IkeSa& sa, const outgoing::TellingPath& told, const Path& path,
                  std::span<const Notify> answer);
void on_return_checked(Core& core, IkeSa& sa, const outgoing::CheckingReturn& checked, std::span<const Notify> answer);
// The peer never answered over the path it told us of, or seemed to be at: back to the one before. False if there is none.
[[nodiscard]] bool return_to_former_path(Core& core, IkeSa& sa);

// ---- liveness tells of a NAT: RFC 4555 §3.8

// What a liveness check says, and what the answer to it tells the initiator.
[[nodiscard]] std::vector<Payload> liveness_payloads(const IkeSa& sa);
void on_liveness(IkeSa& sa, std::span<const Notify> answer);

// ---- the peer's INFORMATIONAL

// Takes in what it says about addresses, and gives what the answer has to say. `path`: where it came from.
[[nodiscard]] std::vector<Payload> on_request(Core& core, IkeSa& sa, const Path& path, std::span<const Notify> notifies);

}  // namespace xfrmd::ike::mobike
