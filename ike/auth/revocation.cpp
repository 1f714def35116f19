// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/revocation.h"

#include <botan/ber_dec.h>
#include <botan/pk_keys.h>
#include <botan/x509_crl.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <exception>
#include <string_view>

#include "ike/auth/pem.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::string_view kAuthorityKeyId = "2.5.29.35";
constexpr std::string_view kIssuerAlternativeName = "2.5.29.18";
constexpr std::string_view kCrlNumber = "2.5.29.20";
constexpr std::string_view kIssuingDistributionPoint = "2.5.29.28";
constexpr std::string_view kDeltaCrlIndicator = "2.5.29.27";

// RFC 5280 §5.2.5: what a list is limited to.
struct Scope {
    bool distribution_point = false;
    bool only_end_certificates = false;
    bool only_authorities = false;
    bool other_limit = false;  // reasons, indirect, attribute certificates
};

// Throws what the decoder throws.
Scope decode_scope(const std::vector<std::uint8_t>& der) {
    Scope scope;
    Botan::BER_Decoder decoder{der};
    Botan::BER_Decoder sequence = decoder.start_sequence();
    while (sequence.more_items()) {
        const Botan::BER_Object item = sequence.get_next_object();
        const bool is_true = item.length() == 1 && item.bits()[0] != 0;
        switch (static_cast<std::uint32_t>(item.type())) {
            case 0:
                scope.distribution_point = true;
                break;
            case 1:
                scope.only_end_certificates = is_true;
                break;
            case 2:
                scope.only_authorities = is_true;
                break;
            default:
                scope.other_limit = scope.other_limit || item.length() != 1 || is_true;
                break;
        }
    }
    return scope;
}

bool is_for(const Botan::X509_CRL& list, const Botan::X509_Certificate& issuer) {
    if (list.issuer_dn() != issuer.subject_dn()) return false;
    return list.authority_key_id().empty() || issuer.subject_key_id().empty() ||
           list.authority_key_id() == issuer.subject_key_id();
}

// The issuer made this list, in a way we accept.
bool is_genuine(const Botan::X509_CRL& list, const Botan::X509_Certificate& issuer) {
    const bool may_sign =
        !issuer.v3_extensions().extension_set(Botan::Cert_Extension::Key_Usage::static_oid()) ||
        issuer.constraints().includes(Botan::Key_Constraints::CrlSign);
    if (!may_sign || !check_signature_algorithm(list.signature_algorithm())) return false;
    const auto key = issuer.subject_public_key();
    return key && list.check_signature(*key);
}

bool share_distribution_point(const Botan::X509_CRL& list,
                              const Botan::X509_Certificate& certificate) {
    const std::vector<std::string> points = certificate.crl_distribution_points();
    return std::ranges::any_of(list.issuing_distribution_points(), [&](const std::string& point) {
        return std::ranges::contains(points, point);
    });
}

// The absence of this certificate from the list says that it is not revoked.
bool covers(const Botan::X509_CRL& list, const Botan::X509_Certificate& certificate) {
    for (const auto& [oid, extension] : list.extensions().extensions_raw()) {
        const std::string name = oid.to_string();
        const auto& [content, critical] = extension;
        if (name == kIssuingDistributionPoint) {
            const Scope scope = decode_scope(content);
            if (scope.other_limit) return false;
            if (scope.only_end_certificates && certificate.is_CA_cert()) return false;
            if (scope.only_authorities && !certificate.is_CA_cert()) return false;
            if (scope.distribution_point && !share_distribution_point(list, certificate))
                return false;
            continue;
        }
        if (name == kDeltaCrlIndicator) return false;
        const bool known =
            name == kAuthorityKeyId || name == kIssuerAlternativeName || name == kCrlNumber;
        if (critical && !known) return false;  // RFC 5280 §5.2
    }
    return true;
}

std::unexpected<CryptoError> refuse(CryptoErrorCode code, std::string what) {
    return std::unexpected{CryptoError{code, std::move(what)}};
}

}  // namespace

std::expected<std::vector<Botan::X509_CRL>, std::string> load_crls(std::span<const Bytes> inputs) {
    std::vector<Botan::X509_CRL> lists;
    std::size_t octets = 0;
    for (const Bytes& input : inputs) {
        octets += input.size();
        if (octets > certificate_limits::kCrlOctetsMax)
            return std::unexpected{std::string{"the revocation lists have more than 64 MiB"}};
        const std::vector<Bytes> found = TRY(decode_bundle(input, "X509 CRL"));
        if (found.empty())
            return std::unexpected{std::string{"there is no \"X509 CRL\" in the PEM text"}};
        for (const Bytes& der : found) {
            if (lists.size() == certificate_limits::kCrlsMax)
                return std::unexpected{std::string{"there are more than 256 revocation lists"}};
            try {
                lists.emplace_back(der);
            } catch (const std::exception&) {
                return std::unexpected{"revocation list " + std::to_string(lists.size() + 1) +
                                       " is malformed"};
            }
        }
    }
    return lists;
}

std::expected<void, CryptoError> check_revocation(const Botan::X509_Certificate& certificate,
                                                  const Botan::X509_Certificate& issuer,
                                                  std::span<const Botan::X509_CRL> lists,
                                                  CrlMode mode, std::int64_t now) {
    if (mode == CrlMode::Off) return {};
    const auto revoked = [&] {
        return refuse(CryptoErrorCode::CertificateRevoked,
                      describe(certificate) + " was revoked by " + describe(issuer));
    };
    bool covered = false;
    bool revoked_in_the_past = false;
    std::string why = "there is no revocation list of " + describe(issuer);
    for (const Botan::X509_CRL& list : lists) {
        if (!is_for(list, issuer)) continue;
        if (!is_genuine(list, issuer)) {
            why = "the revocation list of " + describe(issuer) + " is not validly signed by it";
            continue;
        }
        const bool listed = list.is_revoked(certificate);
        const std::int64_t from = seconds_of(list.this_update()).value_or(0);
        const auto until = seconds_of(list.next_update());
        if (now < from) {
            why = "the revocation list of " + describe(issuer) + " is valid only from " +
                  time_text(from);
        } else if (!until || now > *until) {
            revoked_in_the_past = revoked_in_the_past || listed;
            why = "the revocation list of " + describe(issuer) + " is out of date" +
                  (until ? " since " + time_text(*until) : std::string{});
        } else if (listed) {
            return revoked();
        } else if (!covers(list, certificate)) {
            why = "the revocation list of " + describe(issuer) +
                  " does not cover this kind of certificate";
        } else {
            covered = true;
        }
    }
    if (!covered && revoked_in_the_past) return revoked();
    if (mode == CrlMode::Require && !covered)
        return refuse(CryptoErrorCode::CertificateUnusable,
                      "whether " + describe(certificate) +
                          " is revoked is not known, and the trust requires it: " + why);
    return {};
}

}  // namespace xfrmd::ike
