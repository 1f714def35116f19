// SPDX-License-Identifier: Apache-2.0
// Makes certificates, requests for them, and revocation lists: values in, DER out. RFC 5280,
// RFC 2986, RFC 4945 §5.1.
#pragma once

#include <botan/rng.h>

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ike/auth/distinguished_name.h"
#include "ike/auth/private_key.h"
#include "ike/identity.h"
#include "netlink/model/octets.h"

namespace xfrmd::cli::pki {

template <class T>
using Made = std::expected<T, std::string>;  // the error is a sentence

// Seconds since 1970, both included.
struct Period {
    std::int64_t from = 0;
    std::int64_t until = 0;
};

// Whom a certificate is about.
struct Holder {
    ike::DistinguishedName subject;
    std::vector<ike::Identity>
        names;  // for SubjectAltName: domain names, mail addresses, IP addresses, DNs
};

// What a host's certificate may be used for beside signing in IKE: peers that look at the extended
// key usage ask for one of these (RFC 4945 §5.1.3.12).
struct UsageRow {
    std::string_view word;
    std::string_view oid;
};
inline constexpr auto kUsages = std::to_array<UsageRow>({
    {"serverAuth", "1.3.6.1.5.5.7.3.1"},
    {"clientAuth", "1.3.6.1.5.5.7.3.2"},
    {"ipsecIKE", "1.3.6.1.5.5.7.3.17"},
});

// A certificate with its private key: who signs.
struct Issuer {
    Bytes certificate;  // DER
    ike::LoadedPrivateKey key;
};

// All results are DER, without a line of text.

[[nodiscard]] Made<Bytes> make_root(const ike::DistinguishedName& subject, Period period,
                                    const ike::LoadedPrivateKey& key,
                                    Botan::RandomNumberGenerator& random);

// `path_length`: how many authorities may stand below this one.
[[nodiscard]] Made<Bytes> issue_authority(const Issuer& issuer,
                                          const ike::DistinguishedName& subject, Period period,
                                          std::uint32_t path_length, View public_key_info,
                                          Botan::RandomNumberGenerator& random);

// `usages`: words of kUsages; none leaves the extended key usage out, which allows every use.
[[nodiscard]] Made<Bytes> issue(const Issuer& issuer, const Holder& holder, Period period,
                                std::span<const std::string> usages, View public_key_info,
                                Botan::RandomNumberGenerator& random);

[[nodiscard]] Made<Bytes> make_request(const Holder& holder, const ike::LoadedPrivateKey& key,
                                       Botan::RandomNumberGenerator& random);

// What a request asks for, signed by the key that it is about.
struct Request {
    Holder holder;
    std::vector<std::string> left_out;  // names that IKE has no use for, as text
    Bytes public_key_info;
};
// PEM or DER.
[[nodiscard]] Made<Request> read_request(View file);

// Why a certificate is revoked, RFC 5280 §5.3.1, and the words for it.
struct ReasonRow {
    std::string_view word;
    std::uint32_t code;
};
inline constexpr auto kReasons = std::to_array<ReasonRow>({
    {"unspecified", 0},
    {"keyCompromise", 1},
    {"cACompromise", 2},
    {"affiliationChanged", 3},
    {"superseded", 4},
    {"cessationOfOperation", 5},
    {"privilegeWithdrawn", 9},
});

struct Revocation {
    Bytes certificate;  // DER
    std::uint32_t reason = 0;
};

// `previous`: the list before, DER, whose entries go on and whose number is followed; empty for the
// first.
[[nodiscard]] Made<Bytes> make_crl(const Issuer& issuer, View previous,
                                   std::optional<Revocation> revocation, Period period,
                                   Botan::RandomNumberGenerator& random);

// Whether a certificate (DER) is about this key.
[[nodiscard]] bool is_about_key(View certificate, View public_key_info);

// The one block of this kind, or what is no PEM as it is.
[[nodiscard]] Made<Bytes> single(View file, std::string_view label);
[[nodiscard]] std::string to_pem(View der, std::string_view label);

inline constexpr std::string_view kCertificateLabel = "CERTIFICATE";
inline constexpr std::string_view kRequestLabel = "CERTIFICATE REQUEST";
inline constexpr std::string_view kCrlLabel = "X509 CRL";

}  // namespace xfrmd::cli::pki
