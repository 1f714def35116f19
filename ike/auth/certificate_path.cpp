// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/certificate_path.h"

#include <botan/pkix_enums.h>
#include <botan/x509_crl.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>
#include <botan/x509path.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <format>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "ike/auth/name_constraints.h"
#include "ike/auth/pem.h"
#include "ike/auth/revocation.h"
#include "ike/auth/x509.h"
#include "ike/crypto/digest.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using Botan::Certificate_Status_Code;

struct Node {
    Botan::X509_Certificate certificate;
    CertificateNames names;
};

// What a peer sent: its end certificate and whatever else of it can be used.
struct Sent {
    std::vector<Node> nodes;
    std::string complaint;  // about the first of the others that cannot be used; empty if all can
};

// From the end certificate to an authority, which is the last.
using Path = std::vector<const Node*>;
using Verdict = std::expected<void, CryptoError>;

std::unexpected<CryptoError> refuse(CryptoErrorCode code, std::string what) {
    return std::unexpected{CryptoError{code, std::move(what)}};
}

std::expected<Node, std::string> load_node(View der) {
    Botan::X509_Certificate certificate = TRY(load_certificate(der));
    auto names = CertificateNames::of(certificate);
    if (!names) return std::unexpected{"is not usable: " + names.error()};
    return Node{std::move(certificate), *std::move(names)};
}

// By name, and by key identifier where both certificates have one: an authority may have several
// keys.
bool may_have_issued(const Node& issuer, const Node& subject) {
    const Botan::X509_Certificate& above = issuer.certificate;
    const Botan::X509_Certificate& below = subject.certificate;
    if (below.issuer_dn() != above.subject_dn()) return false;
    return below.authority_key_id().empty() || above.subject_key_id().empty() ||
           below.authority_key_id() == above.subject_key_id();
}

// Finds chains from the end certificate over what the peer sent to the authorities, each
// certificate at most once in a chain. No signature is verified here, so the number of steps and of
// chains found is bounded.
class PathSearch {
  public:
    PathSearch(const std::vector<Node>& sent, const std::vector<Node>& authorities)
        : sent_{sent}, authorities_{authorities} {}

    std::vector<Path> run() {
        Path path{&sent_.front()};
        extend(path);
        return std::move(found_);
    }

    // The issuer that was missing at the end of the longest chain, for people.
    [[nodiscard]] const Node* dead_end() const { return dead_end_; }

  private:
    void extend(Path& path) {
        namespace limits = certificate_limits;
        if (++steps_ > limits::kStepsMax || found_.size() == limits::kPathsMax) return;
        const Node& last = *path.back();
        for (const Node& authority : authorities_) {
            if (found_.size() == limits::kPathsMax) return;
            if (!may_have_issued(authority, last)) continue;
            found_.push_back(path);
            found_.back().push_back(&authority);
        }
        bool extended = false;
        for (const Node& next : sent_) {
            if (std::ranges::contains(path, &next) || !may_have_issued(next, last)) continue;
            extended = true;
            path.push_back(&next);
            extend(path);
            path.pop_back();
        }
        if (!extended && path.size() > longest_) {
            longest_ = path.size();
            dead_end_ = &last;
        }
    }

    const std::vector<Node>& sent_;
    const std::vector<Node>& authorities_;
    std::vector<Path> found_;
    std::size_t steps_ = 0;
    std::size_t longest_ = 0;
    const Node* dead_end_ = nullptr;
};

// What a status of Botan's check means to us; the gravest of a path is reported: the row nearest to
// the top.
struct StatusRow {
    Certificate_Status_Code status;
    CryptoErrorCode code;
    std::string_view what;
};

