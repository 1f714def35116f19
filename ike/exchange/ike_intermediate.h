// SPDX-License-Identifier: Apache-2.0
// IKE_INTERMEDIATE: the additional key exchanges of an IKE SA, one exchange each, between
// IKE_SA_INIT and IKE_AUTH. RFC 9242, RFC 9370 §2.2.2.
//
//   initiator                     responder
//   HDR, SK {KEi(n)}     ->
//                        <-       HDR, SK {KEr(n)}, or an error alone
//
// After each the keys are others. Nobody is authenticated yet: IKE_AUTH will prove what was said
// here.
#pragma once

#include "ike/core.h"
#include "ike/ike_sa.h"
#include "ike/plain_message.h"

namespace xfrmd::ike::ike_intermediate {

// An additional key exchange was agreed on and is still to be run.
[[nodiscard]] bool is_due(const IkeSa& sa);

// ---- initiator: MakingIntermediateShare -> IntermediateSent -> AgreeingOnIntermediate -> again,
// or IKE_AUTH

// Begins the next exchange.
void begin(Core& core, IkeSa& sa);
void on_request_share(Core& core, IkeSa& sa, CryptoOutcome outcome);
// The peer's answer, in IntermediateSent; it passed the integrity check.
void on_response(Core& core, IkeSa& sa, const PlainMessage& message);
void on_initiator_secret(Core& core, IkeSa& sa, CryptoOutcome outcome);

// ---- responder: KeysReady -> [MakingIntermediateAnswer ->] AnsweringIntermediate -> KeysReady

// The peer's request, in KeysReady; it passed the integrity check.
void on_request(Core& core, IkeSa& sa, const PlainMessage& message);
// Of a method that is no KEM: our share is there, the secret is still to be worked out.
void on_answer_share(Core& core, IkeSa& sa, CryptoOutcome outcome);
void on_responder_secret(Core& core, IkeSa& sa, CryptoOutcome outcome);

}  // namespace xfrmd::ike::ike_intermediate
