// SPDX-License-Identifier: Apache-2.0
// IKE_SA_INIT: algorithms, nonces, key shares, NAT detection, cookies. RFC 7296 §1.2, §2.6, §2.7, §2.23.
//
//   initiator                              responder
//   HDR(SPIi, 0), SA, KE, Ni, N+     ->
//                                    <-    HDR(SPIi, SPIr), SA, KE, Nr, [CERTREQ], N+
//   or one of N(COOKIE), N(INVALID_KE_PAYLOAD), N(NO_PROPOSAL_CHOSEN)
#pragma once

#include "ike/core.h"

namespace xfrmd::ike::ike_sa_init {

// ---- initiator: MakingInitShare -> InitSent -> AgreeingAsInitiator

// Begins an IKE SA for the connection.
void initiate(Core& core, ManagedConnection& connection, std::optional<SaHandle> replaces = {});
// Our key pair is there: sends the request.
void on_init_share(Core& core, IkeSa& sa, CryptoOutcome outcome);
// A response came, in InitSent. It is not authenticated: what it says is believed as far as it costs nothing.
void on_response(Core& core, IkeSa& sa, const Path& path, View datagram, Message message);
// The shared secret is there: derives the keys of the IKE SA and goes on with IKE_AUTH.
void on_initiator_secret(Core& core, IkeSa& sa, CryptoOutcome outcome);

// ---- responder: MakingResponseShare -> InitAnswered -> (IKE_AUTH comes) AgreeingAsResponder -> KeysReady

// A request from somebody we do not know yet.
void on_request(Core& core, const Path& path, View datagram, const Header& header);
// Our key pair is there: sends the response.
void on_response_share(Core& core, IkeSa& sa, CryptoOutcome outcome);
// The shared secret is worked out only when an IKE_AUTH asks for it, so that IKE_SA_INIT alone costs us little.
void begin_agreement(Core& core, IkeSa& sa, const Datagram& waiting_request);
// Another fragment of it came meanwhile: it waits too, within the bounds of a message.
void await_agreement(Core& core, IkeSa& sa, const Datagram& fragment);
// Derives the keys. Returns false if the IKE SA is gone.
[[nodiscard]] bool on_responder_secret(Core& core, IkeSa& sa, CryptoOutcome outcome);

}  // namespace xfrmd::ike::ike_sa_init
