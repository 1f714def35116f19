// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder share.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ike/auth/certificate_path.h"
#include "ike/auth/credentials.h"
#include "ike/crypto/job.h"
#include "ike/identity.h"
#include "tests/support/test_pki.h"

namespace xfrmd::ike::test {

using xfrmd::test::CertificateOptions;
using xfrmd::test::Credential;
using xfrmd::test::CrlOptions;
using xfrmd::test::ExtraExtension;
using xfrmd::test::kDay;
using xfrmd::test::KeyKind;
using xfrmd::test::kNow;
using xfrmd::test::Subtree;
using xfrmd::test::TestPki;

inline constexpr WallTime kToday{kNow};

// Octets of a file with this text.
Bytes file(std::string_view text);
// Octets from hexadecimal digits.
Bytes hex(std::string_view digits);

// Fails the test if the text is no identity.
Identity identity(std::string_view text);

// A trust in the certificates of these authorities. Fails the test if it cannot be made.
Trust trust_in(std::initializer_list<Credential> authorities, const std::vector<Bytes>& crls = {},
               CrlMode mode = CrlMode::IfAvailable);

// The DER of these certificates, in order.
std::vector<Bytes> chain(std::initializer_list<Credential> credentials);

// The outcome in one line: "ok", or the error's code and text.
std::string verdict(const std::expected<VerifiedPath, CryptoError>& result);
std::string code_name(CryptoErrorCode code);

// 32 octets, different for different numbers.
Secret seed(std::uint8_t number);

}  // namespace xfrmd::ike::test
