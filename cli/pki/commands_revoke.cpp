// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/runner.h"

#include <algorithm>
#include <format>
#include <system_error>
#include <utility>

#include "cli/pki/facts.h"
#include "cli/pki/report.h"
#include "cli/text.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

Outcome Runner::write_crl(const AuthorityFolder& folder, const Path& passphrase_file,
                          std::optional<Revocation> revocation, std::uint32_t days) {
    Bytes previous;
    std::error_code error;
    if (std::filesystem::exists(folder.crl(), error)) {
        const Bytes file = TRY(read_public(folder.crl()));
        previous = TRY(single(file, kCrlLabel));
    }
    std::string what;
    if (revocation) {
        const CertificateFacts facts = TRY(certificate_facts(revocation->certificate));
        const CrlFacts before = previous.empty() ? CrlFacts{} : TRY(crl_facts(previous));
        if (std::ranges::contains(before.revoked, facts.serial, &RevokedFacts::serial))
            return std::unexpected{std::format("{} (serial number {}) is revoked already",
                                               facts.subject, facts.serial)};
        what = std::format("{} (serial number {}) is revoked.\n", printable(facts.subject),
                           facts.serial);
    }
    const Authority authority = TRY(open_authority(folder, from(passphrase_file)));
    const Period lasts{now(), now() + std::int64_t{days} * kDay};
    const Bytes list =
        TRY(make_crl(authority.issuer, previous, std::move(revocation), lasts, random_));
    const std::string pem = to_pem(list, kCrlLabel);
    TRY_VOID(write_file(folder.crl(), as_view(pem), kPublicMode, Existing::Replace));
    const CrlFacts facts = TRY(crl_facts(list));
    print(what + std::format(
                     "{}: list {}, {} revoked, to be made anew before {}. Put it on every host "
                     "(crl_files of its trust), and run \"xfrmctl reload\" there.\n",
                     folder.crl().string(), facts.number, facts.revoked.size(),
                     ike::time_text(lasts.until).substr(0, 10)),
          std::format("{{\"crl_file\":{},\"crl\":{}}}", json_string(folder.crl().string()),
                      to_json(facts)));
    return ExitCode::Ok;
}

Outcome Runner::operator()(const command::Revoke& wanted) {
    const AuthorityFolder folder{wanted.ca};
    TRY_VOID(authority_certificates(folder));
    const AuthorityLock lock = TRY(AuthorityLock::take(folder));
    const auto reason = std::ranges::find(kReasons, wanted.reason, &ReasonRow::word);
    if (reason == kReasons.end())
        return std::unexpected{std::format("there is no reason \"{}\"", wanted.reason)};
    Bytes certificate = TRY(find_issued(folder, wanted.what));
    return write_crl(folder, wanted.ca_passphrase_file,
                     Revocation{std::move(certificate), reason->code}, wanted.days);
}

Outcome Runner::operator()(const command::Crl& wanted) {
    const AuthorityFolder folder{wanted.ca};
    TRY_VOID(authority_certificates(folder));
    const AuthorityLock lock = TRY(AuthorityLock::take(folder));
    return write_crl(folder, wanted.ca_passphrase_file, std::nullopt, wanted.days);
}

Outcome Runner::operator()(const command::List& wanted) {
    const AuthorityFolder folder{wanted.ca};
    TRY_VOID(authority_certificates(folder));
    CrlFacts crl;
    std::error_code error;
    if (std::filesystem::exists(folder.crl(), error)) {
        const Bytes file = TRY(read_public(folder.crl()));
        const Bytes list = TRY(single(file, kCrlLabel));
        crl = TRY(crl_facts(list));
    }
    std::vector<IssuedRow> rows;
    for (const Bytes& certificate : TRY(recorded(folder))) {
        CertificateFacts facts = TRY(certificate_facts(certificate));
        const bool revoked =
            std::ranges::contains(crl.revoked, facts.serial, &RevokedFacts::serial);
        rows.push_back({std::move(facts), revoked});
    }
    std::ranges::sort(rows, {}, [](const IssuedRow& row) { return row.facts.until; });
    if (!options_.json) session_.print(issued_text(rows, session_.scene()));
    if (options_.json)
        for (const IssuedRow& row : rows) session_.print(issued_json(row, options_.now()) + "\n");
    return ExitCode::Ok;
}

}  // namespace xfrmd::cli::pki
