// SPDX-License-Identifier: Apache-2.0
// IKE_FOLLOWUP_KE: the additional key exchanges of CREATE_CHILD_SA, one exchange each after it. RFC
// 9370 §2.2.4.
//
//   initiator                                                    responder
//   HDR, SK {SA, Ni, KEi, …} ->          <- HDR, SK {SA, Nr, KEr, …,
//   N(ADDITIONAL_KEY_EXCHANGE)(link 1)} HDR, SK {KEi(1), N(ADDITIONAL_KEY_EXCHANGE)(link 1)} ->
//                                        <- HDR, SK {KEr(1), N(ADDITIONAL_KEY_EXCHANGE)(link 2)}
//   HDR, SK {KEi(2), N(ADDITIONAL_KEY_EXCHANGE)(link 2)} ->
//                                        <- HDR, SK {KEr(2)}
//   or an error alone
//
// The SA is made after the last one. Other exchanges may come in between; a new CREATE_CHILD_SA of
// the peer gives up what it had begun before.
#pragma once

#include <expected>
#include <span>

#include "ike/core.h"
#include "ike/ike_sa.h"
#include "ike/teardown.h"

namespace xfrmd::ike::followup_ke {

// ---- ours: Agreeing -> MakingFollowup -> FollowupSent -> Agreeing, until none is due

void begin(Core& core, IkeSa& sa, Negotiation what);
void on_share(Core& core, IkeSa& sa, CryptoOutcome& outcome);
// The peer's answer, in FollowupSent; it passed the integrity check.
void on_response(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);
// What the next request has to refer to, into `keys`.
[[nodiscard]] std::expected<void, WhyFailed> read_link(std::span<const Notify> notifies,
                                                       KeyAgreement& keys);

// ---- the peer's: Agreeing -> AwaitingFollowup -> Agreeing, until none is due

// Answers the exchange under way: CREATE_CHILD_SA with all that was agreed, IKE_FOLLOWUP_KE with
// our share.
void answer(Core& core, IkeSa& sa, const ChildNegotiation& theirs);
void answer(Core& core, IkeSa& sa, const IkeSaNegotiation& theirs);
// Answers, and waits for the peer to go on.
void await(Core& core, IkeSa& sa, Negotiation what);
// The peer's request; it passed the integrity check.
void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);
// The peer does something else, or has not gone on for long: what it had begun is forgotten.
void abandon(Core& core, IkeSa& sa);
void on_overdue(Core& core, IkeSa& sa);

}  // namespace xfrmd::ike::followup_ke
