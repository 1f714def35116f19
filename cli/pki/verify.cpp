// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/verify.h"

#include <algorithm>
#include <format>

#include "cli/pki/certificate.h"
#include "ike/auth/identity_match.h"
#include "ike/auth/pem.h"
#include "ike/identity.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

// The identities of this certificate that the pattern accepts, as the daemon would look for them.
bool accepts(const ike::IdentityPattern& pattern, const ike::CertificateNames& names) {
    const std::vector<ike::Identity> identities = names.identities();
    if (std::ranges::any_of(identities, [&](const ike::Identity& identity) {
            return pattern.matches(identity) && ike::is_bound_to(identity, names);
        }))
        return true;
    // A key id stands in no list of names.
    return pattern.exact() && ike::is_bound_to(*pattern.exact(), names);
}

}  // namespace

std::expected<Verdict, std::string> verify(const Question& question) {
    const auto trust =
        TRY(ike::Trust::load("given here", question.authorities, question.crls, question.crl_mode));
    const auto pattern =
        question.id ? ike::IdentityPattern::parse(*question.id)
                    : std::expected<ike::IdentityPattern, std::string>{ike::IdentityPattern::any()};
    if (!pattern) return std::unexpected{pattern.error()};
    const std::vector<Bytes> certificates =
        TRY(ike::decode_bundle(question.certificates, kCertificateLabel));
    if (certificates.empty())
        return std::unexpected{std::string{"there is no \"CERTIFICATE\" in the PEM text"}};
    Verdict verdict;
    const auto path = trust.verify(certificates, ike::WallTime{question.now});
    if (!path) {
        verdict.reason = path.error().what;
        return verdict;
    }
    verdict.subject = path->subject;
    verdict.until = path->not_after;
    for (const ike::Identity& identity : path->names.identities())
        verdict.identities.push_back(ike::to_string(identity));
    verdict.accepted = accepts(*pattern, path->names);
    if (!verdict.accepted)
        verdict.reason = std::format("the certificate is good, but not about \"{}\"", *question.id);
    return verdict;
}

}  // namespace xfrmd::cli::pki
