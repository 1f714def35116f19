// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/authority.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <system_error>
#include <utility>

#include "cli/pki/facts.h"
#include "cli/pki/key.h"
#include "ike/auth/pem.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

std::unexpected<std::string> refuse(std::string what) {
    return std::unexpected{std::move(what)};
}

Made<CertificateFacts> facts_in(const std::filesystem::path& file, View der) {
    auto facts = certificate_facts(der);
    if (!facts) return refuse(std::format("{}: {}", file.string(), facts.error()));
    return facts;
}

bool is_about(const CertificateFacts& facts, std::string_view what) {
    return facts.serial == what || facts.subject == what ||
           std::ranges::contains(facts.identities, what) || facts.common_name == what;
}

}  // namespace

Made<void> make_folder(const AuthorityFolder& folder) {
    std::error_code error;
    if (folder.path.has_parent_path())
        std::filesystem::create_directories(folder.path.parent_path(), error);
    for (const std::filesystem::path& path : {folder.path, folder.issued()}) {
        if (error || (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST))
            return refuse(std::format("cannot make the folder {}: {}", path.string(),
                                      error ? error.message() : std::strerror(errno)));
    }
    return {};
}

Made<ike::LoadedPrivateKey> open_key(const std::filesystem::path& file,
                                     const PassphraseSource& passphrase) {
    const Secret content = TRY(read_private(file));
    Made<ike::LoadedPrivateKey> key = std::unexpected{std::string{}};
    if (is_encrypted_key(content.view())) {
        const Secret entered = TRY(passphrase(file.string()));
        key = read_key(content.view(), &entered);
    } else {
        key = read_key(content.view(), nullptr);
    }
    if (!key) return refuse(std::format("{}: {}", file.string(), key.error()));
    return key;
}

Made<std::vector<Bytes>> authority_certificates(const AuthorityFolder& folder) {
    std::error_code error;
    if (!std::filesystem::exists(folder.certificate(), error))
        return refuse(std::format(
            "there is no authority in {}: make one with \"xfrmctl pki init\", or name its folder "
            "with --ca",
            folder.path.string()));
    const Bytes content = TRY(read_public(folder.certificate()));
    auto found = ike::decode_bundle(content, kCertificateLabel);
    if (!found || found->empty())
        return refuse(std::format("{}: {}", folder.certificate().string(),
                                  found ? "there is no certificate in it" : found.error()));
    return *std::move(found);
}

Made<Authority> open_authority(const AuthorityFolder& folder, const PassphraseSource& passphrase) {
    std::vector<Bytes> certificates = TRY(authority_certificates(folder));
    const CertificateFacts facts = TRY(facts_in(folder.certificate(), certificates.front()));
    ike::LoadedPrivateKey key = TRY(open_key(folder.key(), passphrase));
    Issuer issuer{certificates.front(), std::move(key)};
    if (facts.self_issued) certificates.clear();
    return Authority{std::move(issuer), std::move(certificates)};
}

Made<void> record(const AuthorityFolder& folder, View certificate) {
    const CertificateFacts facts = TRY(certificate_facts(certificate));
    const std::string text = to_pem(certificate, kCertificateLabel);
    return write_file(folder.issued() / (facts.serial + ".pem"), as_view(text), kPublicMode,
                      Existing::Keep);
}

Made<std::vector<Bytes>> recorded(const AuthorityFolder& folder) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder.issued(), error})
        if (entry.path().extension() == ".pem" &&
            !entry.path().filename().string().starts_with('.'))
            files.push_back(entry.path());
    if (error && error != std::errc::no_such_file_or_directory)
        return refuse(std::format("cannot read the folder {}: {}", folder.issued().string(),
                                  error.message()));
    std::ranges::sort(files);
    std::vector<Bytes> certificates;
    for (const std::filesystem::path& file : files) {
        const Bytes content = TRY(read_public(file));
        auto der = single(content, kCertificateLabel);
        if (!der) return refuse(std::format("{}: {}", file.string(), der.error()));
        certificates.push_back(*std::move(der));
    }
    return certificates;
}

Made<Bytes> find_issued(const AuthorityFolder& folder, std::string_view what) {
    std::vector<Bytes> found;
    std::string serials;
    for (Bytes& der : TRY(recorded(folder))) {
        const auto facts = certificate_facts(der);
        if (!facts || !is_about(*facts, what)) continue;
        serials += (serials.empty() ? "" : ", ") + facts->serial;
        found.push_back(std::move(der));
    }
    if (found.size() > 1)
        return refuse(
            std::format("{} certificates are about \"{}\"; name one by its serial number: {}",
                        found.size(), what, serials));
    if (!found.empty()) return std::move(found.front());
    std::error_code error;
    if (!std::filesystem::exists(what, error))
        return refuse(std::format(
            "\"{}\" is no name, no serial number (see \"xfrmctl pki list\") and no file", what));
    const Bytes content = TRY(read_public(what));
    // What was issued stands first, before the authorities above it.
    auto all = TRY(ike::decode_bundle(content, kCertificateLabel));
    if (all.empty()) return refuse(std::format("there is no certificate in {}", what));
    return std::move(all.front());
}

Made<AuthorityLock> AuthorityLock::take(const AuthorityFolder& folder) {
    const int fd = ::open(folder.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || ::flock(fd, LOCK_EX) != 0) {
        std::string what =
            std::format("cannot lock {}: {}", folder.path.string(), std::strerror(errno));
        if (fd >= 0) ::close(fd);
        return refuse(std::move(what));
    }
    return AuthorityLock{fd};
}

AuthorityLock::AuthorityLock(AuthorityLock&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

AuthorityLock::~AuthorityLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace xfrmd::cli::pki
