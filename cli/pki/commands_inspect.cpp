// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/runner.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <system_error>
#include <utility>

#include "cli/pki/facts.h"
#include "cli/pki/passphrase.h"
#include "cli/pki/pkcs12.h"
#include "cli/pki/report.h"
#include "cli/pki/verify.h"
#include "cli/text.h"
#include "cli/times.h"
#include "ike/auth/pem.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

Made<std::int64_t> moment(const std::string& at, std::int64_t now) {
    if (at.empty()) return now;
    const auto time = parse_rfc3339(at.contains('T') ? at : at + "T00:00:00Z");
    if (!time)
        return std::unexpected{
            std::format("\"{}\" is no time: write 2027-01-31, or 2027-01-31T12:00:00Z", at)};
    return std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
}

}  // namespace

Outcome Runner::operator()(const command::Show& wanted) {
    bool first = true;
    for (const Path& file : wanted.files) {
        const Secret content = TRY(read_any(file));
        auto all = file_facts(content.view());
        if (!all) return std::unexpected{std::format("{}: {}", file.string(), all.error())};
        for (const Facts& facts : *all) {
            const std::string gap = std::exchange(first, false) ? "" : "\n";
            print(gap + to_text(facts, session_.scene()), to_json(facts));
        }
    }
    return ExitCode::Ok;
}

Outcome Runner::operator()(const command::Verify& wanted) {
    Question question;
    question.id = wanted.id;
    question.now = TRY(moment(wanted.at, now()));
    question.crl_mode = wanted.require_crl ? ike::CrlMode::Require : ike::CrlMode::IfAvailable;
    question.certificates = TRY(read_public(wanted.file));
    std::vector<Path> crls = wanted.crls;
    if (wanted.trust.empty()) {
        const AuthorityFolder folder{wanted.ca};
        TRY_VOID(authority_certificates(folder));
        question.authorities = TRY(read_public(folder.certificate()));
        std::error_code error;
        if (std::filesystem::exists(folder.crl(), error)) crls.push_back(folder.crl());
    }
    for (const Path& file : wanted.trust) append(question.authorities, TRY(read_public(file)));
    for (const Path& file : crls) question.crls.push_back(TRY(read_public(file)));
    const Verdict verdict = TRY(verify(question));
    const std::string until = verdict.until == 0 ? "" : ike::time_text(verdict.until);
    const std::string names = joined(verdict.identities);
    const std::string text =
        verdict.accepted
            ? std::format("accepted: a peer with this certificate may call itself {}, until {}\n",
                          printable(names), until)
            : std::format("refused: {}{}\n", printable(verdict.reason),
                          names.empty() ? "" : "; it is about " + printable(names));
    print(text,
          std::format("{{\"accepted\":{},\"reason\":{},\"identities\":{},\"until\":{}}}",
                      verdict.accepted, json_string(verdict.reason), json_array(verdict.identities),
                      until.empty() ? "null" : json_string(until)));
    return verdict.accepted ? ExitCode::Ok : ExitCode::Failed;
}

Outcome Runner::operator()(const command::Export& wanted) {
    Path out = wanted.out;
    if (out.empty()) out = Path{wanted.certificate}.replace_extension(".p12");
    TRY_VOID(must_not_exist(out, existing(wanted.force)));
    std::vector<Bytes> certificates;
    std::vector<Path> files{wanted.certificate};
    files.insert(files.end(), wanted.chain.begin(), wanted.chain.end());
    for (const Path& file : files) {
        const Bytes content = TRY(read_public(file));
        for (Bytes& der : TRY(ike::decode_bundle(content, kCertificateLabel)))
            if (!std::ranges::contains(certificates, der)) certificates.push_back(std::move(der));
    }
    const ike::LoadedPrivateKey key = TRY(open_key(wanted.key, from(wanted.key_passphrase_file)));
    if (certificates.empty() || !is_about_key(certificates.front(), key.public_key_info))
        return std::unexpected{
            std::format("the key {} does not belong to the first certificate of {}",
                        wanted.key.string(), wanted.certificate.string())};
    const Secret passphrase = TRY(get_passphrase(wanted.passphrase_file, out.string(), true));
    const std::string name = wanted.certificate.stem().string();
    const Bytes content = TRY(make_pkcs12(
        {.friendly_name = name, .key = key, .certificates = certificates, .passphrase = passphrase},
        random_));
    TRY_VOID(write_file(out, content, kPrivateMode, existing(wanted.force)));
    print(std::format("{}: the key and {} certificate{}, encrypted with the passphrase\n",
                      out.string(), certificates.size(), certificates.size() == 1 ? "" : "s"),
          std::format("{{\"file\":{},\"certificates\":{}}}", json_string(out.string()),
                      certificates.size()));
    return ExitCode::Ok;
}

}  // namespace xfrmd::cli::pki
