// SPDX-License-Identifier: Apache-2.0
// The one table of transforms: what IKE numbers them, what configuration, setkey, Botan and the
// kernel call them, how long their keys are, what the RFCs think of them, and which of them we
// offer and accept.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "ike/wire/transform_ids.h"

namespace xfrmd::ike {

// RFC 2119 words of RFC 8247 (for IKE) and RFC 8221 (for ESP). MustMinus is their "MUST-":
// mandatory for now.
enum class Standing : std::uint8_t { Must, MustMinus, Should, May, ShouldNot, MustNot, Unlisted };

[[nodiscard]] constexpr std::string_view to_string(Standing standing) {
    switch (standing) {
        case Standing::Must:
            return "MUST";
        case Standing::MustMinus:
            return "MUST-";
        case Standing::Should:
            return "SHOULD";
        case Standing::May:
            return "MAY";
        case Standing::ShouldNot:
            return "SHOULD NOT";
        case Standing::MustNot:
            return "MUST NOT";
        case Standing::Unlisted:
            return "unlisted";
    }
    std::unreachable();
}

// What does not apply to a transform is zero or empty. Lengths are in octets unless they say bits.
struct TransformRow {
    TransformType type = TransformType::Encryption;
    std::uint16_t id = 0;
    std::uint16_t key_bits = 0;  // the Key Length attribute; 0: there must be none

    std::string_view word = {};         // in configuration; unique in the table
    std::string_view setkey_word = {};  // of setkey's -E and -A; unique together with key_bits
    std::string_view botan_name = {};   // of a PRF: the hash in its HMAC
    std::string_view kernel_name = {};  // of the kernel's crypto API, as XFRM wants it

    std::uint16_t key_octets = 0;     // cipher, MAC: the key without salt; PRF: its output
    std::uint16_t salt_octets = 0;    // taken from the keying material after the key
    std::uint16_t iv_octets = 0;      // on the wire, in each message
    std::uint16_t block_octets = 0;   // plaintext is padded to a multiple of this
    std::uint16_t icv_bits = 0;       // on the wire: of a combined mode, or the truncated MAC
    std::uint16_t share_octets = 0;   // key exchange: the initiator's public value
    std::uint16_t answer_octets = 0;  // key exchange: the responder's public value
    // The responder sends a secret encapsulated to the initiator's key, not a share of its own.
    bool is_kem = false;

    Standing ike = Standing::Unlisted;
    Standing esp = Standing::Unlisted;
    bool implemented = false;  // offered and accepted; everything else is refused by name

