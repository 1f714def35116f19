// SPDX-License-Identifier: Apache-2.0
// MACedID, and the AUTH of a shared secret. RFC 7296 §2.15.
#pragma once

#include <expected>

#include "ike/crypto/job.h"
#include "ike/wire/identity.h"
#include "ike/wire/transform_ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// MACedIDForI or MACedIDForR: prf(SK_pi or SK_pr, RestOfIDPayload), the ID payload without its
// generic header.
[[nodiscard]] std::expected<Secret, CryptoError> maced_identity(PrfId prf, View sk_p,
                                                                const Identification& identity);

// AUTH = prf(prf(shared secret, "Key Pad for IKEv2"), octets).
[[nodiscard]] std::expected<Secret, CryptoError> shared_key_mac(PrfId prf, View secret,
                                                                View octets);

}  // namespace xfrmd::ike
