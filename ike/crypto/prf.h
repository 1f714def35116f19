// SPDX-License-Identifier: Apache-2.0
// The pseudorandom functions: HMAC over SHA-2. RFC 2104, RFC 4868, RFC 7296 §2.13.
#pragma once

#include <cstddef>
#include <expected>
#include <span>

#include "ike/crypto/job.h"
#include "ike/wire/transform_ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// Octets that prf() gives, which is also the length of SK_d, SK_pi and SK_pr. 0 if not implemented.
[[nodiscard]] std::size_t output_length(PrfId id);

// Keys and data of any length. Empty if `id` is not implemented, which no usable suite is: whoever
// takes the number from elsewhere must look.
[[nodiscard]] Secret prf(PrfId id, View key, View data);
// The same over the parts of the data, one after another.
[[nodiscard]] Secret prf(PrfId id, View key, std::span<const View> parts);

// prf+ of RFC 7296 §2.13. More than 255 times the output length cannot be had:
// CryptoErrorCode::Internal.
[[nodiscard]] std::expected<Secret, CryptoError> prf_plus(PrfId id, View key, View seed,
                                                          std::size_t length);

}  // namespace xfrmd::ike
