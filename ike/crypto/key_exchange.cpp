// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/key_exchange.h"

#include <botan/bigint.h>
#include <botan/dh.h>
#include <botan/dl_group.h>
#include <botan/ec_apoint.h>
#include <botan/ec_group.h>
#include <botan/ec_scalar.h>
#include <botan/ecdh.h>
#include <botan/ml_kem.h>
#include <botan/pubkey.h>
#include <botan/x25519.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ike/crypto/guarded.h"
#include "ike/crypto/prf.h"
#include "ike/crypto/random.h"
#include "ike/crypto/registry.h"

namespace xfrmd::ike {

namespace {

using Octets = Botan::secure_vector<std::uint8_t>;

constexpr std::uint8_t kUncompressedPoint = 0x04;  // SEC 1 §2.3.3; the KE payload goes without it

enum class Family : std::uint8_t { Modp, Ecp, X25519, Kem, Unsupported };

Family family_of(KeyExchangeMethod method) {
    const TransformRow* row = transform_row(method);
    if (row == nullptr || !row->implemented) return Family::Unsupported;
    if (row->is_kem) return Family::Kem;
    if (method == KeyExchangeMethod::X25519) return Family::X25519;
    return row->botan_name.starts_with("modp/") ? Family::Modp : Family::Ecp;
}

std::unexpected<CryptoError> unsupported(KeyExchangeMethod method) {
    return std::unexpected{CryptoError{CryptoErrorCode::UnsupportedMethod,
                                       "key exchange method " +
                                           std::to_string(std::to_underlying(method)) +
                                           " is not implemented"}};
}

std::unexpected<CryptoError> refused(std::string why) {
    return std::unexpected{CryptoError{CryptoErrorCode::InvalidPeerShare, std::move(why)}};
}

std::unexpected<CryptoError> broken(std::string why) {
    return std::unexpected{CryptoError{CryptoErrorCode::Internal, std::move(why)}};
}

// For blinding, which needs randomness that the peer does not know but leaves no trace in the
// result.
DeterministicRng blinding_rng(View private_share, View peer_share) {
    return DeterministicRng{prf(PrfId::HmacSha256, private_share, peer_share).view()};
}

Octets agree_raw(const Botan::Private_Key& key, Botan::RandomNumberGenerator& rng,
                 View peer_share) {
    return Botan::PK_Key_Agreement{key, rng, "Raw"}.derive_key(0, peer_share).bits_of();
}

// ---- MODP

KeyShare generate_modp(const TransformRow& row, Botan::RandomNumberGenerator& rng) {
    const Botan::DH_PrivateKey key{rng, Botan::DL_Group::from_name(row.botan_name)};
    return {Secret{key.raw_private_key_bits()}, key.public_value()};
}

// RFC 7296 §2.14: as long as the modulus, zeros in front.
Octets left_padded(const Octets& secret, std::size_t length) {
    Octets padded(length - std::min(length, secret.size()));
    padded.insert(padded.end(), secret.begin(), secret.end());
    return padded;
}

std::expected<Secret, CryptoError> agree_modp(const TransformRow& row, View private_share,
                                              View peer_share) {
    const auto group = Botan::DL_Group::from_name(row.botan_name);
    // RFC 6989 §2.1: these groups have safe primes, for which 1 < r < p-1 is enough.
    const Botan::BigInt peer{peer_share};
    if (peer <= 1 || peer >= group.get_p() - 1)
        return refused("the peer's public value is 0, 1, p-1 or more");
    const Botan::DH_PrivateKey key{group, Botan::BigInt{private_share}};
    DeterministicRng rng = blinding_rng(private_share, peer_share);
    return Secret{left_padded(agree_raw(key, rng, peer_share), row.share_octets)};
}

// ---- ECP

KeyShare generate_ecp(const TransformRow& row, Botan::RandomNumberGenerator& rng) {
    const Botan::ECDH_PrivateKey key{rng, Botan::EC_Group::from_name(row.botan_name)};
    const std::vector<std::uint8_t> point = key.public_value();
    return {Secret{key.raw_private_key_bits()}, Bytes{point.begin() + 1, point.end()}};
}

std::expected<Secret, CryptoError> agree_ecp(const TransformRow& row, View private_share,
                                             View peer_share) {
    const auto group = Botan::EC_Group::from_name(row.botan_name);
    Bytes point{kUncompressedPoint};
    append(point, peer_share);
    // RFC 6989 §2.3: both coordinates below p, and on the curve, which the point at infinity is
    // not.
    const auto peer = Botan::EC_AffinePoint::deserialize(group, point);
    if (!peer || peer->is_identity()) return refused("the peer's point is not on the curve");
    const auto scalar = Botan::EC_Scalar::deserialize(group, private_share);
    if (!scalar || scalar->is_zero()) return broken("our private share is no scalar of the curve");
    const Botan::ECDH_PrivateKey key{group, *scalar};
    DeterministicRng rng = blinding_rng(private_share, peer_share);
    // RFC 5903 §7: the x-coordinate is the whole shared secret.
    return Secret{agree_raw(key, rng, point)};
}

// ---- X25519

KeyShare generate_x25519(Botan::RandomNumberGenerator& rng) {
    const Botan::X25519_PrivateKey key{rng};
    return {Secret{key.raw_private_key_bits()}, key.public_value()};
}

std::expected<Secret, CryptoError> agree_x25519(View private_share, View peer_share) {
    if (private_share.size() != 32) return broken("our private share has not 32 octets");
    const Botan::X25519_PrivateKey key{Octets{private_share.begin(), private_share.end()}};
    const Octets secret = key.agree(peer_share.data(), peer_share.size());
    // RFC 7748 §6.1, RFC 8031 §3: the peer chose a point of small order.
    const std::array<std::uint8_t, 32> zeros{};
    if (equal_in_constant_time(secret, zeros)) return refused("the shared secret is all zeros");
    return Secret{secret};
}

// ---- ML-KEM

Botan::ML_KEM_Mode kem_mode(const TransformRow& row) {
    return Botan::ML_KEM_Mode{row.botan_name};
}

KeyShare generate_kem(const TransformRow& row, Botan::RandomNumberGenerator& rng) {
    const Botan::ML_KEM_PrivateKey key{rng, kem_mode(row)};
    return {Secret{key.raw_private_key_bits()}, key.raw_public_key_bits()};
}

std::expected<Secret, CryptoError> decapsulate(const TransformRow& row, View private_share,
                                               View ciphertext) {
    const Botan::ML_KEM_PrivateKey key{private_share, kem_mode(row)};
    DeterministicRng rng = blinding_rng(private_share, ciphertext);
    return Secret{Botan::PK_KEM_Decryptor{key, rng, "Raw"}.decrypt(ciphertext, 32, {})};
}

}  // namespace

std::expected<KeyShare, CryptoError> generate_key_share(KeyExchangeMethod method, View seed) {
    using Outcome = std::expected<KeyShare, CryptoError>;
    return guarded(CryptoErrorCode::Internal, [&]() -> Outcome {
        const Family family = family_of(method);
        if (family == Family::Unsupported) return unsupported(method);
        const TransformRow& row = *transform_row(method);
        DeterministicRng rng{seed};
        switch (family) {
            case Family::Modp:
                return generate_modp(row, rng);
            case Family::Ecp:
                return generate_ecp(row, rng);
            case Family::X25519:
                return generate_x25519(rng);
            case Family::Kem:
                return generate_kem(row, rng);
            case Family::Unsupported:
                break;
        }
        std::unreachable();
    });
}

std::expected<Secret, CryptoError> agree_on_key(KeyExchangeMethod method, View private_share,
                                                View peer_share) {
    using Outcome = std::expected<Secret, CryptoError>;
    return guarded(CryptoErrorCode::InvalidPeerShare, [&]() -> Outcome {
        const Family family = family_of(method);
        if (family == Family::Unsupported) return unsupported(method);
        const TransformRow& row = *transform_row(method);
        // Of a KEM, what we get here is the responder's answer; elsewhere both are as long.
        if (peer_share.size() != row.answer_octets)
            return refused("the peer's public value has not the length that " +
                           std::string{row.word} + " wants");
        if (private_share.empty()) return broken("we have no private share");
        switch (family) {
            case Family::Modp:
                return agree_modp(row, private_share, peer_share);
            case Family::Ecp:
                return agree_ecp(row, private_share, peer_share);
            case Family::X25519:
                return agree_x25519(private_share, peer_share);
            case Family::Kem:
                return decapsulate(row, private_share, peer_share);
            case Family::Unsupported:
                break;
        }
        std::unreachable();
    });
}

std::expected<Encapsulated, CryptoError> encapsulate_key(KeyExchangeMethod method, View peer_share,
                                                         View seed) {
    using Outcome = std::expected<Encapsulated, CryptoError>;
    return guarded(CryptoErrorCode::InvalidPeerShare, [&]() -> Outcome {
        if (family_of(method) != Family::Kem) return unsupported(method);
        const TransformRow& row = *transform_row(method);
        if (peer_share.size() != row.share_octets)
            return refused("the peer's encapsulation key has not the length that " +
                           std::string{row.word} + " wants");
        const Botan::ML_KEM_PublicKey key{peer_share, kem_mode(row)};
        // FIPS 203 §7.2, modulus check: no coefficient may be given in another form than the
        // reduced one.
        if (!equal(key.raw_public_key_bits(), peer_share))
            return refused("the peer's encapsulation key is not in canonical form");
        DeterministicRng rng{seed};
        auto [ciphertext, secret] =
            Botan::KEM_Encapsulation::destructure(Botan::PK_KEM_Encryptor{key, "Raw"}.encrypt(rng));
        return Encapsulated{std::move(ciphertext), Secret{std::move(secret)}};
    });
}

}  // namespace xfrmd::ike