constexpr auto kStatuses = [] {
    using enum Certificate_Status_Code;
    using enum CryptoErrorCode;
    return std::to_array<StatusRow>({
        {SIGNATURE_ERROR, NoTrustedCertificate, "is not validly signed by its issuer"},
        {SIGNATURE_ALGO_UNKNOWN, NoTrustedCertificate, "is signed with an unknown algorithm"},
        {SIGNATURE_ALGO_BAD_PARAMS, NoTrustedCertificate, "is signed with unsuitable parameters"},
        {CHAIN_NAME_MISMATCH, NoTrustedCertificate, "does not name its issuer"},
        {CERT_PUBKEY_INVALID, CertificateUnusable, "was issued under an unusable key"},
        {SIGNATURE_METHOD_TOO_WEAK, CertificateUnusable, "was issued under a key that is too weak"},
        {UNTRUSTED_HASH, CertificateUnusable, "is signed with a hash function that is refused"},
        {CA_CERT_NOT_FOR_CERT_ISSUER, CertificateUnusable,
         "was issued by a certificate that is not an authority's"},
        {CERT_CHAIN_TOO_LONG, CertificateUnusable,
         "has more authorities below it than its path length allows"},
        {UNKNOWN_CRITICAL_EXTENSION, CertificateUnusable,
         "has a critical extension that is not known here"},
        {DUPLICATE_CERT_EXTENSION, CertificateUnusable, "has an extension twice"},
        {DUPLICATE_CERT_POLICY, CertificateUnusable, "has a policy twice"},
        {EXT_IN_V1_V2_CERT, CertificateUnusable, "has extensions but is not of version 3"},
        {V2_IDENTIFIERS_IN_V1_CERT, CertificateUnusable,
         "has identifiers of version 2 but is of version 1"},
        {INVALID_USAGE, CertificateUnusable,
         "has a key usage that contradicts its basic constraints"},
        {POLICY_ERROR, CertificateUnusable, "violates a policy"},
    });
}();

// What we look at ourselves, with the dates and names for the message.
bool is_checked_here(Certificate_Status_Code status) {
    return status == Certificate_Status_Code::NAME_CONSTRAINT_ERROR ||
           status == Certificate_Status_Code::CERT_HAS_EXPIRED ||
           status == Certificate_Status_Code::CERT_NOT_YET_VALID;
}

// RFC 5280 §6.1.1 (d): of an authority we take the name and the key from the configuration; by whom
// its certificate is signed, itself or somebody above it, is of no consequence.
bool is_about_own_signature(Certificate_Status_Code status) {
    using enum Certificate_Status_Code;
    return status == CHAIN_LACKS_TRUST_ROOT || status == CHAIN_NAME_MISMATCH ||
           status == SIGNATURE_ERROR || status == SIGNATURE_ALGO_UNKNOWN ||
           status == SIGNATURE_ALGO_BAD_PARAMS || status == UNTRUSTED_HASH;
}

Verdict judge(const Path& path, const Botan::CertificatePathStatusCodes& statuses) {
    const StatusRow* gravest = nullptr;
    std::size_t whose = 0;
    for (std::size_t i = 0; i < path.size() && i < statuses.size(); ++i) {
        for (const Certificate_Status_Code status : statuses[i]) {
            if (status < Certificate_Status_Code::FIRST_ERROR_STATUS || is_checked_here(status))
                continue;
            if (i + 1 == path.size() && is_about_own_signature(status)) continue;
            const auto row = std::ranges::find(kStatuses, status, &StatusRow::status);
            if (row == kStatuses.end())
                return refuse(CryptoErrorCode::CertificateUnusable,
                              describe(path[i]->certificate) + ": " + Botan::to_string(status));
            if (gravest && gravest <= &*row) continue;
            gravest = &*row;
            whose = i;
        }
    }
    if (!gravest) return {};
    return refuse(gravest->code,
                  describe(path[whose]->certificate) + " " + std::string{gravest->what});
}

// Signatures, authority flags, path lengths, critical extensions: RFC 5280 §6.1.3 and §6.1.4.
Verdict check_signatures(const Path& path, std::int64_t now) {
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        const Botan::X509_Certificate& certificate = path[i]->certificate;
        if (const auto allowed = check_signature_algorithm(certificate.signature_algorithm());
            !allowed)
            return refuse(CryptoErrorCode::CertificateUnusable,
                          describe(certificate) + " " + allowed.error());
        if (i == 0) continue;
        if (const auto authority = check_authority_usage(certificate); !authority)
            return refuse(CryptoErrorCode::CertificateUnusable,
                          describe(certificate) + " " + authority.error() + ", yet has issued " +
                              describe(path[i - 1]->certificate));
    }
    std::vector<Botan::X509_Certificate> certificates;
    for (const Node* node : path) certificates.push_back(node->certificate);
    constexpr std::size_t kKeyStrengthMin = 110;  // RSA 2048
    const Botan::Path_Validation_Restrictions restrictions{
        false, kKeyStrengthMin, false, std::set<std::string>{"SHA-256", "SHA-384", "SHA-512"}};
    constexpr std::int64_t kLatest =
        7258118399;  // 2199-12-31T23:59:59Z, about as far as Botan's calendar reaches
    const std::chrono::sys_seconds when{
        std::chrono::seconds{std::clamp<std::int64_t>(now, 0, kLatest)}};
    return judge(path, Botan::PKIX::check_chain(certificates, when, "",
                                                Botan::Usage_Type::UNSPECIFIED, restrictions));
}

