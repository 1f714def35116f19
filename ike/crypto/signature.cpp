// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/signature.h"

#include <botan/bigint.h>
#include <botan/pk_keys.h>
#include <botan/pubkey.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ike/crypto/guarded.h"
#include "ike/crypto/random.h"
#include "ike/crypto/signature_schemes.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using schemes::KeyKind;
using schemes::kSchemes;
using schemes::Scheme;
using enum SignatureHash;

constexpr std::array kAcceptedHashes{Sha2_256, Sha2_384, Sha2_512, SignatureHash::Identity};
constexpr std::size_t kRsaExponentBitsMax = 64;

// RFC 4754 §3: a curve, its hash and its authentication method belong together; r and s are as long
// as the order of the curve.
struct Curve {
    std::string_view name;
    View parameters;  // DER of the OID; a key with explicit parameters is on no curve of ours
    AuthMethod method = AuthMethod::Ecdsa256;
    SignatureHash hash = Sha2_256;
    std::string_view botan_hash;
    std::size_t order_octets = 0;
};

constexpr auto kSecp256r1 = schemes::oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07});
constexpr auto kSecp384r1 = schemes::oid({0x2b, 0x81, 0x04, 0x00, 0x22});
constexpr auto kSecp521r1 = schemes::oid({0x2b, 0x81, 0x04, 0x00, 0x23});
constexpr auto kCurves = std::to_array<Curve>({
    {"P-256", kSecp256r1, AuthMethod::Ecdsa256, Sha2_256, "SHA-256", 32},
    {"P-384", kSecp384r1, AuthMethod::Ecdsa384, Sha2_384, "SHA-384", 48},
    {"P-521", kSecp521r1, AuthMethod::Ecdsa521, Sha2_512, "SHA-512", 66},
});

std::unexpected<CryptoError> failure(CryptoErrorCode code, std::string what) {
    return std::unexpected{CryptoError{code, std::move(what)}};
}

struct UsableKey {
    KeyKind kind = KeyKind::Rsa;
    const Curve* curve = nullptr;  // of an ECDSA key
};

std::expected<UsableKey, CryptoError> classify(const Botan::Public_Key& key) {
    const std::string algorithm = key.algo_name();
    if (algorithm == "RSA") {
        const std::size_t bits = key.key_length();
        if (bits < kRsaModulusBitsMin || bits > kRsaModulusBitsMax)
            return failure(
                CryptoErrorCode::CertificateUnusable,
                "an RSA key of " + std::to_string(bits) + " bits: 2048 to 8192 bits are accepted");
        if (key.get_int_field("e").bits() > kRsaExponentBitsMax)
            return failure(CryptoErrorCode::CertificateUnusable,
                           "an RSA key with an exponent of more than 64 bits");
        return UsableKey{KeyKind::Rsa};
    }
    if (algorithm == "ECDSA") {
        const std::vector<std::uint8_t> parameters = key.algorithm_identifier().parameters();
        const auto* const curve = std::ranges::find_if(
            kCurves, [&](const Curve& known) { return equal(known.parameters, parameters); });
        if (curve == kCurves.end())
            return failure(CryptoErrorCode::CertificateUnusable,
                           "an ECDSA key on a curve other than P-256, P-384 and P-521");
        return UsableKey{KeyKind::Ecdsa, curve};
    }
    if (algorithm == "Ed25519") return UsableKey{KeyKind::Ed25519};
    return failure(CryptoErrorCode::CertificateUnusable,
                   "a key for " + algorithm + ": RSA, ECDSA and Ed25519 are accepted");
}

// In the order in which we would sign with them. ECDSA likes the hash that fits its curve best.
std::vector<SignatureHash> preferred_hashes(const UsableKey& key) {
    if (key.kind == KeyKind::Ed25519) return {SignatureHash::Identity};
    if (key.curve != nullptr && key.curve->hash == Sha2_384) return {Sha2_384, Sha2_512, Sha2_256};
    if (key.curve != nullptr && key.curve->hash == Sha2_512) return {Sha2_512, Sha2_384, Sha2_256};
    return {Sha2_256, Sha2_384, Sha2_512};
}

const Scheme* choose_scheme(const UsableKey& key, std::span<const SignatureHash> peer_hashes) {
    for (const SignatureHash hash : preferred_hashes(key)) {
        if (!std::ranges::contains(peer_hashes, hash)) continue;
        const auto* const scheme = std::ranges::find_if(kSchemes, [&](const Scheme& candidate) {
            return candidate.ours && candidate.key == key.kind && candidate.hash == hash;
        });
        if (scheme != kSchemes.end()) return scheme;
    }
    return nullptr;
}

// RFC 7427 §3 wants ECDSA-Sig-Value, RFC 4754 §7 r and s one after the other.
Botan::Signature_Format format_of(KeyKind kind) {
    return kind == KeyKind::Ecdsa ? Botan::Signature_Format::DerSequence
                                  : Botan::Signature_Format::Standard;
}

std::expected<Authentication, CryptoError> sign_by_scheme(const Botan::Private_Key& key,
                                                          const Scheme& scheme, View octets,
                                                          Botan::RandomNumberGenerator& rng) {
    Botan::PK_Signer signer{key, rng, scheme.botan_padding, format_of(scheme.key)};
    const DigitalSignature signature{to_bytes(scheme.identifier), signer.sign_message(octets, rng)};
    return Authentication{AuthMethod::DigitalSignature, signature.write()};
}

