// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/runner.h"

#include <unistd.h>

#include <algorithm>
#include <format>
#include <utility>

#include "cli/pki/facts.h"
#include "cli/pki/passphrase.h"
#include "cli/pki/report.h"
#include "cli/pki/verify.h"
#include "cli/pki/wish.h"
#include "cli/text.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

// Clocks differ: a certificate made here is valid at once on a host that is a little behind.
constexpr std::int64_t kHeadStart = 60 * 60;
constexpr std::uint32_t kHostDays = 365;

// A file and what is to be in it.
struct Output {
    Path path;
    View content;
    mode_t mode = kPublicMode;
};

// Both, or, where nothing was to be replaced, neither.
Made<void> write_both(const Output& key, const Output& certificate, Existing policy) {
    TRY_VOID(write_file(key.path, key.content, key.mode, policy));
    auto written = write_file(certificate.path, certificate.content, certificate.mode, policy);
    if (!written && policy == Existing::Keep) ::unlink(key.path.c_str());
    return written;
}

std::string pem_of(View certificate, const std::vector<Bytes>& chain) {
    std::string text = to_pem(certificate, kCertificateLabel);
    for (const Bytes& above : chain) text += to_pem(above, kCertificateLabel);
    return text;
}

}  // namespace

Made<Period> Runner::period(std::optional<std::uint32_t> asked, std::uint32_t usual,
                            View authority) const {
    const CertificateFacts facts = TRY(certificate_facts(authority));
    if (now() > facts.until)
        return std::unexpected{
            std::format("the authority {} expired {}", facts.subject, ike::time_text(facts.until))};
    Period wanted{std::max(now() - kHeadStart, facts.from),
                  now() + std::int64_t{asked.value_or(usual)} * kDay};
    if (!asked) wanted.until = std::min(wanted.until, facts.until);
    return wanted;
}

Made<Secret> Runner::key_text(const ike::LoadedPrivateKey& key, const NewKey& how,
                              const Path& file) {
    if (!how.encrypt) return to_key_file(key, nullptr, random_);
    const Secret passphrase =
        TRY(get_passphrase(how.passphrase_file, "the new key " + file.string(), true));
    return to_key_file(key, &passphrase, random_);
}

Made<void> Runner::check_issued(const Authority& authority, View certificate) const {
    Question question;
    question.certificates = to_bytes(certificate);
    question.authorities = authority.issuer.certificate;
    question.now = now();
    const Verdict verdict = TRY(verify(question));
    if (verdict.accepted) return {};
    return std::unexpected{"xfrmd would not accept what was to be issued: " + verdict.reason};
}

Outcome Runner::operator()(const command::Init& init) {
    const AuthorityFolder folder{init.ca};
    const Existing policy = existing(init.force);
    const ike::DistinguishedName subject = TRY(parse_subject(init.subject));
    TRY_VOID(must_not_exist(folder.key(), policy));
    TRY_VOID(must_not_exist(folder.certificate(), policy));
    std::optional<Authority> parent;
    if (init.parent)
        parent = TRY(open_authority({*init.parent}, from(init.parent_passphrase_file)));
    const ike::LoadedPrivateKey key = TRY(make_key(init.key.type, random_));
    const Secret text = TRY(key_text(key, init.key, folder.key()));
    Bytes certificate;
    if (parent) {
        const Period lasts = TRY(period({}, init.days, parent->issuer.certificate));
        certificate = TRY(issue_authority(parent->issuer, subject, lasts, init.path_length,
                                          key.public_key_info, random_));
    } else {
        const Period lasts{now() - kHeadStart, now() + std::int64_t{init.days} * kDay};
        certificate = TRY(make_root(subject, lasts, key, random_));
    }
    TRY_VOID(make_folder(folder));
    if (parent) TRY_VOID(record({*init.parent}, certificate));
    const std::string chain = pem_of(certificate, parent ? parent->chain : std::vector<Bytes>{});
    TRY_VOID(write_both({folder.key(), text.view(), kPrivateMode},
                        {folder.certificate(), as_view(chain)}, policy));
    const CertificateFacts facts = TRY(certificate_facts(certificate));
    print(
        std::format("{} may certify until {}:\n  {}  its certificate, for every host that is to "
                    "trust it\n  {}  its private key{}: keep it here, and a copy in a safe place\n",
                    printable(facts.subject), ike::time_text(facts.until).substr(0, 10),
                    folder.certificate().string(), folder.key().string(),
                    init.key.encrypt ? " (encrypted)" : ""),
        std::format("{{\"certificate_file\":{},\"key_file\":{},\"certificate\":{}}}",
                    json_string(folder.certificate().string()), json_string(folder.key().string()),
                    to_json(facts)));
    return ExitCode::Ok;
}

