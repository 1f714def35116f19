// SPDX-License-Identifier: Apache-2.0
// Signatures of the AUTH payload: RFC 7427 (RSA, ECDSA), RFC 8420 (Ed25519), RFC 4754 (ECDSA
// without RFC 7427). SHA-1 is refused both ways.
#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "ike/crypto/job.h"
#include "ike/wire/identity.h"
#include "ike/wire/notify_data.h"
#include "netlink/model/octets.h"

namespace Botan {
class Private_Key;
class Public_Key;
}  // namespace Botan

namespace xfrmd::ike {

inline constexpr std::size_t kRsaModulusBitsMin = 2048;
inline constexpr std::size_t kRsaModulusBitsMax = 8192;

// The hashes of our SIGNATURE_HASH_ALGORITHMS: SHA-256, SHA-384, SHA-512, Identity.
[[nodiscard]] std::span<const SignatureHash> accepted_hashes();

// Whether sign() and verify() take keys of this kind and size: RSA of 2048 to 8192 bits, ECDSA on
// P-256, P-384 or P-521 (as named curves), Ed25519. The error (CertificateUnusable) says what is
// wrong.
[[nodiscard]] std::expected<void, CryptoError> check_key(const Botan::Public_Key& key);

// Signs `octets` by the best scheme that `peer_hashes` allow: RSASSA-PSS for RSA, ECDSA, Ed25519.
// If the peer announced no hashes (it does not know RFC 7427), ECDSA signs as RFC 4754 says and
// everything else is CryptoErrorCode::NoCommonSignature. `seed`: at least 32 octets of randomness,
// used for nothing else.
[[nodiscard]] std::expected<Authentication, CryptoError> sign(
    const Botan::Private_Key& key, View octets, std::span<const SignatureHash> peer_hashes,
    View seed);

// SignatureInvalid: not a signature over `octets` by `key`, or of a scheme that goes with another
// kind of key. UnsupportedMethod: a scheme or hash that we refuse. CertificateUnusable: check_key()
// refuses the key.
[[nodiscard]] std::expected<void, CryptoError> verify(const Botan::Public_Key& key,
                                                      const Authentication& authentication,
                                                      View octets);

}  // namespace xfrmd::ike
