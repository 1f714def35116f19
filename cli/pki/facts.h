// SPDX-License-Identifier: Apache-2.0
// What a certificate, a request, a revocation list or a key says, as plain values for people and
// for JSON. Nothing is verified here, and bad ones can be looked at too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netlink/model/octets.h"

namespace xfrmd::cli::pki {

struct CertificateFacts {
    std::string subject;  // RFC 4514 text
    std::string common_name;
    std::string issuer;
    bool self_issued = false;
    std::string serial;     // hexadecimal
    std::int64_t from = 0;  // seconds since 1970
    std::int64_t until = 0;
    std::string key;  // "ECDSA P-256"
    std::string signature;
    std::vector<std::string> identities;  // as they may be written for `id`
    std::vector<std::string> usages;
    std::vector<std::string> extended_usages;
    bool authority = false;
    std::optional<std::size_t> path_length;
    std::string fingerprint;     // SHA-256 of the certificate
    std::string subject_key_id;  // empty if there is none
    // Why xfrmd takes it neither for a host nor, if it is an authority's, for an authority; a
    // predicate, empty if it does.
    std::string complaint;
};

struct RequestFacts {
    std::string subject;
    std::string key;
    std::vector<std::string> identities;
    std::vector<std::string> left_out;
};

struct RevokedFacts {
    std::string serial;
    std::int64_t at = 0;
    std::string reason;
};

struct CrlFacts {
    std::string issuer;
    std::uint32_t number = 0;
    std::int64_t this_update = 0;
    std::optional<std::int64_t> next_update;
    std::vector<RevokedFacts> revoked;
};

struct KeyFacts {
    bool encrypted = false;  // then nothing else is known
    std::string key;
    std::string public_key_hash;  // SHA-256 of the SubjectPublicKeyInfo
};

using Facts = std::variant<CertificateFacts, RequestFacts, CrlFacts, KeyFacts>;

// Each from DER; the error is a sentence.
[[nodiscard]] std::expected<CertificateFacts, std::string> certificate_facts(View der);
[[nodiscard]] std::expected<CrlFacts, std::string> crl_facts(View der);

// All that a file holds, PEM or DER, in its order.
[[nodiscard]] std::expected<std::vector<Facts>, std::string> file_facts(View file);

}  // namespace xfrmd::cli::pki
