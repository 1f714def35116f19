// SPDX-License-Identifier: Apache-2.0
// What proves identities: our private keys and certificates, shared secrets, and the authorities we
// trust, each under the name that the configuration gives it. Filled once per load; reading from
// several threads is safe.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ike/auth/certificate_path.h"
#include "ike/identity.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

struct CredentialError {
    std::string what;  // a sentence for people, without the name of the file
};

// One of our identities: a private key and the certificates that go with it.
struct LocalIdentity {
    Secret private_key;  // PKCS#8 PrivateKeyInfo, DER
    // DER: end certificate, then intermediates up to, but without, the root.
    std::vector<Bytes> chain;
    CertificateNames names;       // of the end certificate
    std::int64_t not_before = 0;  // of the end certificate, seconds since 1970
    std::int64_t not_after = 0;
};

class CredentialStore {
  public:
    CredentialStore() = default;
    CredentialStore(CredentialStore&&) noexcept = default;
    CredentialStore& operator=(CredentialStore&&) noexcept = default;
    CredentialStore(const CredentialStore&) = delete;
    CredentialStore& operator=(const CredentialStore&) = delete;
    ~CredentialStore() = default;

    static constexpr std::size_t kSecretOctetsMax = 4096;
    static constexpr std::size_t kPrivateKeyOctetsMax = 64 * 1024;

    // A pre-shared key, octet by octet as it is used.
    std::expected<void, CredentialError> add_secret(std::string_view name, Secret secret);
    // `private_key`: PKCS#8 or traditional (PKCS#1, SEC 1), PEM or PKCS#8 DER, not encrypted.
    // `certificates`: PEM in any order, or one DER certificate. Checks that the key and one of the
    // certificates belong together.
    std::expected<void, CredentialError> add_identity(std::string_view name, View private_key,
                                                      View certificates);
    // The same with the certificates in DER.
    std::expected<void, CredentialError> add_identity(std::string_view name, View private_key,
                                                      std::span<const Bytes> certificates);
    // `authorities` and `crls` as Trust::load() takes them.
    std::expected<void, CredentialError> add_trust(std::string_view name, View authorities,
                                                   std::span<const Bytes> crls, CrlMode mode);

    // Nothing if there is none of this name.
    [[nodiscard]] const Secret* secret(std::string_view name) const;
    [[nodiscard]] const LocalIdentity* identity(std::string_view name) const;
    [[nodiscard]] const Trust* trust(std::string_view name) const;

    // DER, end certificate first, without the root.
    [[nodiscard]] std::expected<std::vector<Bytes>, CredentialError> chain_of(
        std::string_view identity) const;
    // Every identity that the end certificate carries, as ID payloads.
    [[nodiscard]] std::expected<std::vector<Identity>, CredentialError> identities_in_certificate(
        std::string_view identity) const;
    // The first DNS name, else the first mail address, IP address, directory name, else the
    // subject.
    [[nodiscard]] std::expected<Identity, CredentialError> default_identity(
        std::string_view identity) const;
    // Whether peers will find this ID in the certificate. A DN in another order counts, see
    // as_certified().
    [[nodiscard]] bool certifies(std::string_view identity, const Identity& id) const;
    // The ID just as the certificate has it (a DN in the certificate's order and encoding): what to
    // send.
    [[nodiscard]] std::expected<Identity, CredentialError> as_certified(std::string_view identity,
                                                                        const Identity& id) const;
    // SHA-1 of each authority's SubjectPublicKeyInfo, for CERTREQ: RFC 7296 §3.7.
    [[nodiscard]] std::expected<std::vector<Bytes>, CredentialError> authority_key_hashes(
        std::string_view trust) const;

  private:
    std::map<std::string, Secret, std::less<>> secrets_;
    std::map<std::string, LocalIdentity, std::less<>> identities_;
    std::map<std::string, Trust, std::less<>> trusts_;
};

}  // namespace xfrmd::ike
