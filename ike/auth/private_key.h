// SPDX-License-Identifier: Apache-2.0
// Private keys as operators have them, brought into one form.
#pragma once

#include <expected>
#include <string>

#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

struct LoadedPrivateKey {
    Secret private_key;     // PKCS#8 PrivateKeyInfo, DER
    Bytes public_key_info;  // SubjectPublicKeyInfo, DER
};

// PKCS#8, PKCS#1 or SEC 1, in PEM or DER, not encrypted, of a kind and strength that we sign with.
// The error is a sentence for people and has nothing of the key in it.
[[nodiscard]] std::expected<LoadedPrivateKey, std::string> load_private_key(View input);

}  // namespace xfrmd::ike
