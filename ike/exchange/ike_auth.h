// SPDX-License-Identifier: Apache-2.0
// IKE_AUTH: both peers prove who they are, and the first child is made. RFC 7296 §1.2, §2.15, §2.9.
//
//   initiator                                                   responder
//   HDR, SK {IDi, [CERT], [CERTREQ], [IDr], AUTH, SA, TSi, TSr} ->
//                                     <- HDR, SK {IDr, [CERT], AUTH, SA, TSi, TSr}
//   or IDr, AUTH and an error about the child, or an error alone
#pragma once

#include "ike/core.h"

namespace xfrmd::ike::ike_auth {

// ---- initiator: PreparingAuthRequest -> AuthSent -> VerifyingResponder -> InstallingAsInitiator -> Established

// Reserves our SPI and works out AUTH, both at a time; the request goes out when both are there.
void prepare_request(Core& core, IkeSa& sa);
void on_request_spi(Core& core, IkeSa& sa, const xfrm::KernelResult& result);
void on_request_authentication(Core& core, IkeSa& sa, CryptoOutcome outcome);
// The peer's answer, in AuthSent; it passed the integrity check.
void on_response(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);
void on_responder_verified(Core& core, IkeSa& sa, CryptoOutcome outcome);
void on_initiator_installed(Core& core, IkeSa& sa, const xfrm::KernelResult& result);

// ---- responder: VerifyingInitiator -> PreparingAuthResponse -> InstallingAsResponder -> Established

// The peer's request, in KeysReady; it passed the integrity check.
void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);
void on_initiator_verified(Core& core, IkeSa& sa, CryptoOutcome outcome);
// The kernel's policies, where they say what the peer may have.
void on_policies_read(Core& core, IkeSa& sa, const xfrm::KernelResult& result);
void on_response_spi(Core& core, IkeSa& sa, const xfrm::KernelResult& result);
void on_response_authentication(Core& core, IkeSa& sa, CryptoOutcome outcome);
void on_responder_installed(Core& core, IkeSa& sa, const xfrm::KernelResult& result);

}  // namespace xfrmd::ike::ike_auth
