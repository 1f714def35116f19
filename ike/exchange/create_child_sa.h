// SPDX-License-Identifier: Apache-2.0
// CREATE_CHILD_SA: makes a child, rekeys a child, rekeys the IKE SA. RFC 7296 §1.3, §2.8, §2.17, §2.18, §2.25.
//
//   initiator                                                   responder
//   HDR, SK {[N(REKEY_SA)], SA, Ni, [KEi], TSi, TSr} ->
//                                          <- HDR, SK {SA, Nr, [KEr], TSi, TSr}
//   HDR, SK {SA, Ni, KEi} ->               <- HDR, SK {SA, Nr, KEr}              (the IKE SA)
//   or an error alone
//
// What is particular to a child or to an IKE SA is in child_part.h and ike_sa_part.h; here is what they have in common.
#pragma once

#include "ike/core.h"
#include "ike/ike_sa.h"
#include "ike/teardown.h"

namespace xfrmd::ike::create_child_sa {

// ---- ours: Preparing -> Sent -> Agreeing -> [AwaitingPeers] -> Installing; see ike/negotiation.h

// Each does nothing if there is no need any more.
void create(Core& core, IkeSa& sa, const task::CreateChild& what);
void rekey_child(Core& core, IkeSa& sa, xfrm::EspSpi inbound);
void rekey_ike_sa(Core& core, IkeSa& sa);

// The peer's answer, in Sent; it passed the integrity check. The IKE SA may be closing afterwards.
void on_response(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);

// ---- the peer's: Agreeing -> Installing

void on_request(Core& core, IkeSa& sa, Decoded<std::vector<Payload>> payloads);

// ---- how they end, also for IKE_FOLLOWUP_KE

// Ours has come to nothing.
void failed(Core& core, IkeSa& sa, Negotiation what, const WhyFailed& why);
// The peer has made what we cannot use: it is told so where there is a way, or the IKE SA is of no
// use any more.
void unusable(Core& core, IkeSa& sa, Negotiation what, const WhyFailed& why);
// Theirs is answered, or has come to nothing: what waited for it goes on.
void finish_theirs(Core& core, IkeSa& sa);

// ---- both. True if an exchange of this IKE SA waited for it.

bool on_crypto(Core& core, IkeSa& sa, JobId id, CryptoOutcome& outcome);
bool on_kernel(Core& core, IkeSa& sa, RequestId id, const xfrm::KernelResult& result);

}  // namespace xfrmd::ike::create_child_sa