Verdict check_validity(const Path& path, std::int64_t now) {
    for (const Node* node : path) {
        const Botan::X509_Certificate& certificate = node->certificate;
        const auto from = seconds_of(certificate.not_before());
        const auto until = seconds_of(certificate.not_after());
        if (!from || !until)
            return refuse(CryptoErrorCode::CertificateUnusable,
                          describe(certificate) + " has no period of validity");
        if (now > *until)
            return refuse(CryptoErrorCode::CertificateExpired, describe(certificate) + " expired " +
                                                                   time_text(*until) + " (it is " +
                                                                   time_text(now) + ")");
        if (now < *from)
            return refuse(CryptoErrorCode::CertificateNotYetValid,
                          describe(certificate) + " is valid only from " + time_text(*from) +
                              " (it is " + time_text(now) + ")");
    }
    return {};
}

bool is_self_issued(const Node& node) {
    return node.certificate.issuer_dn() == node.certificate.subject_dn();
}

// RFC 5280 §6.1.3 (b) and (c), §6.1.4 (g).
Verdict check_name_constraints(const Path& path) {
    const Botan::OID oid = Botan::Cert_Extension::Name_Constraints::static_oid();
    for (std::size_t i = path.size(); i-- > 0;) {
        const Botan::X509_Certificate& authority = path[i]->certificate;
        if (!authority.v3_extensions().extension_set(oid)) continue;
        const auto constraints =
            NameConstraints::parse(authority.v3_extensions().get_extension_bits(oid));
        if (i == 0 || !constraints)
            return refuse(CryptoErrorCode::CertificateUnusable,
                          describe(authority) + ": " +
                              (constraints ? "only authorities may have name constraints"
                                           : constraints.error()));
        for (std::size_t below = 0; below < i; ++below) {
            if (below > 0 && is_self_issued(*path[below])) continue;
            if (const auto allowed = constraints->check(path[below]->names); !allowed)
                return refuse(CryptoErrorCode::CertificateUnusable,
                              describe(path[below]->certificate) + ": " + allowed.error() + " (" +
                                  describe(authority) + ")");
        }
    }
    return {};
}

Verdict check_usage(const Path& path) {
    const Botan::X509_Certificate& end = path.front()->certificate;
    if (const auto usable = check_end_usage(end); !usable)
        return refuse(CryptoErrorCode::CertificateUnusable, describe(end) + " " + usable.error());
    return {};
}

VerifiedPath verified(const Path& path) {
    VerifiedPath result;
    result.names = path.front()->names;
    result.subject = result.names.subject.to_string();
    result.public_key_info = path.front()->certificate.subject_public_key_info();
    result.not_after = std::numeric_limits<std::int64_t>::max();
    for (const Node* node : path)
        result.not_after =
            std::min(result.not_after, seconds_of(node->certificate.not_after()).value_or(0));
    return result;
}

}  // namespace

struct Trust::State {
    std::string name;
    std::vector<Node> authorities;
    std::vector<Botan::X509_CRL> crls;
    CrlMode mode = CrlMode::Off;
    std::vector<Bytes> key_hashes;

    [[nodiscard]] std::expected<Sent, CryptoError> load(std::span<const Bytes> certificates) const;
    [[nodiscard]] std::expected<VerifiedPath, CryptoError> verify(const Sent& sent,
                                                                  std::int64_t now) const;
    [[nodiscard]] std::expected<VerifiedPath, CryptoError> verify(const Path& path,
                                                                  std::int64_t now) const;
};

Trust::Trust(std::unique_ptr<State> state) : state_{std::move(state)} {}
Trust::Trust(Trust&&) noexcept = default;
Trust& Trust::operator=(Trust&&) noexcept = default;
Trust::~Trust() = default;

