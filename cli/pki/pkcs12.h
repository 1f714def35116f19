// SPDX-License-Identifier: Apache-2.0
// A private key and its certificates in one file for other systems: PKCS#12, RFC 7292.
#pragma once

#include <botan/rng.h>

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "ike/auth/private_key.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::cli::pki {

struct Pkcs12 {
    std::string_view friendly_name;  // shown by whoever imports it; ASCII, else it is left out
    const ike::LoadedPrivateKey& key;
    std::span<const Bytes> certificates;  // DER, that of the key first
    const Secret& passphrase;             // printable ASCII: others are encoded in several ways
};

// The key is encrypted by PBES2 with AES-256-CBC, the whole is authenticated by HMAC-SHA-256;
// certificates are public and stay readable. OpenSSL 1.1.1, GnuTLS and NSS read it, and Windows
// since 10 (1809). The error is a sentence.
[[nodiscard]] std::expected<Bytes, std::string> make_pkcs12(const Pkcs12& content,
                                                            Botan::RandomNumberGenerator& random);

}  // namespace xfrmd::cli::pki