    // Encrypts and authenticates at once, so no integrity transform goes with it: RFC 7296 §3.3.3.
    [[nodiscard]] constexpr bool is_combined_mode() const {
        return type == TransformType::Encryption && icv_bits != 0;
    }
};

namespace registry_rows {

struct CipherSizes {
    std::uint16_t key = 0;
    std::uint16_t salt = 0;
    std::uint16_t iv = 0;
    std::uint16_t block = 1;
    std::uint16_t icv_bits = 0;
};

struct Names {
    std::string_view word;
    std::string_view setkey;
    std::string_view botan;
    std::string_view kernel;
};

enum class Use : bool { Refused, Accepted };

consteval TransformRow cipher(EncryptionId id, std::uint16_t key_bits, Names names,
                              CipherSizes sizes, Standing ike, Standing esp,
                              Use use = Use::Refused) {
    return {.type = TransformType::Encryption,
            .id = std::to_underlying(id),
            .key_bits = key_bits,
            .word = names.word,
            .setkey_word = names.setkey,
            .botan_name = names.botan,
            .kernel_name = names.kernel,
            .key_octets = sizes.key,
            .salt_octets = sizes.salt,
            .iv_octets = sizes.iv,
            .block_octets = sizes.block,
            .icv_bits = sizes.icv_bits,
            .ike = ike,
            .esp = esp,
            .implemented = use == Use::Accepted};
}

consteval TransformRow pseudorandom(PrfId id, std::string_view word, std::string_view botan,
                                    std::uint16_t octets, Standing ike, Use use = Use::Refused) {
    return {.type = TransformType::Prf,
            .id = std::to_underlying(id),
            .word = word,
            .botan_name = botan,
            .key_octets = octets,
            .ike = ike,
            .implemented = use == Use::Accepted};
}

consteval TransformRow mac(IntegrityId id, Names names, std::uint16_t key, std::uint16_t icv_bits,
                           Standing ike, Standing esp, Use use = Use::Refused) {
    return {.type = TransformType::Integrity,
            .id = std::to_underlying(id),
            .word = names.word,
            .setkey_word = names.setkey,
            .botan_name = names.botan,
            .kernel_name = names.kernel,
            .key_octets = key,
            .icv_bits = icv_bits,
            .ike = ike,
            .esp = esp,
            .implemented = use == Use::Accepted};
}

// A child's own key exchange is negotiated by IKE too: RFC 8247 speaks for both.
consteval TransformRow group(KeyExchangeMethod id, std::string_view word, std::string_view botan,
                             std::uint16_t share, Standing standing, Use use = Use::Refused) {
    return {.type = TransformType::KeyExchange,
            .id = std::to_underlying(id),
            .word = word,
            .botan_name = botan,
            .share_octets = share,
            .answer_octets = share,
            .ike = standing,
            .esp = standing,
            .implemented = use == Use::Accepted};
}

// FIPS 203: an encapsulation key one way, a ciphertext the other.
consteval TransformRow kem(KeyExchangeMethod id, std::string_view word, std::string_view botan,
                           std::uint16_t key, std::uint16_t ciphertext, Use use) {
    return {.type = TransformType::KeyExchange,
            .id = std::to_underlying(id),
            .word = word,
            .botan_name = botan,
            .share_octets = key,
            .answer_octets = ciphertext,
            .is_kem = true,
            .implemented = use == Use::Accepted};
}

consteval TransformRow sequence_numbers(SequenceNumbersId id, std::string_view word) {
    return {.type = TransformType::SequenceNumbers,
            .id = std::to_underlying(id),
            .word = word,
            .implemented = true};
}

// clang-format off
consteval auto make() {
    using enum Standing;
    using enum Use;
    using E = EncryptionId;
    using I = IntegrityId;
    using K = KeyExchangeMethod;
    constexpr CipherSizes kCbc128{.key = 16, .iv = 16, .block = 16};
    constexpr CipherSizes kCbc192{.key = 24, .iv = 16, .block = 16};
    constexpr CipherSizes kCbc256{.key = 32, .iv = 16, .block = 16};
    // RFC 4106, RFC 5282: the salt is part of the keying material, the IV counts.
    constexpr CipherSizes kGcm128{.key = 16, .salt = 4, .iv = 8, .icv_bits = 128};
    constexpr CipherSizes kGcm192{.key = 24, .salt = 4, .iv = 8, .icv_bits = 128};
    constexpr CipherSizes kGcm256{.key = 32, .salt = 4, .iv = 8, .icv_bits = 128};
    constexpr CipherSizes kCcm128{.key = 16, .salt = 3, .iv = 8, .icv_bits = 128};
    constexpr CipherSizes kCcm256{.key = 32, .salt = 3, .iv = 8, .icv_bits = 128};

    return std::to_array<TransformRow>({
        cipher(E::DesIv64,  0, {"desiv64", "", "", ""}, {.key = 8, .iv = 8, .block = 8}, MustNot, MustNot),
        cipher(E::Des,      0, {"des", "des-cbc", "", "cbc(des)"}, {.key = 8, .iv = 8, .block = 8}, MustNot, MustNot),
        cipher(E::TripleDes, 0, {"3des", "3des-cbc", "", "cbc(des3_ede)"}, {.key = 24, .iv = 8, .block = 8}, May, ShouldNot),
        cipher(E::Null,     0, {"null", "null", "", "ecb(cipher_null)"}, {.block = 4}, MustNot, Must),
        cipher(E::AesCbc, 128, {"aes128", "aes-cbc", "AES-128/CBC/NoPadding", "cbc(aes)"}, kCbc128, Must, Must, Accepted),
        cipher(E::AesCbc, 192, {"aes192", "aes-cbc", "AES-192/CBC/NoPadding", "cbc(aes)"}, kCbc192, May, May, Accepted),
        cipher(E::AesCbc, 256, {"aes256", "aes-cbc", "AES-256/CBC/NoPadding", "cbc(aes)"}, kCbc256, Must, Must, Accepted),
        cipher(E::AesCtr, 128, {"aes128ctr", "aes-ctr", "", "rfc3686(ctr(aes))"}, {.key = 16, .salt = 4, .iv = 8}, Unlisted, Unlisted),
        cipher(E::AesCtr, 192, {"aes192ctr", "aes-ctr", "", "rfc3686(ctr(aes))"}, {.key = 24, .salt = 4, .iv = 8}, Unlisted, Unlisted),
        cipher(E::AesCtr, 256, {"aes256ctr", "aes-ctr", "", "rfc3686(ctr(aes))"}, {.key = 32, .salt = 4, .iv = 8}, Unlisted, Unlisted),
        cipher(E::AesCcm16, 128, {"aes128ccm16", "", "", "rfc4309(ccm(aes))"}, kCcm128, Unlisted, Unlisted),
        cipher(E::AesCcm16, 256, {"aes256ccm16", "", "", "rfc4309(ccm(aes))"}, kCcm256, Unlisted, Unlisted),
        cipher(E::AesGcm16, 128, {"aes128gcm16", "aes-gcm-16", "AES-128/GCM(16)", "rfc4106(gcm(aes))"}, kGcm128, Should, Must, Accepted),
        cipher(E::AesGcm16, 192, {"aes192gcm16", "aes-gcm-16", "AES-192/GCM(16)", "rfc4106(gcm(aes))"}, kGcm192, May, May, Accepted),
        cipher(E::AesGcm16, 256, {"aes256gcm16", "aes-gcm-16", "AES-256/GCM(16)", "rfc4106(gcm(aes))"}, kGcm256, Should, Must, Accepted),
        // RFC 7634 §2: no Key Length attribute.
        cipher(E::ChaCha20Poly1305, 0, {"chacha20poly1305", "chacha20-poly1305", "ChaCha20Poly1305", "rfc7539esp(chacha20,poly1305)"},
               {.key = 32, .salt = 4, .iv = 8, .icv_bits = 128}, Should, Should, Accepted),

        pseudorandom(PrfId::HmacMd5,     "prfmd5",     "", 16, MustNot),
        pseudorandom(PrfId::HmacSha1,    "prfsha1",    "", 20, MustMinus),
        pseudorandom(PrfId::Aes128Xcbc,  "prfaesxcbc", "", 16, Should),
        pseudorandom(PrfId::HmacSha256,  "prfsha256",  "SHA-256", 32, Must, Accepted),
        pseudorandom(PrfId::HmacSha384,  "prfsha384",  "SHA-384", 48, Unlisted, Accepted),
        pseudorandom(PrfId::HmacSha512,  "prfsha512",  "SHA-512", 64, Should, Accepted),
        pseudorandom(PrfId::Aes128Cmac,  "prfaescmac", "", 16, Unlisted),

        mac(I::HmacMd5_96,     {"md5", "hmac-md5", "", "hmac(md5)"}, 16, 96, MustNot, MustNot),
        mac(I::HmacSha1_96,    {"sha1", "hmac-sha1", "", "hmac(sha1)"}, 20, 96, MustMinus, MustMinus),
        mac(I::AesXcbc96,      {"aesxcbc", "aes-xcbc-mac", "", "xcbc(aes)"}, 16, 96, Should, Should),
        mac(I::AesCmac96,      {"aescmac", "", "", "cmac(aes)"}, 16, 96, Unlisted, Unlisted),
        mac(I::HmacSha256_128, {"sha256", "hmac-sha256", "HMAC(SHA-256)", "hmac(sha256)"}, 32, 128, Must, Must, Accepted),
        mac(I::HmacSha384_192, {"sha384", "hmac-sha384", "HMAC(SHA-384)", "hmac(sha384)"}, 48, 192, Unlisted, Unlisted, Accepted),
        mac(I::HmacSha512_256, {"sha512", "hmac-sha512", "HMAC(SHA-512)", "hmac(sha512)"}, 64, 256, Should, Should, Accepted),

        group(K::Modp768,      "modp768",      "", 96, MustNot),
        group(K::Modp1024,     "modp1024",     "", 128, ShouldNot),
        group(K::Modp1536,     "modp1536",     "", 192, ShouldNot),
        group(K::Modp2048,     "modp2048",     "modp/ietf/2048", 256, Must, Accepted),
        group(K::Modp3072,     "modp3072",     "modp/ietf/3072", 384, Unlisted, Accepted),
        group(K::Modp4096,     "modp4096",     "modp/ietf/4096", 512, Unlisted, Accepted),
        group(K::Modp6144,     "modp6144",     "", 768, Unlisted),
        group(K::Modp8192,     "modp8192",     "", 1024, Unlisted),
        group(K::EcpP256,      "ecp256",       "secp256r1", 64, Should, Accepted),
        group(K::EcpP384,      "ecp384",       "secp384r1", 96, Unlisted, Accepted),
        group(K::EcpP521,      "ecp521",       "secp521r1", 132, Unlisted, Accepted),
        group(K::Modp1024s160, "modp1024s160", "", 128, MustNot),
        group(K::X25519,       "x25519",       "X25519", 32, Unlisted, Accepted),
        group(K::X448,         "x448",         "", 56, Unlisted),
        kem(K::MlKem512,     "mlkem512",     "ML-KEM-512", 800, 768, Accepted),
        kem(K::MlKem768,     "mlkem768",     "ML-KEM-768", 1184, 1088, Accepted),
        kem(K::MlKem1024,    "mlkem1024",    "ML-KEM-1024", 1568, 1568, Accepted),

        sequence_numbers(SequenceNumbersId::ThirtyTwoBit, "noesn"),
        sequence_numbers(SequenceNumbersId::Extended,     "esn"),
    });
}
// clang-format on

}  // namespace registry_rows

inline constexpr auto kTransforms = registry_rows::make();

// Null if the table does not know it; a row that is known may still not be implemented. `key_bits`
// is the value of the Key Length attribute, 0 if there is none.
[[nodiscard]] constexpr const TransformRow* transform_row(TransformType type, std::uint16_t id,
                                                          std::uint16_t key_bits = 0) {
    const auto matches = [&](const TransformRow& row) {
        return row.type == type && row.id == id && row.key_bits == key_bits;
    };
    const auto* const found = std::ranges::find_if(kTransforms, matches);
    return found == kTransforms.end() ? nullptr : found;
}

[[nodiscard]] constexpr const TransformRow* transform_row(EncryptionId id, std::uint16_t key_bits) {
    return transform_row(TransformType::Encryption, std::to_underlying(id), key_bits);
}
[[nodiscard]] constexpr const TransformRow* transform_row(PrfId id) {
    return transform_row(TransformType::Prf, std::to_underlying(id));
}
[[nodiscard]] constexpr const TransformRow* transform_row(IntegrityId id) {
    return transform_row(TransformType::Integrity, std::to_underlying(id));
}
[[nodiscard]] constexpr const TransformRow* transform_row(KeyExchangeMethod method) {
    return transform_row(TransformType::KeyExchange, std::to_underlying(method));
}
[[nodiscard]] constexpr const TransformRow* transform_row(SequenceNumbersId id) {
    return transform_row(TransformType::SequenceNumbers, std::to_underlying(id));
}

// By configuration word: "aes128gcm16", "prfsha256", "sha256", "x25519", "esn".
[[nodiscard]] constexpr const TransformRow* transform_row(std::string_view word) {
    const auto* const found = std::ranges::find(kTransforms, word, &TransformRow::word);
    return found == kTransforms.end() ? nullptr : found;
}

// By the word of setkey's -E or -A and the length of the key that came with it, salt included, in
// octets.
[[nodiscard]] constexpr const TransformRow* transform_row_of_setkey(
    TransformType type, std::string_view word, std::size_t key_and_salt_octets) {
    const auto matches = [&](const TransformRow& row) {
        return row.type == type && !word.empty() && row.setkey_word == word &&
               std::size_t{row.key_octets} + row.salt_octets == key_and_salt_octets;
    };
    const auto* const found = std::ranges::find_if(kTransforms, matches);
    return found == kTransforms.end() ? nullptr : found;
}

// By what the kernel says of an SA: its algorithm and the length of the key, salt included, in
// octets.
[[nodiscard]] constexpr const TransformRow* transform_row_of_kernel(
    std::string_view name, std::size_t key_and_salt_octets) {
    const auto matches = [&](const TransformRow& row) {
        return !name.empty() && row.kernel_name == name &&
               std::size_t{row.key_octets} + row.salt_octets == key_and_salt_octets;
    };
    const auto* const found = std::ranges::find_if(kTransforms, matches);
    return found == kTransforms.end() ? nullptr : found;
}

// Whether we offer and accept it.
[[nodiscard]] constexpr bool is_implemented(TransformType type, std::uint16_t id,
                                            std::uint16_t key_bits = 0) {
    const TransformRow* row = transform_row(type, id, key_bits);
    return row != nullptr && row->implemented;
}

namespace registry_rows {

constexpr bool precedes(const TransformRow& left, const TransformRow& right) {
    if (left.type != right.type) return left.type < right.type;
    if (left.id != right.id) return left.id < right.id;
    return left.key_bits < right.key_bits;
}

constexpr bool is_strictly_ordered() {
    return std::ranges::adjacent_find(kTransforms, [](const auto& left, const auto& right) {
               return !precedes(left, right);
           }) == kTransforms.end();
}

constexpr bool has_unique_words() {
    return std::ranges::all_of(kTransforms, [](const TransformRow& row) {
        return !row.word.empty() &&
               std::ranges::count(kTransforms, row.word, &TransformRow::word) == 1;
    });
}

constexpr bool has_unique_setkey_words() {
    for (const TransformRow& row : kTransforms) {
        const auto same = [&](const TransformRow& other) {
            return other.type == row.type && other.setkey_word == row.setkey_word &&
                   other.key_octets == row.key_octets;
        };
        if (!row.setkey_word.empty() && std::ranges::count_if(kTransforms, same) != 1) return false;
    }
    return true;
}

// RFC 8247 and RFC 8221: what MUST NOT be used, we neither offer nor accept.
constexpr bool refuses_what_must_not_be_used() {
    return std::ranges::none_of(kTransforms, [](const TransformRow& row) {
        return row.implemented &&
               (row.ike == Standing::MustNot || row.esp == Standing::MustNot ||
                row.ike == Standing::ShouldNot || row.esp == Standing::ShouldNot);
    });
}

constexpr bool names_what_is_implemented() {
    return std::ranges::all_of(kTransforms, [](const TransformRow& row) {
        if (!row.implemented || row.type == TransformType::SequenceNumbers) return true;
        const bool used_by_kernel =
            row.type == TransformType::Encryption || row.type == TransformType::Integrity;
        return !row.botan_name.empty() && (!used_by_kernel || !row.kernel_name.empty());
    });
}

static_assert(is_strictly_ordered(), "rows are sorted by type, id and key length, each once");
static_assert(has_unique_words());
static_assert(has_unique_setkey_words());
static_assert(refuses_what_must_not_be_used());
static_assert(names_what_is_implemented());

}  // namespace registry_rows

}  // namespace xfrmd::ike
