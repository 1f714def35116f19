// SPDX-License-Identifier: Apache-2.0
// Whom we trust to certify peers, and the check of a peer's certificate chain. RFC 5280 §6,
// RFC 4945 §5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ike/auth/certificate_names.h"
#include "ike/crypto/job.h"
#include "ike/time.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// Bounds of what a peer's certificates can make us do; checked before any of it is decoded or
// verified.
namespace certificate_limits {
inline constexpr std::size_t kCertificatesMax = 8;
inline constexpr std::size_t kCertificateOctetsMax = 64 * 1024;
inline constexpr std::size_t kRsaExponentBitsMax = 64;
inline constexpr std::size_t kPathsMax = 4;    // candidate paths whose signatures are verified
inline constexpr std::size_t kStepsMax = 256;  // steps of the search for them
// What the operator gives us.
inline constexpr std::size_t kAuthoritiesMax = 256;
inline constexpr std::size_t kBundleOctetsMax = 4 * 1024 * 1024;
inline constexpr std::size_t kCrlOctetsMax = 64 * 1024 * 1024;
inline constexpr std::size_t kCrlsMax = 256;
}  // namespace certificate_limits

// Off: CRLs are not looked at. IfAvailable: a CRL that we have counts. Require: every certificate
// of the path must be covered by a current CRL of its issuer.
enum class CrlMode : std::uint8_t { Off, IfAvailable, Require };

// A chain that leads to one of our authorities.
struct VerifiedPath {
    std::string subject;         // of the end certificate, RFC 4514 text
    std::int64_t not_after = 0;  // seconds since 1970: the earliest end of validity in the path
    CertificateNames names;      // of the end certificate
    Bytes public_key_info;       // its SubjectPublicKeyInfo, DER
};

// The authorities of one configured trust with their revocation lists. Nothing else is ever
// trusted, and nothing is fetched.
class Trust {
  public:
    // `authorities`: PEM certificates, or one DER certificate. `crls`: each PEM (one or more lists)
    // or DER. The error is a sentence for people.
    static std::expected<Trust, std::string> load(std::string name, View authorities,
                                                  std::span<const Bytes> crls, CrlMode mode);
    Trust(Trust&&) noexcept;
    Trust& operator=(Trust&&) noexcept;
    Trust(const Trust&) = delete;
    Trust& operator=(const Trust&) = delete;
    ~Trust();

    // `certificates`: DER, the end certificate first. Never throws. The error's text names the
    // certificate.
    [[nodiscard]] std::expected<VerifiedPath, CryptoError> verify(
        std::span<const Bytes> certificates, WallTime now) const;

    // SHA-1 of each authority's SubjectPublicKeyInfo: RFC 7296 §3.7.
    [[nodiscard]] const std::vector<Bytes>& key_hashes() const;

  private:
    struct State;
    explicit Trust(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace xfrmd::ike
