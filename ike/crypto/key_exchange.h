// SPDX-License-Identifier: Apache-2.0
// Diffie-Hellman and key encapsulation with the checks of RFC 6989: pure functions of their
// arguments. MODP: RFC 3526; ECP: RFC 5903; X25519: RFC 8031; ML-KEM: FIPS 203, with the draft for
// IKEv2.
#pragma once

#include <expected>

#include "ike/crypto/job.h"
#include "ike/wire/transform_ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// All of these: CryptoErrorCode::UnsupportedMethod for a method that we do not implement. `seed`:
// at least 32 octets of randomness, used for nothing else; the result depends on the arguments
// only.

// A fresh key pair. The private share is for agree_on_key() of this program only, the public one
// for the KE payload.
[[nodiscard]] std::expected<KeyShare, CryptoError> generate_key_share(KeyExchangeMethod method,
                                                                      View seed);

// The shared secret as SKEYSEED takes it: MODP left-padded to the length of the modulus (RFC 7296
// §2.14), ECP the x-coordinate alone (RFC 5903 §7), X25519 its 32 octets. For a KEM, `peer_share`
// is the responder's ciphertext. CryptoErrorCode::InvalidPeerShare if the peer's share has not the
// exact length or fails the checks of RFC 6989 §2.
[[nodiscard]] std::expected<Secret, CryptoError> agree_on_key(KeyExchangeMethod method,
                                                              View private_share, View peer_share);

// The responder's half of a KEM: `peer_share` is the initiator's encapsulation key.
// UnsupportedMethod for a group that is no KEM, InvalidPeerShare if the key fails the checks of
// FIPS 203 §7.2.
[[nodiscard]] std::expected<Encapsulated, CryptoError> encapsulate_key(KeyExchangeMethod method,
                                                                       View peer_share, View seed);

}  // namespace xfrmd::ike
