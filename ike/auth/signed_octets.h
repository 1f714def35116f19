// SPDX-License-Identifier: Apache-2.0
// What the AUTH payloads of an IKE SA prove: IKE_SA_INIT, each IKE_INTERMEDIATE, and the identity.
// RFC 7296 §2.15, RFC 9242 §3.3.2, draft-ietf-ipsecme-ikev2-downgrade-prevention.
#pragma once

#include <expected>

#include "ike/crypto/job.h"
#include "ike/ids.h"
#include "ike/wire/transform_ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// IntAuth_iN and IntAuth_rN: what has been said in IKE_INTERMEDIATE so far, by either role. Both
// are empty before the first exchange.
struct IntermediateAuth {
    Bytes initiator;
    Bytes responder;
};

// IntAuth_iN = prf(SK_piN, IntAuth_i(N-1) | IntAuth_iNA | IntAuth_iNP), and the same of the
// responder. `sk_p`: that of the sender before this exchange. `prefix` and `inner`: the message up
// to the generic header of its Encrypted payload, with lengths that count no encryption and no
// fragmentation, and its inner payloads.
[[nodiscard]] std::expected<Bytes, CryptoError> next_intermediate_auth(PrfId prf, View sk_p,
                                                                       View previous, View prefix,
                                                                       View inner);

// The messages of IKE_SA_INIT in place of the own one alone, for the AUTH of whoever has sent
// `sent`. The octets before them make it unlike any message: no initiator's SPI is zero.
[[nodiscard]] Bytes full_transcript(View received, View sent);

// InitiatorSignedOctets or ResponderSignedOctets: our first message as sent (without non-ESP
// marker), or the full transcript; the nonce of the peer (without payload header); MACedIDForI or
// MACedIDForR; and IntAuth, if there were IKE_INTERMEDIATE exchanges. `ike_auth`: the message id of
// the first IKE_AUTH.
[[nodiscard]] Bytes signed_octets(View first_messages, View peer_nonce, View maced_identity,
                                  const IntermediateAuth& intermediate, MessageId ike_auth);

}  // namespace xfrmd::ike
