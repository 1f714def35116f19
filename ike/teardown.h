// SPDX-License-Identifier: Apache-2.0
// How IKE SAs end. Whatever the way, the kernel keeps nothing of them but the connection's policies.
#pragma once

#include <string>

#include "ike/core.h"
#include "ike/ike_sa.h"

namespace xfrmd::ike {

struct WhyFailed {
    Reason reason = Reason::None;
    std::string detail;
    bool said_by_peer = false;
};

// A negotiation whose connection, or child, is not wanted any more, or not as it was when the negotiation began.
[[nodiscard]] WhyFailed configuration_changed();

// Ends an IKE SA that is not established. The peer is not told. The reference is gone afterwards.
void abort_handshake(Core& core, IkeSa& sa, const WhyFailed& why);

// We do not want it any more. A peer that may have established it already is told so, once it has answered.
void abandon_handshake(Core& core, IkeSa& sa, const WhyFailed& why);

// The same for a responder that has just sent its last word: it stays a while to answer retransmissions.
void refuse_handshake(Core& core, IkeSa& sa, const WhyFailed& why);

// Initiator: the peer's IKE_AUTH response is not acceptable. Tells the peer so, in an exchange of its own (RFC 7296
// §2.21.2), and lets the IKE SA go.
void reject_peer(Core& core, IkeSa& sa, const WhyFailed& why, const Payload& say);

// Ends an established IKE SA with a Delete to the peer. RFC 7296 §1.4.1.
void close_gracefully(Core& core, IkeSa& sa, Reason reason, const std::string& detail = {});

// Ends an IKE SA whose successor has its children: the peer is told, people are not.
void close_replaced(Core& core, IkeSa& sa);

// Our window is one: a Delete waits until the request before it is answered. RFC 7296 §2.3. State: Closing.
void send_delete_when_idle(Core& core, IkeSa& sa);

// Ends an established IKE SA without a word: the peer is gone, or knows already.
void drop_established(Core& core, IkeSa& sa, Reason reason, const std::string& detail);

// The peer deleted it: like drop_established(), but retransmissions are still answered for a while.
void closed_by_peer(Core& core, IkeSa& sa, Reason reason, const std::string& detail);

// Records why a peer was sent away before it was authenticated: as a note at the only connection it can mean, else for
// itself. Changes no state.
void note_stranger_failure(Core& core, const Path& path, const WhyFailed& why);

}  // namespace xfrmd::ike
