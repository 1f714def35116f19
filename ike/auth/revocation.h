// SPDX-License-Identifier: Apache-2.0
// Certificate revocation lists that the operator gave us. RFC 5280 §5, §6.3.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "ike/auth/certificate_path.h"
#include "ike/crypto/job.h"

namespace Botan {
class X509_Certificate;
class X509_CRL;
}  // namespace Botan

namespace xfrmd::ike {

// Each input holds PEM (one or more lists) or one list in DER. The error is a sentence for people.
[[nodiscard]] std::expected<std::vector<Botan::X509_CRL>, std::string> load_crls(
    std::span<const Bytes> inputs);

// Whether `certificate`, whose issuer is `issuer`, may be used. A list that is out of date vouches
// for nothing, but what it names stays revoked unless a current list says otherwise.
[[nodiscard]] std::expected<void, CryptoError> check_revocation(
    const Botan::X509_Certificate& certificate, const Botan::X509_Certificate& issuer,
    std::span<const Botan::X509_CRL> lists, CrlMode mode, std::int64_t now);

}  // namespace xfrmd::ike
