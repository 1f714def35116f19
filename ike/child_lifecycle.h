// SPDX-License-Identifier: Apache-2.0
// The life of a child inside its IKE SA: it comes into use, is replaced, goes. No packet is lost on the way: what we send
// with changes only when the peer can receive, and what the peer still sends is taken a little longer. RFC 7296 §2.8.
#pragma once

#include <vector>

#include "ike/core.h"
#include "ike/ike_sa.h"

namespace xfrmd::ike {

// The IKE SA that has the children: `sa` itself, or the one it replaces or is replaced by.
[[nodiscard]] IkeSa& children_holder(Core& core, IkeSa& sa);

// By the SPI that we receive on, or the one that the peer does; null if there is none.
[[nodiscard]] ChildSa* find_child(IkeSa& sa, xfrm::EspSpi inbound);
[[nodiscard]] ChildSa* find_child_of_peer(IkeSa& sa, xfrm::EspSpi outbound);

// Whom the kernel means by an SA; both null if nobody has it. Where it is does not count: that may be about to change.
struct OwnedChild {
    IkeSa* sa = nullptr;
    ChildSa* child = nullptr;
};
[[nodiscard]] OwnedChild find_by_kernel_id(Core& core, xfrm::ReqId reqid, const xfrm::SaId& id);

// Enters a child whose inbound SA, at least, the kernel has confirmed, and starts its lifetime. People are told when it
// carries the traffic.
void adopt_child(Core& core, IkeSa& sa, ChildSa child);

// `child` has a successor; whoever made that deletes this one.
void supersede(Core& core, IkeSa& sa, ChildSa& child);

// Takes the outbound SA out of the request: the child keeps it until switch_over().
void hold_outbound_back(ChildSa& child, xfrm::InstallSas& request);

// Those that take over from one of these, but do not send yet; by their inbound SPIs.
[[nodiscard]] std::vector<xfrm::EspSpi> waiting_successors(const IkeSa& sa,
                                                          const std::vector<xfrm::EspSpi>& replaced);
// What waits for the end of this one sends from now on.
void switch_over_from(Core& core, IkeSa& sa, xfrm::EspSpi replaced);

// Asks the kernel for the outbound SAs of these children, all or none. on_kernel_child() goes on.
RequestId switch_over(Core& core, IkeSa& sa, const std::vector<xfrm::EspSpi>& inbound);
// True if `id` was such a request, or one that looks whether the peer sends with a child already.
bool on_kernel_child(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result);

// Deleted by an exchange of ours or the peer's: nothing is sent with it any more. Its inbound SA stays a little if another
// child took over, and goes at once if not; then `reason` is told to people.
void retire(Core& core, IkeSa& sa, xfrm::EspSpi inbound, Reason reason);

// It ends now, whether the peer agrees or not, and the peer is told.
void end_child(Core& core, IkeSa& sa, xfrm::EspSpi inbound, Reason reason);

// A child or what it waited for has run out.
void on_children_due(Core& core, IkeSa& sa);
// The kernel's counters have reached a limit.
void on_child_expired(Core& core, IkeSa& sa, xfrm::EspSpi inbound, bool hard);

// It should be made anew, if the peer does not do so in a moment.
void rekey_soon(Core& core, IkeSa& sa, xfrm::EspSpi inbound);
// The rekey of this child did not come about: tries again before its life ends.
void rekey_later(Core& core, IkeSa& sa, xfrm::EspSpi inbound);

// The peer had something else to do than to make this child: asks again.
void create_later(Core& core, IkeSa& sa, const std::string& child);

// Tells people, if they were told that it is up.
void announce_gone(Core& core, const IkeSa& sa, ChildSa& child, Reason reason);

// `ending` goes with its children, but another IKE SA of the connection carries this one's traffic on: there it is retired.
// False if there is none; otherwise `child` is moved away.
bool retire_elsewhere(Core& core, IkeSa& ending, ChildSa& child);

// What another IKE SA of this connection has carried until now ends: children that were to take over do so at once.
void switch_over_waiting(Core& core, const IkeSa& ending);
// Those that the peer has made and that wait for it to have our answer, by their inbound SPIs. For one that replaces another in
// the same IKE SA its Delete is waited for.
[[nodiscard]] std::vector<xfrm::EspSpi> waiting_for_peer(Core& core, const IkeSa& sa);
// The peer makes another request in this IKE SA, so it has our answers to those before: it can receive with what it has made.
void peer_has_answers(Core& core, IkeSa& sa);
// It has answered a request of ours that came after our answer about these.
void peer_has_answer_about(Core& core, IkeSa& sa, const std::vector<xfrm::EspSpi>& children);

// All children of `from` go over to `to`, and what `from` still wanted for them.
void inherit_children(Core& core, IkeSa& from, IkeSa& to);

// Wakes `sa` for the earliest of what its children wait for.
void arm_children(Core& core, IkeSa& sa);

}  // namespace xfrmd::ike
