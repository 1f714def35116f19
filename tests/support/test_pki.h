// SPDX-License-Identifier: Apache-2.0
// Certificates made at test time: authorities, hosts and revocation lists, the same every time for
// the same seed. Good ones by default; every way of being bad is a field of CertificateOptions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/model/octets.h"

namespace xfrmd::test {

enum class KeyKind : std::uint8_t {
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Rsa1024,
    Rsa2048,
    Rsa3072,
    Ed25519
};

// The moment most tests happen at: 2026-06-01T00:00:00Z, seconds since 1970.
inline constexpr std::int64_t kNow = 1780272000;
inline constexpr std::int64_t kDay = 86400;

// One subtree of a name-constraints extension: the tag of the GeneralName and its content octets.
struct Subtree {
    std::uint8_t tag = 2;
    Bytes value;
};

struct ExtraExtension {
    std::string oid;
    bool critical = false;
    Bytes value;
};

struct CertificateOptions {
    std::string subject = "CN=host, O=Test";  // RFC 4514
    KeyKind key = KeyKind::EcdsaP256;
    // Another key than the one that `key` and the subject give: same subject, new key.
    std::string key_name;
    std::string hash;      // of the issuer's signature; empty: what suits its key
    bool rsa_pss = false;  // the issuer signs with RSASSA-PSS
    std::int64_t not_before = kNow - 30 * kDay;
    std::int64_t not_after = kNow + 365 * kDay;
    bool authority = false;
    bool basic_constraints = true;  // false: leave the extension out
    std::optional<std::uint32_t> path_length;
    std::vector<std::string>
        key_usage;  // "digitalSignature", "nonRepudiation", "keyEncipherment",
                    // "keyCertSign", "cRLSign"; empty: what suits, "none": left out
    std::vector<std::string> extended_key_usage;  // dotted OIDs
    std::vector<std::string> dns;
    std::vector<std::string> email;
    std::vector<std::string> addresses;        // IPv4 and IPv6
    std::vector<std::string> directory_names;  // RFC 4514
    std::vector<std::string> uris;
    std::vector<Subtree> permitted;
    std::vector<Subtree> excluded;
    bool key_identifiers = true;  // SubjectKeyIdentifier and AuthorityKeyIdentifier
    std::vector<ExtraExtension> extra;
};

// A certificate with its private key.
struct Credential {
    std::string subject;
    KeyKind kind = KeyKind::EcdsaP256;
    Bytes certificate;  // DER
    Bytes private_key;  // PKCS#8, DER
    std::string certificate_pem;
    std::string private_key_pem;      // PKCS#8
    std::string traditional_key_pem;  // "RSA PRIVATE KEY" or "EC PRIVATE KEY"; empty for Ed25519
};

struct CrlOptions {
    std::vector<Credential> revoked;
    std::int64_t this_update = kNow - kDay;
    std::optional<std::int64_t> next_update = kNow + 7 * kDay;
    std::string hash;  // empty: what suits the issuer's key
    bool key_identifier = true;
    std::vector<ExtraExtension> extra;
};

class TestPki {
  public:
    // Two of the same seed make the same keys and certificates.
    explicit TestPki(std::uint64_t seed);
    TestPki(const TestPki&) = delete;
    TestPki& operator=(const TestPki&) = delete;
    ~TestPki();

    // A self-signed authority; `authority` is set.
    Credential make_root(CertificateOptions options);
    // Issued by `issuer`.
    Credential make(const Credential& issuer, const CertificateOptions& options);
    // Short forms: an ECDSA P-256 root, an intermediate, a host with one DNS name and the subject
    // "CN=<name>, O=Test".
    Credential make_root(std::string_view common_name, KeyKind key = KeyKind::EcdsaP256);
    Credential make_intermediate(const Credential& issuer, std::string_view common_name,
                                 KeyKind key = KeyKind::EcdsaP256);
    Credential make_host(const Credential& issuer, std::string_view dns_name,
                         KeyKind key = KeyKind::EcdsaP256);

    // A revocation list of this authority, DER.
    Bytes make_crl(const Credential& issuer, const CrlOptions& options = {});

    // The private key, encrypted with a passphrase, PKCS#8 PEM.
    std::string encrypted_key_pem(const Credential& credential);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] std::string to_pem(View der, std::string_view label);
// The text of a file with all these certificates.
[[nodiscard]] Bytes certificates_pem(const std::vector<Credential>& credentials);

}  // namespace xfrmd::test
