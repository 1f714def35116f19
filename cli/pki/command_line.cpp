// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/pki/certificate.h"

namespace xfrmd::cli::pki {

namespace {

using Chosen = std::function<void(Command)>;

constexpr std::uint32_t kDaysMax = 36'500;

template <class Rows>
std::vector<std::string> words_of(const Rows& rows) {
    std::vector<std::string> words;
    for (const auto& row : rows) words.emplace_back(row.word);
    return words;
}

// A subcommand whose options fill a value of `Kind`, which is handed over after parsing.
template <class Kind>
std::pair<CLI::App*, std::shared_ptr<Kind>> add(CLI::App& pki, const char* word,
                                                const char* description, const Chosen& chosen) {
    CLI::App* const sub = pki.add_subcommand(word, description);
    const auto value = std::make_shared<Kind>();
    sub->callback([value, chosen] { chosen(*value); });
    return {sub, value};
}

void add_authority(CLI::App& sub, Path& folder) {
    folder = kDefaultAuthority;
    sub.add_option("--ca", folder, "Folder of the authority")
        ->envname("XFRMCTL_CA")
        ->type_name("FOLDER")
        ->capture_default_str();
}

void add_authority_with_key(CLI::App& sub, Path& folder, Path& passphrase_file) {
    add_authority(sub, folder);
    sub.add_option("--ca-passphrase-file", passphrase_file,
                   "File with the passphrase of the authority's key; else the terminal is asked")
        ->type_name("FILE");
}

void add_force(CLI::App& sub, bool& force) {
    sub.add_flag("--force", force, "Replace files that exist");
}

void add_days(CLI::Option* option) {
    option->type_name("DAYS")->check(CLI::Range(std::uint32_t{1}, kDaysMax).description(""));
}

void add_new_key(CLI::App& sub, NewKey& key) {
    const auto by_word = [&key](const std::string& word) {
        key.type = std::ranges::find(kKeyTypes, word, &KeyTypeRow::word)->type;
    };
    sub.add_option_function<std::string>("--key", by_word, "Kind of the new key")
        ->check(CLI::IsMember{words_of(kKeyTypes)})
        ->type_name("KIND")
        ->default_str(std::string{kKeyTypes.front().word});
    CLI::Option* const encrypt =
        sub.add_flag("--encrypt", key.encrypt, "Encrypt the new key with a passphrase");
    sub.add_option("--passphrase-file", key.passphrase_file,
                   "File with that passphrase; else the terminal is asked")
        ->type_name("FILE")
        ->needs(encrypt);
}

void add_wish(CLI::App& sub, Wish& wish) {
    sub.add_option("--subject", wish.subject, "Distinguished name, such as \"CN=db1, O=Example\"")
        ->type_name("DN");
    // One value for each, so that a NAME may follow.
    const auto repeated = [&sub](const char* option, std::vector<std::string>& to,
                                 const char* description, const char* type) {
        sub.add_option(option, to, description)->type_name(type)->allow_extra_args(false);
    };
    repeated("--dns", wish.dns, "A domain name; may be given several times", "NAME");
    repeated("--ip", wish.addresses, "An IP address; likewise", "ADDRESS");
    repeated("--email", wish.emails, "A mail address; likewise", "ADDRESS");
}

void add_usages(CLI::App& sub, std::vector<std::string>& usages) {
    usages = words_of(kUsages);
    std::vector<std::string> words = usages;
    words.emplace_back("none");
    sub.add_option_function<std::vector<std::string>>(
           "--usage",
           [&usages](const std::vector<std::string>& given) {
               usages = given;
               std::erase(usages, "none");
           },
           "Extended key usage; may be given several times; all three unless given")
        ->check(CLI::IsMember{words})
        ->type_name("USAGE")
        ->allow_extra_args(false);
}

void declare_init(CLI::App& pki, const Chosen& chosen) {
    const auto [sub, init] =
        add<command::Init>(pki, "init", "Makes an authority: a key and a certificate", chosen);
    add_authority(*sub, init->ca);
    sub->add_option("--subject", init->subject,
                    "Its distinguished name, such as \"CN=Fleet CA, O=Example\"")
        ->required()
        ->type_name("DN");
    CLI::Option* const parent =
        sub->add_option("--parent", init->parent, "Folder of the authority above; a root without")
            ->type_name("FOLDER");
    sub->add_option("--parent-passphrase-file", init->parent_passphrase_file,
                    "File with the passphrase of its key")
        ->type_name("FILE")
        ->needs(parent);
    sub->add_option("--path-length", init->path_length,
                    "How many authorities may stand below one that is no root")
        ->needs(parent)
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{0}, std::uint32_t{7}).description(""))
        ->capture_default_str();
    add_new_key(*sub, init->key);
    add_days(sub->add_option("--days", init->days, "How long it is valid")->capture_default_str());
    add_force(*sub, init->force);
}

void declare_issue(CLI::App& pki, const Chosen& chosen) {
    const auto [sub, issue] = add<command::Issue>(
        pki, "issue", "Makes a key and a certificate for a host: NAME.key and NAME.pem", chosen);
    sub->add_option("NAME", issue->name,
                    "Of the files; also the host's name if it is a domain name, an IP address or a "
                    "mail address and no other is given")
        ->required();
    add_authority_with_key(*sub, issue->ca, issue->ca_passphrase_file);
    add_wish(*sub, issue->wish);
    add_usages(*sub, issue->usages);
    add_new_key(*sub, issue->key);
    add_days(sub->add_option("--days", issue->days,
                             "How long it is valid; 365, or as long as the authority"));
    sub->add_option("--out", issue->out, "Folder for the files; the current one without")
        ->type_name("FOLDER");
    add_force(*sub, issue->force);
}