std::expected<Trust, std::string> Trust::load(std::string name, View authorities,
                                              std::span<const Bytes> crls, CrlMode mode) {
    auto state = std::make_unique<State>();
    state->name = std::move(name);
    state->mode = mode;
    if (authorities.size() > certificate_limits::kBundleOctetsMax)
        return std::unexpected{std::string{"the file of authorities has more than 4 MiB"}};
    const std::vector<Bytes> bundle = TRY(decode_bundle(authorities, "CERTIFICATE"));
    if (bundle.empty())
        return std::unexpected{std::string{"there is no \"CERTIFICATE\" in the PEM text"}};
    if (bundle.size() > certificate_limits::kAuthoritiesMax)
        return std::unexpected{std::string{"there are more than 256 authorities"}};
    for (const Bytes& der : bundle) {
        auto node = load_node(der);
        const std::string number = std::to_string(state->authorities.size() + 1);
        if (!node) return std::unexpected{"certificate " + number + " " + node.error()};
        if (const auto usable = check_authority_usage(node->certificate); !usable)
            return std::unexpected{describe(node->certificate) + " " + usable.error() +
                                   "; only authorities can be trusted to certify peers"};
        Bytes hash = to_bytes(sha1(node->certificate.subject_public_key_info()));
        if (!std::ranges::contains(state->key_hashes, hash))
            state->key_hashes.push_back(std::move(hash));
        state->authorities.push_back(*std::move(node));
    }
    state->crls = TRY(load_crls(crls));
    return Trust{std::move(state)};
}

const std::vector<Bytes>& Trust::key_hashes() const {
    return state_->key_hashes;
}

std::expected<VerifiedPath, CryptoError> Trust::verify(std::span<const Bytes> certificates,
                                                       WallTime now) const {
    try {
        const Sent sent = TRY(state_->load(certificates));
        return state_->verify(sent, now.seconds);
    } catch (const std::exception&) {
        return refuse(CryptoErrorCode::CertificateUnusable,
                      "the certificates of the peer cannot be processed");
    }
}

std::expected<Sent, CryptoError> Trust::State::load(std::span<const Bytes> certificates) const {
    namespace limits = certificate_limits;
    if (certificates.empty())
        return refuse(CryptoErrorCode::NoTrustedCertificate, "the peer sent no certificate");
    if (certificates.size() > limits::kCertificatesMax)
        return refuse(CryptoErrorCode::CertificateUnusable,
                      std::format("the peer sent {} certificates, at most {} are accepted",
                                  certificates.size(), limits::kCertificatesMax));
    Sent sent;
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        if (std::ranges::contains(certificates.first(i), certificates[i])) continue;
        auto node = load_node(certificates[i]);
        if (!node) {
            std::string complaint =
                std::format("certificate {} of the peer {}", i + 1, node.error());
            if (i == 0) return refuse(CryptoErrorCode::CertificateUnusable, std::move(complaint));
            if (sent.complaint.empty()) sent.complaint = std::move(complaint);
            continue;
        }
        // Authorities that are sent along are not needed, and would only make more chains.
        if (i > 0 && std::ranges::contains(authorities, node->certificate, &Node::certificate))
            continue;
        sent.nodes.push_back(*std::move(node));
    }
    return sent;
}

std::expected<VerifiedPath, CryptoError> Trust::State::verify(const Sent& sent,
                                                              std::int64_t now) const {
    PathSearch search{sent.nodes, authorities};
    const std::vector<Path> paths = search.run();
    if (paths.empty()) {
        const Node& end = sent.nodes.front();
        const Node& stuck = search.dead_end() ? *search.dead_end() : end;
        std::string what = "no chain leads from " + describe(end.certificate) +
                           " to an authority of trust \"" + name + "\": the issuer of " +
                           describe(stuck.certificate) +
                           " is neither an authority nor among the certificates sent";
        if (sent.complaint.empty())
            return refuse(CryptoErrorCode::NoTrustedCertificate, std::move(what));
        return refuse(CryptoErrorCode::CertificateUnusable,
                      std::move(what) + "; " + sent.complaint);
    }
    std::optional<CryptoError> first;
    for (const Path& path : paths) {
        auto result = verify(path, now);
        if (result) return result;
        if (!first) first = std::move(result).error();
    }
    return std::unexpected{*std::move(first)};
}

std::expected<VerifiedPath, CryptoError> Trust::State::verify(const Path& path,
                                                              std::int64_t now) const {
    TRY_VOID(check_signatures(path, now));
    TRY_VOID(check_validity(path, now));
    TRY_VOID(check_usage(path));
    TRY_VOID(check_name_constraints(path));
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
        TRY_VOID(check_revocation(path[i]->certificate, path[i + 1]->certificate, crls, mode, now));
    return verified(path);
}

}  // namespace xfrmd::ike