// For a peer that does not know RFC 7427.
std::expected<Authentication, CryptoError> sign_by_method(const Botan::Private_Key& key,
                                                          const UsableKey& usable, View octets,
                                                          Botan::RandomNumberGenerator& rng) {
    if (usable.curve == nullptr)
        return failure(
            CryptoErrorCode::NoCommonSignature,
            "the peer announces no signature hashes (RFC 7427): only ECDSA keys can sign "
            "for it without SHA-1");
    Botan::PK_Signer signer{key, rng, usable.curve->botan_hash, Botan::Signature_Format::Standard};
    return Authentication{usable.curve->method, signer.sign_message(octets, rng)};
}

std::expected<void, CryptoError> check(Botan::PK_Verifier verifier, View octets, View signature) {
    if (!verifier.verify_message(octets, signature))
        return failure(CryptoErrorCode::SignatureInvalid, "the signature is not by this key");
    return {};
}

std::expected<void, CryptoError> verify_by_scheme(const Botan::Public_Key& key,
                                                  const UsableKey& usable, View data, View octets) {
    const auto signature = DigitalSignature::parse(data);
    if (!signature)
        return failure(CryptoErrorCode::SignatureInvalid, "the authentication data are malformed");
    const auto* const scheme = std::ranges::find_if(kSchemes, [&](const Scheme& known) {
        return equal(known.identifier, signature->algorithm_identifier);
    });
    if (scheme == kSchemes.end())
        return failure(
            CryptoErrorCode::UnsupportedMethod,
            "a signature by an unknown algorithm: " + to_hex(signature->algorithm_identifier));
    if (scheme->botan_padding.empty())
        return failure(CryptoErrorCode::UnsupportedMethod,
                       "a signature with SHA-1, which is not accepted");
    if (scheme->key != usable.kind)
        return failure(CryptoErrorCode::SignatureInvalid,
                       "the signature is of another kind than the certificate's key");
    return check({key, scheme->botan_padding, format_of(scheme->key)}, octets,
                 signature->signature);
}

std::expected<void, CryptoError> verify_by_method(const Botan::Public_Key& key,
                                                  const UsableKey& usable,
                                                  const Authentication& authentication,
                                                  View octets) {
    if (usable.curve == nullptr || usable.curve->method != authentication.method)
        return failure(CryptoErrorCode::SignatureInvalid,
                       "the signature is of another kind than the certificate's key");
    if (authentication.data.size() != 2 * usable.curve->order_octets)
        return failure(
            CryptoErrorCode::SignatureInvalid,
            "the signature has not the length that " + std::string{usable.curve->name} + " wants");
    return check({key, usable.curve->botan_hash, Botan::Signature_Format::Standard}, octets,
                 authentication.data);
}

}  // namespace

std::span<const SignatureHash> accepted_hashes() {
    return kAcceptedHashes;
}

std::expected<void, CryptoError> check_key(const Botan::Public_Key& key) {
    return guarded(CryptoErrorCode::CertificateUnusable, [&]() -> std::expected<void, CryptoError> {
        TRY(classify(key));
        return {};
    });
}

std::expected<Authentication, CryptoError> sign(const Botan::Private_Key& key, View octets,
                                                std::span<const SignatureHash> peer_hashes,
                                                View seed) {
    using Outcome = std::expected<Authentication, CryptoError>;
    return guarded(CryptoErrorCode::Internal, [&]() -> Outcome {
        const UsableKey usable = TRY(classify(key));
        DeterministicRng rng{seed};
        if (peer_hashes.empty()) return sign_by_method(key, usable, octets, rng);
        const Scheme* scheme = choose_scheme(usable, peer_hashes);
        if (scheme == nullptr)
            return failure(CryptoErrorCode::NoCommonSignature,
                           usable.kind == KeyKind::Ed25519
                               ? "the peer does not announce Ed25519 (RFC 8420)"
                               : "the peer announces none of SHA-256, SHA-384 and SHA-512");
        return sign_by_scheme(key, *scheme, octets, rng);
    });
}

std::expected<void, CryptoError> verify(const Botan::Public_Key& key,
                                        const Authentication& authentication, View octets) {
    using Outcome = std::expected<void, CryptoError>;
    return guarded(CryptoErrorCode::SignatureInvalid, [&]() -> Outcome {
        const UsableKey usable = TRY(classify(key));
        switch (authentication.method) {
            case AuthMethod::DigitalSignature:
                return verify_by_scheme(key, usable, authentication.data, octets);
            case AuthMethod::Ecdsa256:
            case AuthMethod::Ecdsa384:
            case AuthMethod::Ecdsa521:
                return verify_by_method(key, usable, authentication, octets);
            case AuthMethod::RsaPkcs1Sha1:
            case AuthMethod::DssSha1:
                return failure(CryptoErrorCode::UnsupportedMethod,
                               "a signature with SHA-1, which is not accepted");
            case AuthMethod::SharedKey:
            case AuthMethod::SecurePassword:
            case AuthMethod::Null:
                break;
        }
        return failure(CryptoErrorCode::UnsupportedMethod,
                       "authentication method " +
                           std::to_string(std::to_underlying(authentication.method)) +
                           " is no signature that we know");
    });
}

}  // namespace xfrmd::ike