void declare_request(CLI::App& pki, const Chosen& chosen) {
    const auto [sub, request] = add<command::Request>(
        pki, "request",
        "Makes a key, and a request for its certificate, so that the key stays where it is made: "
        "NAME.key and NAME.csr",
        chosen);
    sub->add_option("NAME", request->name, "As for issue")->required();
    add_wish(*sub, request->wish);
    add_new_key(*sub, request->key);
    sub->add_option("--out", request->out, "Folder for the files; the current one without")
        ->type_name("FOLDER");
    add_force(*sub, request->force);
}

void declare_sign(CLI::App& pki, const Chosen& chosen) {
    const auto [sub, sign] = add<command::Sign>(
        pki, "sign", "Makes a certificate from a request; look at it first with show", chosen);
    sub->add_option("REQUEST", sign->request, "File with the request (PKCS#10)")
        ->required()
        ->type_name("FILE");
    add_authority_with_key(*sub, sign->ca, sign->ca_passphrase_file);
    add_wish(*sub, sign->wish);
    add_usages(*sub, sign->usages);
    add_days(sub->add_option("--days", sign->days,
                             "How long it is valid; 365, or as long as the authority"));
    sub->add_option("--out", sign->out, "File for the certificate; beside the request without")
        ->type_name("FILE");
    add_force(*sub, sign->force);
}

void declare_revocation(CLI::App& pki, const Chosen& chosen) {
    const auto [revoke, revoked] = add<command::Revoke>(
        pki, "revoke", "Revokes a certificate, and makes the revocation list anew", chosen);
    revoke
        ->add_option("WHAT", revoked->what,
                     "A name, a serial number, or a file with the certificate")
        ->required();
    add_authority_with_key(*revoke, revoked->ca, revoked->ca_passphrase_file);
    revoked->reason = kReasons.front().word;
    revoke->add_option("--reason", revoked->reason, "Why")
        ->check(CLI::IsMember{words_of(kReasons)})
        ->type_name("REASON")
        ->capture_default_str();
    add_days(revoke->add_option("--days", revoked->days, "How long the list is valid")
                 ->capture_default_str());

    const auto [crl, list] = add<command::Crl>(
        pki, "crl", "Makes the revocation list anew, before it is out of date", chosen);
    add_authority_with_key(*crl, list->ca, list->ca_passphrase_file);
    add_days(
        crl->add_option("--days", list->days, "How long the list is valid")->capture_default_str());
}

void declare_looking(CLI::App& pki, const Chosen& chosen) {
    const auto [list, listed] =
        add<command::List>(pki, "list", "Lists what the authority has issued", chosen);
    add_authority(*list, listed->ca);

    const auto [show, shown] = add<command::Show>(
        pki, "show", "Shows certificates, requests, revocation lists and keys", chosen);
    show->add_option("FILE", shown->files, "PEM or DER")->required()->type_name("FILE");

    const auto [verify, verified] = add<command::Verify>(
        pki, "verify", "Whether xfrmd would accept a peer with this certificate, and why not",
        chosen);
    verify->add_option("FILE", verified->file, "The certificate, then intermediates")
        ->required()
        ->type_name("FILE");
    add_authority(*verify, verified->ca);
    verify
        ->add_option("--trust", verified->trust,
                     "File with trusted authorities, instead of --ca; may be given several times")
        ->type_name("FILE")
        ->allow_extra_args(false);
    verify->add_option("--crl", verified->crls, "File with revocation lists; likewise")
        ->type_name("FILE")
        ->allow_extra_args(false);
    verify->add_flag("--require-crl", verified->require_crl,
                     "Refuse what no current revocation list covers, as crl = \"require\" does");
    verify->add_option("--id", verified->id, "Whether it is about this peer, as `id` is written")
        ->type_name("ID");
    verify->add_option("--at", verified->at, "At this time: 2027-01-31, or 2027-01-31T12:00:00Z")
        ->type_name("TIME");
}

void declare_export(CLI::App& pki, const Chosen& chosen) {
    const auto [sub, exported] = add<command::Export>(
        pki, "export", "Puts a key and its certificates into one file for other systems: PKCS#12",
        chosen);
    sub->add_option("CERTIFICATE", exported->certificate, "File with the certificate")
        ->required()
        ->type_name("FILE");
    sub->add_option("KEY", exported->key, "File with its private key")
        ->required()
        ->type_name("FILE");
    sub->add_option("--chain", exported->chain,
                    "File with further certificates, such as ca/ca.pem; may be given several times")
        ->type_name("FILE")
        ->allow_extra_args(false);
    sub->add_option("--out", exported->out,
                    "The new file; the certificate's name with .p12 without")
        ->type_name("FILE");
    sub->add_option("--passphrase-file", exported->passphrase_file,
                    "File with the passphrase of the new file; else the terminal is asked")
        ->type_name("FILE");
    sub->add_option("--key-passphrase-file", exported->key_passphrase_file,
                    "File with the passphrase of the key, if it is encrypted")
        ->type_name("FILE");
    add_force(*sub, exported->force);
}

}  // namespace

void declare(CLI::App& app, const Chosen& chosen) {
    CLI::App* const pki =
        app.add_subcommand("pki", "Makes and checks certificates, without the daemon");
    pki->require_subcommand(1);
    declare_init(*pki, chosen);
    declare_issue(*pki, chosen);
    declare_request(*pki, chosen);
    declare_sign(*pki, chosen);
    declare_revocation(*pki, chosen);
    declare_looking(*pki, chosen);
    declare_export(*pki, chosen);
}

}  // namespace xfrmd::cli::pki