Outcome Runner::tell_issued(View certificate, const Path& certificate_file, const Path& key_file,
                            const AuthorityFolder& folder, const std::string& notes) {
    const CertificateFacts facts = TRY(certificate_facts(certificate));
    const auto name = [](const Path& path) { return path.filename().string(); };
    const std::string key_line = key_file.empty()
                                     ? std::string{}
                                     : std::format("  key = \"/etc/xfrmd/{}\"\n", name(key_file));
    print(
        std::format(
            "{} certifies {} until {}: {}{}\n{}"
            "Put {}{} and {} into /etc/xfrmd of that host, the key by install -o xfrmd -m 0600,\nand write there:\n"
            "  [identity.host]\n  cert = \"/etc/xfrmd/{}\"\n{}"
            "  [trust.fleet]\n  ca = [\"/etc/xfrmd/{}\"]\n",
            printable(facts.issuer), printable(joined(facts.identities)),
            ike::time_text(facts.until).substr(0, 10), certificate_file.string(),
            key_file.empty() ? "" : " and " + key_file.string(), notes, name(certificate_file),
            key_file.empty() ? "" : ", " + name(key_file), folder.certificate().string(),
            name(certificate_file), key_line, name(folder.certificate())),
        std::format("{{\"certificate_file\":{},\"key_file\":{},\"certificate\":{}}}",
                    json_string(certificate_file.string()),
                    key_file.empty() ? "null" : json_string(key_file.string()), to_json(facts)));
    return ExitCode::Ok;
}

Outcome Runner::operator()(const command::Issue& wanted) {
    const AuthorityFolder folder{wanted.ca};
    const Existing policy = existing(wanted.force);
    const Path certificate_file = wanted.out / (wanted.name + ".pem");
    const Path key_file = wanted.out / (wanted.name + ".key");
    TRY_VOID(check_file_name(wanted.name));
    const Holder holder = TRY(holder_of(wanted.wish, wanted.name));
    TRY_VOID(must_not_exist(key_file, policy));
    TRY_VOID(must_not_exist(certificate_file, policy));
    const Authority authority = TRY(open_authority(folder, from(wanted.ca_passphrase_file)));
    const Period lasts = TRY(period(wanted.days, kHostDays, authority.issuer.certificate));
    const ike::LoadedPrivateKey key = TRY(make_key(wanted.key.type, random_));
    const Secret text = TRY(key_text(key, wanted.key, key_file));
    const Bytes certificate =
        TRY(issue(authority.issuer, holder, lasts, wanted.usages, key.public_key_info, random_));
    TRY_VOID(check_issued(authority, certificate));
    TRY_VOID(record(folder, certificate));
    const std::string chain = pem_of(certificate, authority.chain);
    TRY_VOID(write_both({key_file, text.view(), kPrivateMode}, {certificate_file, as_view(chain)},
                        policy));
    const std::string notes =
        wanted.key.encrypt ? "The key is encrypted: xfrmd reads only keys that are not, so decrypt "
                             "it on the host.\n"
                           : "";
    return tell_issued(certificate, certificate_file, key_file, folder, notes);
}

Outcome Runner::operator()(const command::Request& wanted) {
    const Existing policy = existing(wanted.force);
    const Path request_file = wanted.out / (wanted.name + ".csr");
    const Path key_file = wanted.out / (wanted.name + ".key");
    TRY_VOID(check_file_name(wanted.name));
    const Holder holder = TRY(holder_of(wanted.wish, wanted.name));
    TRY_VOID(must_not_exist(key_file, policy));
    TRY_VOID(must_not_exist(request_file, policy));
    const ike::LoadedPrivateKey key = TRY(make_key(wanted.key.type, random_));
    const Secret text = TRY(key_text(key, wanted.key, key_file));
    const Bytes request = TRY(make_request(holder, key, random_));
    const std::string pem = to_pem(request, kRequestLabel);
    TRY_VOID(
        write_both({key_file, text.view(), kPrivateMode}, {request_file, as_view(pem)}, policy));
    print(std::format("The private key {} stays here. Take {} to the authority, and run there:\n"
                      "  xfrmctl pki sign {}\n",
                      key_file.string(), request_file.string(), request_file.filename().string()),
          std::format("{{\"request_file\":{},\"key_file\":{}}}", json_string(request_file.string()),
                      json_string(key_file.string())));
    return ExitCode::Ok;
}

Outcome Runner::operator()(const command::Sign& wanted) {
    const AuthorityFolder folder{wanted.ca};
    const Existing policy = existing(wanted.force);
    Path certificate_file = wanted.out;
    if (certificate_file.empty()) certificate_file = Path{wanted.request}.replace_extension(".pem");
    const Bytes file = TRY(read_public(wanted.request));
    Request request = TRY(read_request(file));
    if (!wanted.wish.subject.empty())
        request.holder.subject = TRY(parse_subject(wanted.wish.subject));
    if (wanted.wish.has_names()) request.holder.names = TRY(names_of(wanted.wish));
    TRY_VOID(must_not_exist(certificate_file, policy));
    const Authority authority = TRY(open_authority(folder, from(wanted.ca_passphrase_file)));
    const Period lasts = TRY(period(wanted.days, kHostDays, authority.issuer.certificate));
    const Bytes certificate = TRY(issue(authority.issuer, request.holder, lasts, wanted.usages,
                                        request.public_key_info, random_));
    TRY_VOID(check_issued(authority, certificate));
    TRY_VOID(record(folder, certificate));
    const std::string chain = pem_of(certificate, authority.chain);
    TRY_VOID(write_file(certificate_file, as_view(chain), kPublicMode, policy));
    const bool names_left_out = !request.left_out.empty() && !wanted.wish.has_names();
    const std::string notes =
        names_left_out ? std::format(
                             "Names that it asked for and that IKE has no use for were left "
                             "out: {}\n",
                             joined(request.left_out))
                       : "";
    return tell_issued(certificate, certificate_file, {}, folder, notes);
}

}  // namespace xfrmd::cli::pki
