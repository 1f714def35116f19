// SPDX-License-Identifier: Apache-2.0
// Private keys: made, written with or without a passphrase, and read again.
#pragma once

#include <botan/rng.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "ike/auth/private_key.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::cli::pki {

enum class KeyType : std::uint8_t { EcdsaP256, EcdsaP384, EcdsaP521, Ed25519, Rsa3072, Rsa4096 };

struct KeyTypeRow {
    KeyType type;
    std::string_view word;        // on the command line
    std::string_view algorithm;   // Botan's name
    std::string_view parameters;  // likewise
};

// The first is the default: every IKE implementation that knows elliptic curves knows P-256, and
// some know no Ed25519 (RFC 8420).
inline constexpr auto kKeyTypes = std::to_array<KeyTypeRow>({
    {KeyType::EcdsaP256, "ecdsa-p256", "ECDSA", "secp256r1"},
    {KeyType::EcdsaP384, "ecdsa-p384", "ECDSA", "secp384r1"},
    {KeyType::EcdsaP521, "ecdsa-p521", "ECDSA", "secp521r1"},
    {KeyType::Ed25519, "ed25519", "Ed25519", ""},
    {KeyType::Rsa3072, "rsa-3072", "RSA", "3072"},
    {KeyType::Rsa4096, "rsa-4096", "RSA", "4096"},
});

inline constexpr std::size_t kKeyFileOctetsMax = 64 * 1024;

[[nodiscard]] std::expected<ike::LoadedPrivateKey, std::string> make_key(
    KeyType type, Botan::RandomNumberGenerator& random);

// The text of a PEM file: PKCS#8, with a passphrase encrypted by PBES2 (RFC 8018) with AES-256-CBC
// and PBKDF2-HMAC-SHA-256, which openssl and GnuTLS read.
[[nodiscard]] std::expected<Secret, std::string> to_key_file(const ike::LoadedPrivateKey& key,
                                                             const Secret* passphrase,
                                                             Botan::RandomNumberGenerator& random);

// Whether the file holds a key that needs a passphrase, as far as can be seen.
[[nodiscard]] bool is_encrypted_key(View file);
// Any form that xfrmd reads, and encrypted PKCS#8. `passphrase` may be null for a key that is not
// encrypted.
[[nodiscard]] std::expected<ike::LoadedPrivateKey, std::string> read_key(View file,
                                                                         const Secret* passphrase);

}  // namespace xfrmd::cli::pki
