// SPDX-License-Identifier: Apache-2.0
// Signature schemes as RFC 7427 names them: by the DER of an AlgorithmIdentifier, compared octet
// for octet. RFC 7427 Appendix A, RFC 4055 §2.1 and §3.1, RFC 5758 §3.2, RFC 8420 Appendix A.
// Internal to signature.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ike/wire/notify_data.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike::schemes {

enum class KeyKind : std::uint8_t { Rsa, Ecdsa, Ed25519 };

struct Scheme {
    KeyKind key = KeyKind::Rsa;
    SignatureHash hash = SignatureHash::Sha2_256;
    View identifier;                 // DER
    std::string_view botan_padding;  // empty: recognised and refused
    bool ours = false;               // what we sign with and write; the others we accept
};

// Tag, length (below 128) and the parts as the value.
template <std::size_t... Sizes>
consteval auto tlv(std::uint8_t tag, const std::array<std::uint8_t, Sizes>&... parts) {
    constexpr std::size_t kLength = (Sizes + ... + 0);
    static_assert(kLength < 0x80);
    std::array<std::uint8_t, 2 + kLength> octets{tag, kLength};
    std::size_t at = 2;
    [[maybe_unused]] const auto put = [&](View part) {
        for (const std::uint8_t octet : part) octets[at++] = octet;
    };
    (put(parts), ...);
    return octets;
}

template <std::size_t Size>
consteval auto oid(const std::uint8_t (&octets)[Size]) {
    return tlv(0x06, std::to_array(octets));
}

template <std::size_t... Sizes>
consteval auto sequence(const std::array<std::uint8_t, Sizes>&... parts) {
    return tlv(0x30, parts...);
}

inline constexpr std::array<std::uint8_t, 2> kNull{0x05, 0x00};
inline constexpr std::array<std::uint8_t, 0> kAbsent{};

// 1.2.840.113549.1.1.*, 2.16.840.1.101.3.4.2.*, 1.2.840.10045.4.3.*
consteval auto pkcs1(std::uint8_t last) {
    return oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last});
}
consteval auto sha2(std::uint8_t last) {
    return oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last});
}
consteval auto ecdsa_sha2(std::uint8_t last) {
    return oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last});
}

// id-RSASSA-PSS with the same hash for the message and for MGF1, and a salt as long as the hash.
// RFC 4055 §2.1: the parameters of the hash may be NULL or absent, and both must be understood.
template <std::size_t NullSize, std::size_t TrailerSize>
consteval auto pss(std::uint8_t hash, std::uint8_t salt,
                   const std::array<std::uint8_t, NullSize>& null,
                   const std::array<std::uint8_t, TrailerSize>& trailer) {
    const auto hash_algorithm = sequence(sha2(hash), null);
    const auto mask_generation = sequence(pkcs1(0x08), hash_algorithm);
    const auto salt_length = tlv(0x02, std::array{salt});
    return sequence(pkcs1(0x0a), sequence(tlv(0xa0, hash_algorithm), tlv(0xa1, mask_generation),
                                          tlv(0xa2, salt_length), trailer));
}

inline constexpr auto kTrailer = tlv(0xa3, tlv(0x02, std::array<std::uint8_t, 1>{0x01}));

inline constexpr auto kPssSha256 = pss(0x01, 32, kNull, kAbsent);
inline constexpr auto kPssSha384 = pss(0x02, 48, kNull, kAbsent);
inline constexpr auto kPssSha512 = pss(0x03, 64, kNull, kAbsent);
inline constexpr auto kPssSha256Absent = pss(0x01, 32, kAbsent, kAbsent);
inline constexpr auto kPssSha384Absent = pss(0x02, 48, kAbsent, kAbsent);
inline constexpr auto kPssSha512Absent = pss(0x03, 64, kAbsent, kAbsent);
// The trailer field is written out although it has its default.
inline constexpr auto kPssSha256Trailer = pss(0x01, 32, kNull, kTrailer);
inline constexpr auto kPssSha384Trailer = pss(0x02, 48, kNull, kTrailer);
inline constexpr auto kPssSha512Trailer = pss(0x03, 64, kNull, kTrailer);
inline constexpr auto kPssSha1 = sequence(pkcs1(0x0a), sequence());

