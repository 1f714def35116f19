// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/auth/fixture.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/test_pki.h"

namespace xfrmd::ike::test {

Bytes file(std::string_view text) {
    return to_bytes(as_view(text));
}

Bytes hex(std::string_view digits) {
    REQUIRE(digits.size() % 2 == 0);
    Bytes octets;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        octets.push_back(
            static_cast<std::uint8_t>(std::stoul(std::string{digits.substr(i, 2)}, nullptr, 16)));
    return octets;
}

Identity identity(std::string_view text) {
    const auto parsed = parse_identity(text);
    INFO(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

Trust trust_in(std::initializer_list<Credential> authorities, const std::vector<Bytes>& crls,
               CrlMode mode) {
    auto trust = Trust::load("fleet", xfrmd::test::certificates_pem(authorities), crls, mode);
    INFO((trust ? "" : trust.error()));
    REQUIRE(trust.has_value());
    return *std::move(trust);
}

std::vector<Bytes> chain(std::initializer_list<Credential> credentials) {
    std::vector<Bytes> certificates;
    for (const Credential& credential : credentials) certificates.push_back(credential.certificate);
    return certificates;
}

std::string code_name(CryptoErrorCode code) {
    switch (code) {
        case CryptoErrorCode::InvalidPeerShare:
            return "InvalidPeerShare";
        case CryptoErrorCode::UnknownSecret:
            return "UnknownSecret";
        case CryptoErrorCode::UnknownIdentity:
            return "UnknownIdentity";
        case CryptoErrorCode::UnsupportedMethod:
            return "UnsupportedMethod";
        case CryptoErrorCode::NoCommonSignature:
            return "NoCommonSignature";
        case CryptoErrorCode::NoTrustedCertificate:
            return "NoTrustedCertificate";
        case CryptoErrorCode::CertificateExpired:
            return "CertificateExpired";
        case CryptoErrorCode::CertificateNotYetValid:
            return "CertificateNotYetValid";
        case CryptoErrorCode::CertificateRevoked:
            return "CertificateRevoked";
        case CryptoErrorCode::CertificateUnusable:
            return "CertificateUnusable";
        case CryptoErrorCode::IdentityNotInCertificate:
            return "IdentityNotInCertificate";
        case CryptoErrorCode::SignatureInvalid:
            return "SignatureInvalid";
        case CryptoErrorCode::Internal:
            return "Internal";
    }
    return "?";
}

std::string verdict(const std::expected<VerifiedPath, CryptoError>& result) {
    return result ? "ok" : code_name(result.error().code) + ": " + result.error().what;
}

Secret seed(std::uint8_t number) {
    return Secret{Bytes(32, number)};
}

}  // namespace xfrmd::ike::test
