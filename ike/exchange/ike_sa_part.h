// SPDX-License-Identifier: Apache-2.0
// What is particular to the IKE SA in CREATE_CHILD_SA. RFC 7296 §1.3.2, §2.8, §2.8.2, §2.18.
#pragma once

#include <expected>

#include "ike/child_offer.h"
#include "ike/core.h"
#include "ike/wire/messages.h"

namespace xfrmd::ike::ike_sa_part {

// ---- ours

[[nodiscard]] CreateChildSaRequest write_request(Core& core, const IkeSa& sa, const IkeSaNegotiation& ours);
// What the peer chose, checked, into `ours`.
[[nodiscard]] std::expected<void, WhyFailed> read_response(Core& core, const IkeSa& sa, IkeSaNegotiation& ours,
                                                           const CreateChildSaResponse& response);
// All is agreed: the IKE SA that takes over, or is closed at once if the peer's own stays. `sa` is closing afterwards.
void conclude(Core& core, IkeSa& sa, IkeSaNegotiation ours);
// The peer refused, or its answer is of no use. The negotiation is over.
void refused(Core& core, IkeSa& sa, const IkeSaNegotiation& ours, const Notify& error);
void failed(Core& core, IkeSa& sa, const IkeSaNegotiation& ours, const WhyFailed& why);
// The peer deleted the IKE SA that both sides were rekeying: the peer's successor stays (RFC 7296 §2.25.2). Ours is closed if the
// answer that makes it comes after all. Nothing happens without one.
void leave_to_peer(Core& core, IkeSa& sa);

// ---- the peer's

[[nodiscard]] std::expected<IkeSaNegotiation, ChildRefusal> read_request(Core& core, const IkeSa& sa,
                                                                         const CreateChildSaRequest& request);
// The choice, with our share, as CREATE_CHILD_SA says it.
[[nodiscard]] CreateChildSaResponse write_response(const Core& core,
                                                   const IkeSaNegotiation& theirs);
// Answers the peer. The new IKE SA takes over, unless ours is on its way.
void conclude_theirs(Core& core, IkeSa& sa, IkeSaNegotiation theirs);

}  // namespace xfrmd::ike::ike_sa_part