inline constexpr auto kPkcs1Sha1 = sequence(pkcs1(0x05), kNull);
inline constexpr auto kPkcs1Sha256 = sequence(pkcs1(0x0b), kNull);
inline constexpr auto kPkcs1Sha384 = sequence(pkcs1(0x0c), kNull);
inline constexpr auto kPkcs1Sha512 = sequence(pkcs1(0x0d), kNull);
inline constexpr auto kPkcs1Sha256Absent = sequence(pkcs1(0x0b));
inline constexpr auto kPkcs1Sha384Absent = sequence(pkcs1(0x0c));
inline constexpr auto kPkcs1Sha512Absent = sequence(pkcs1(0x0d));

inline constexpr auto kEcdsaSha1 = sequence(oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01}));
inline constexpr auto kEcdsaSha256 = sequence(ecdsa_sha2(0x02));
inline constexpr auto kEcdsaSha384 = sequence(ecdsa_sha2(0x03));
inline constexpr auto kEcdsaSha512 = sequence(ecdsa_sha2(0x04));

inline constexpr auto kEd25519 = sequence(oid({0x2b, 0x65, 0x70}));

inline constexpr std::string_view kPss256 = "PSS(SHA-256,MGF1,32)";
inline constexpr std::string_view kPss384 = "PSS(SHA-384,MGF1,48)";
inline constexpr std::string_view kPss512 = "PSS(SHA-512,MGF1,64)";
inline constexpr std::string_view kPkcs256 = "PKCS1v15(SHA-256)";
inline constexpr std::string_view kPkcs384 = "PKCS1v15(SHA-384)";
inline constexpr std::string_view kPkcs512 = "PKCS1v15(SHA-512)";

inline constexpr auto kSchemes = std::to_array<Scheme>({
    {KeyKind::Rsa, SignatureHash::Sha2_256, kPssSha256, kPss256, true},
    {KeyKind::Rsa, SignatureHash::Sha2_384, kPssSha384, kPss384, true},
    {KeyKind::Rsa, SignatureHash::Sha2_512, kPssSha512, kPss512, true},
    {KeyKind::Rsa, SignatureHash::Sha2_256, kPssSha256Absent, kPss256},
    {KeyKind::Rsa, SignatureHash::Sha2_384, kPssSha384Absent, kPss384},
    {KeyKind::Rsa, SignatureHash::Sha2_512, kPssSha512Absent, kPss512},
    {KeyKind::Rsa, SignatureHash::Sha2_256, kPssSha256Trailer, kPss256},
    {KeyKind::Rsa, SignatureHash::Sha2_384, kPssSha384Trailer, kPss384},
    {KeyKind::Rsa, SignatureHash::Sha2_512, kPssSha512Trailer, kPss512},
    {KeyKind::Rsa, SignatureHash::Sha1, kPssSha1, ""},

    {KeyKind::Rsa, SignatureHash::Sha1, kPkcs1Sha1, ""},
    {KeyKind::Rsa, SignatureHash::Sha2_256, kPkcs1Sha256, kPkcs256},
    {KeyKind::Rsa, SignatureHash::Sha2_384, kPkcs1Sha384, kPkcs384},
    {KeyKind::Rsa, SignatureHash::Sha2_512, kPkcs1Sha512, kPkcs512},
    {KeyKind::Rsa, SignatureHash::Sha2_256, kPkcs1Sha256Absent, kPkcs256},
    {KeyKind::Rsa, SignatureHash::Sha2_384, kPkcs1Sha384Absent, kPkcs384},
    {KeyKind::Rsa, SignatureHash::Sha2_512, kPkcs1Sha512Absent, kPkcs512},

    {KeyKind::Ecdsa, SignatureHash::Sha1, kEcdsaSha1, ""},
    {KeyKind::Ecdsa, SignatureHash::Sha2_256, kEcdsaSha256, "SHA-256", true},
    {KeyKind::Ecdsa, SignatureHash::Sha2_384, kEcdsaSha384, "SHA-384", true},
    {KeyKind::Ecdsa, SignatureHash::Sha2_512, kEcdsaSha512, "SHA-512", true},

    // RFC 8420: the message itself is signed.
    {KeyKind::Ed25519, SignatureHash::Identity, kEd25519, "Pure", true},
});

}  // namespace xfrmd::ike::schemes
