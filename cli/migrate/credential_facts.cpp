// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/credential_facts.h"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <format>
#include <map>
#include <system_error>

#include "daemon/configuration/credential_file.h"
#include "ike/auth/certificate_names.h"
#include "ike/auth/certificate_path.h"
#include "ike/auth/credentials.h"
#include "ike/identity.h"

namespace xfrmd::migrate {

namespace {

// More links than anybody has authorities, and few enough to look at.
constexpr std::size_t kEntriesMax = 10'000;

std::string absolute(const std::string& file, const std::string& folder) {
    return file.starts_with('/')
               ? file
               : (std::filesystem::path{folder} / file).lexically_normal().string();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "0a1b2c3d.0" for a certificate, "0a1b2c3d.r0" for a revocation list.
enum class Link : std::uint8_t { None, Certificate, Crl };
Link link_of(const std::string& name) {
    constexpr std::size_t kHashSize = 8;
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    if (name.size() < kHashSize + 2 || name[kHashSize] != '.' ||
        !std::ranges::all_of(name.substr(0, kHashSize), is_hex))
        return Link::None;
    const bool crl = name[kHashSize + 1] == 'r';
    const std::string number = name.substr(kHashSize + (crl ? 2 : 1));
    if (number.empty() || !std::ranges::all_of(number, is_digit)) return Link::None;
    return crl ? Link::Crl : Link::Certificate;
}

// The daemon of a host that has a user for it, and takes keys that belong to root or to that user,
// can read only the latter.
bool belongs_to_another(const std::string& key) {
    struct stat status {};
    const ::passwd* user = ::getpwnam("xfrmd");
    return user != nullptr && ::stat(key.c_str(), &status) == 0 && status.st_uid != user->pw_uid;
}

class Looker {
  public:
    explicit Looker(Facts& facts) : facts_{facts} {}

    void own(const std::string& certificate, const std::string& key);
    void other(const std::string& certificate);
    void folder(const std::string& path);

  private:
    CertificateFact names_of(const std::string& path);
    bool is_authority(const std::string& path);

    Facts& facts_;
    daemon::CredentialFiles files_{"/", std::nullopt};
};

CertificateFact Looker::names_of(const std::string& path) {
    CertificateFact fact;
    const auto file = files_.read_public(path, ike::certificate_limits::kBundleOctetsMax);
    if (!file) {
        fact.problem = file.error().text;
        return fact;
    }
    const auto names = ike::CertificateNames::of_file(View{*file});
    if (!names) {
        fact.problem = std::format("{}: {}", path, names.error());
        return fact;
    }
    fact.subject = names->subject.to_string();
    for (const ike::Identity& identity : names->identities())
        fact.names.push_back(ike::to_string(identity));
    return fact;
}

void Looker::own(const std::string& certificate, const std::string& key) {
    CertificateFact fact = names_of(certificate);
    if (fact.problem.empty()) {
        // As the daemon will load it.
        const auto secret = files_.read_private(key, ike::CredentialStore::kPrivateKeyOctetsMax);
        const auto chain =
            files_.read_public(certificate, ike::certificate_limits::kBundleOctetsMax);
        ike::CredentialStore store;
        if (!secret)
            fact.problem =
                std::format("{}{}{}", secret.error().text, secret.error().hint.empty() ? "" : "; ",
                            secret.error().hint);
        else if (const auto added = store.add_identity("host", secret->view(), View{*chain});
                 !added)
            fact.problem = added.error().what;
        else
            fact.service_cannot_read = belongs_to_another(key);
    }
    facts_.certificates.insert_or_assign(certificate, std::move(fact));
}

void Looker::other(const std::string& certificate) {
    if (facts_.certificates.contains(certificate)) return;
    CertificateFact fact = names_of(certificate);
    fact.is_authority = fact.problem.empty() && is_authority(certificate);
    facts_.certificates.emplace(certificate, std::move(fact));
}

bool Looker::is_authority(const std::string& path) {
    const auto file = files_.read_public(path, ike::certificate_limits::kBundleOctetsMax);
    return file && ike::Trust::load("racoon", View{*file}, {}, ike::CrlMode::Off).has_value();
}

void Looker::folder(const std::string& path) {
    FolderFact fact{.path = path, .problem = {}, .authorities = {}, .crls = {}};
    std::error_code error;
    std::filesystem::directory_iterator entry{path, error};
    std::map<std::string, std::filesystem::path> links;  // in the order of their names
    for (std::size_t seen = 0;
         !error && entry != std::filesystem::directory_iterator{} && seen < kEntriesMax;
         entry.increment(error), ++seen)
        links.emplace(entry->path().filename().string(), entry->path());
    if (error) fact.problem = std::format("cannot list {}: {}", path, error.message());
    for (const auto& [name, link] : links) {
        const Link kind = link_of(name);
        if (kind == Link::None) continue;
        std::error_code broken;
        const std::filesystem::path real = std::filesystem::canonical(link, broken);
        if (broken) continue;
        auto& list = kind == Link::Crl ? fact.crls : fact.authorities;
        if (std::ranges::contains(list, real.string())) continue;
        // Certificates of peers may have links, too.
        if (kind == Link::Certificate && !is_authority(real.string())) continue;
        list.push_back(real.string());
    }
    facts_.folder = std::move(fact);
}

}  // namespace

void add_credential_facts(const racoon::Configuration& configuration, Facts& facts) {
    const std::string folder =
        configuration.certificate_path
            ? absolute(configuration.certificate_path->value, facts.racoon_folder)
            : facts.racoon_folder;
    Looker looker{facts};
    bool certificates = false;
    for (const racoon::Remote& remote : configuration.remotes) {
        if (remote.certificate &&
            remote.certificate->value.kind == racoon::Certificate::Kind::X509) {
            looker.own(absolute(remote.certificate->value.file, folder),
                       absolute(remote.certificate->value.key, folder));
            certificates = true;
        }
        if (remote.ca) looker.other(absolute(remote.ca->value.file, folder));
        for (const auto& [pinned, by] : remote.peers_certificates)
            if (pinned.kind == racoon::Certificate::Kind::X509)
                looker.other(absolute(pinned.file, folder));
    }
    if (certificates) looker.folder(folder);
}

}  // namespace xfrmd::migrate
