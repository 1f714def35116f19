// SPDX-License-Identifier: Apache-2.0
// ESP and AH around the same packets. IKEv2 knows one protocol for each child (RFC 7296 §3.3), so a bundle is two children of
// one IKE SA that belong together: the inner one, ESP, is negotiated first, and the outer one, AH, as soon as it is there.
//
// Nothing is sent with either before the inbound SAs of both are in the kernel, and when one is gone, so is the other. What the
// policies ask for is both, so that never a packet leaves with one of them alone. Each is rekeyed by itself.
#pragma once

#include <expected>
#include <optional>
#include <span>

#include "ike/child_offer.h"
#include "ike/core.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike {

// ---- what peers say about bundles, under a vendor id of ours: RFC 7296 §3.12

// In IKE_AUTH: that we know bundles, if the connection has one.
void announce_bundles(const Connection& connection, std::vector<VendorId>& vendor_ids);
[[nodiscard]] bool knows_bundles(std::span<const VendorId> vendor_ids);
// In CREATE_CHILD_SA, request and answer: which child the outer one that is being made goes around. Nothing for other children,
// and for peers that have not said that they know bundles.
void name_inner(const IkeSa& holder, const Child& child, std::vector<Notify>& notifies);
// Responder: the outer child that the peer wants, by the inner one that it names; null if it names none, then the traffic tells
// as much as it can.
[[nodiscard]] std::expected<const Child*, ChildRefusal> choose_outer(IkeSa& holder, const Connection& connection,
                                                                     std::span<const Notify> notifies);
// An outer child whose inner one is not there: it cannot be asked for.
[[nodiscard]] bool lacks_inner(const IkeSa& sa, const Child& child);
// When to ask the peer for `child`: at once, but for an outer child whose inner one the peer has made, for it is the one to go on.
[[nodiscard]] Time time_to_ask(const Core& core, const IkeSa& sa, const Child& child);

// Initiator: the outer child is asked for exactly the traffic that the inner one got.
void ask_like_inner(const IkeSa& sa, const Child& child, ChildOffer& offer);
// Whether the peer has granted all of it.
[[nodiscard]] std::expected<void, WhyFailed> check_like_inner(const Child& child, const ChildOffer& asked,
                                                              const ChildOffer& granted);

// ---- the life of both

// A new child of a bundle, which replaces none, has been adopted without its outbound SAs: they come as soon as the other child
// of the bundle is there, too. `role`: ours in the exchange that made it. Where another IKE SA still carries the traffic, the
// responder leaves it there: its answer may not have arrived yet.
void complete_bundle(Core& core, IkeSa& sa, const std::string& child, Role role);
// The other child of its bundle is not there yet.
[[nodiscard]] bool lacks_partner(Core& core, const IkeSa& sa, const ChildSa& child);
// A child of a bundle still waits for the other one, which the peer should have made by now: we do. False if that is not why it
// waits.
[[nodiscard]] bool create_partner(Core& core, IkeSa& sa, const std::string& child);
// The peer refused the outer child, or it could not be made. The inner one goes, unless the configuration says that it will do.
void bundle_failed(Core& core, IkeSa& sa, const std::string& child);
// A child has ended without a successor: the other child of its bundle goes, too.
void end_partner(Core& core, IkeSa& sa, const std::string& child, Reason reason);

}  // namespace xfrmd::ike
