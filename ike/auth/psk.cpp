// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/psk.h"

#include <string_view>
#include <utility>

#include "ike/crypto/guarded.h"
#include "ike/crypto/prf.h"

namespace xfrmd::ike {

namespace {

// RFC 7296 §2.15: 17 ASCII characters without a terminator.
constexpr std::string_view kKeyPad = "Key Pad for IKEv2";

std::expected<Secret, CryptoError> guarded_prf(PrfId id, View key, View data) {
    return guarded(CryptoErrorCode::Internal, [&]() -> std::expected<Secret, CryptoError> {
        if (output_length(id) == 0)
            return std::unexpected{CryptoError{CryptoErrorCode::UnsupportedMethod,
                                               "the pseudorandom function is not implemented"}};
        return prf(id, key, data);
    });
}

}  // namespace

std::expected<Secret, CryptoError> maced_identity(PrfId prf, View sk_p,
                                                  const Identification& identity) {
    return guarded_prf(prf, sk_p, write_identification_body(identity));
}

std::expected<Secret, CryptoError> shared_key_mac(PrfId prf, View secret, View octets) {
    auto key = guarded_prf(prf, secret, as_view(kKeyPad));
    if (!key) return key;
    return guarded_prf(prf, key->view(), octets);
}

}  // namespace xfrmd::ike
