// SPDX-License-Identifier: Apache-2.0
// The key schedule: from shared secrets and nonces to the keys of an IKE SA and of its children.
// RFC 7296 §2.14, §2.17, §2.18; RFC 9370 §2.2.2, §2.2.4.
#pragma once

#include <expected>
#include <span>

#include "ike/crypto/job.h"
#include "ike/crypto/suite.h"
#include "ike/ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr. With a combined mode SK_a* are empty and
// SK_e* end with the salt: RFC 5282 §7.1.
struct IkeKeys {
    Secret d;
    Secret ai;
    Secret ar;
    Secret ei;
    Secret er;
    Secret pi;
    Secret pr;
};

// "Initiator" is the one of the exchange that makes the child. A combined mode has no integrity
// keys; its encryption keys end with the salt: RFC 4106 §8.1.
struct ChildKeys {
    Secret initiator_encryption;
    Secret initiator_integrity;
    Secret responder_encryption;
    Secret responder_integrity;
};

// All of these: `ni` and `nr` are the nonces without payload headers, the SPIs those of the IKE SA
// that gets the keys. CryptoErrorCode::UnsupportedMethod if the suite is not usable.

// SKEYSEED = prf(Ni | Nr, g^ir).
[[nodiscard]] std::expected<IkeKeys, CryptoError> derive_ike_keys(const IkeSuite& suite, View ni,
                                                                  View nr, View shared_secret,
                                                                  IkeSpi initiator_spi,
                                                                  IkeSpi responder_spi);

// After an additional key exchange in IKE_INTERMEDIATE: SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni |
// Nr). RFC 9370 §2.2.2.
[[nodiscard]] std::expected<IkeKeys, CryptoError> derive_next_ike_keys(const IkeSuite& suite,
                                                                       View previous_sk_d, View ni,
                                                                       View nr, View shared_secret,
                                                                       IkeSpi initiator_spi,
                                                                       IkeSpi responder_spi);

// An IKE SA that replaces another: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr | SK(1) | … |
// SK(n)) with the PRF of the old one. RFC 7296 §2.18, RFC 9370 §2.2.4. `shared_secrets`: that of
// the key exchange first, at least one; then the additional ones.
[[nodiscard]] std::expected<IkeKeys, CryptoError> derive_rekeyed_ike_keys(
    const IkeSuite& suite, PrfId old_prf, View old_sk_d, View ni, View nr,
    std::span<const View> shared_secrets, IkeSpi initiator_spi, IkeSpi responder_spi);

// KEYMAT = prf+(SK_d, Ni | Nr) or prf+(SK_d, g^ir (new) | Ni | Nr | SK(1) | … | SK(n)), with the
// PRF of the IKE SA. The first child has the nonces of IKE_SA_INIT and no shared secret.
[[nodiscard]] std::expected<ChildKeys, CryptoError> derive_child_keys(
    const EspSuite& suite, PrfId prf, View sk_d, View ni, View nr,
    std::span<const View> shared_secrets = {});

}  // namespace xfrmd::ike
