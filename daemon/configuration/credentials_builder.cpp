// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/credentials_builder.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <vector>

#include "daemon/configuration/secret_text.h"

namespace xfrmd::daemon {

namespace {

constexpr std::string_view kInlinePrefix = "inline:";
constexpr std::int64_t kSecondsADay = 24 * 60 * 60;
constexpr std::int64_t kExpiresSoonDays = 14;

std::string date(std::int64_t seconds) {
    // Beyond these the calendar of <chrono> ends.
    constexpr std::int64_t kFirst = -62'135'596'800;
    constexpr std::int64_t kLast = 253'402'300'799;
    const std::chrono::sys_seconds time{std::chrono::seconds{std::clamp(seconds, kFirst, kLast)}};
    return std::format("{:%F}", time);
}

// The concatenation of files must not glue the last line of one to the first of the next.
void append_file(Bytes& all, View file) {
    append(all, file);
    if (!all.empty() && all.back() != '\n') all.push_back('\n');
}

}  // namespace

CredentialsBuilder::CredentialsBuilder(const Sections& sections, const LoadEnvironment& environment,
                                       Diagnostics& diagnostics)
    : sections_{sections},
      environment_{environment},
      diagnostics_{diagnostics},
      files_{environment.root, environment.credentials_directory} {}

void CredentialsBuilder::add_identities_and_trusts() {
    for (const IdentitySection& section : sections_.identities) add_identity(section);
    for (const TrustSection& section : sections_.trusts) add_trust(section);
}

std::optional<std::string> CredentialsBuilder::add_secret(const Text& psk,
                                                          const std::string& connection) {
    return is_file_reference(psk.value) ? add_secret_file(psk) : add_inline_secret(psk, connection);
}

void CredentialsBuilder::add_identity(const IdentitySection& section) {
    if (!section.cert || !section.key) return;
    const auto certificates = read_public(*section.cert, ike::certificate_limits::kBundleOctetsMax);
    const auto key = read_private(*section.key, ike::CredentialStore::kPrivateKeyOctetsMax);
    if (!certificates || !key) return;
    const auto added = store_.add_identity(section.name.value, key->view(), View{*certificates});
    if (!added) {
        diagnostics_.error(section.cert->place,
                           std::format("identity \"{}\" cannot be used: {}", section.name.value,
                                       added.error().what),
                           std::format("certificate: {}, private key: {}", section.cert->value,
                                       section.key->value));
        return;
    }
    warn_about_validity(section);
}

void CredentialsBuilder::warn_about_validity(const IdentitySection& section) {
    const ike::LocalIdentity* identity = store_.identity(section.name.value);
    if (!environment_.now || identity == nullptr) return;
    const std::int64_t now = environment_.now->seconds;
    std::string what;
    if (now > identity->not_after)
        what = "expired on " + date(identity->not_after);
    else if (now < identity->not_before)
        what = "is not valid before " + date(identity->not_before);
    else if (identity->not_after - now < kExpiresSoonDays * kSecondsADay)
        what = "expires on " + date(identity->not_after);
    if (!what.empty())
        diagnostics_.warning(
            section.cert->place,
            std::format("the certificate of identity \"{}\" {}", section.name.value, what),
            "peers refuse certificates outside their validity: renew it, then reload");
}

void CredentialsBuilder::add_trust(const TrustSection& section) {
    if (!section.ca) return;
    const auto in_context = [&section](std::string_view what) {
        return std::format("trust \"{}\" cannot be used: {}", section.name.value, what);
    };
    Bytes authorities;
    bool good = true;
    for (const Text& ca : section.ca->value) {
        const auto file = read_public(ca, ike::certificate_limits::kBundleOctetsMax);
        // Alone first, so that a mistake is told of the file that has it.
        const auto alone =
            file ? std::optional{ike::Trust::load(section.name.value, *file, {}, ike::CrlMode::Off)}
                 : std::nullopt;
        if (alone && !*alone) diagnostics_.error(ca.place, in_context(alone->error()), ca.value);
        good = good && alone && *alone;
        if (!file) continue;
        if (section.ca->value.size() == 1)
            authorities = *file;
        else
            append_file(authorities, *file);
    }
    std::vector<Bytes> crls;
    if (section.crl_files) {
        for (const Text& crl : section.crl_files->value) {
            auto file = read_public(crl, ike::certificate_limits::kCrlOctetsMax);
            good = good && file;
            if (file) crls.push_back(*std::move(file));
        }
    }
    if (section.crl.value == ike::CrlMode::Require && !section.crl_files) {
        diagnostics_.error(
            section.crl.place,
            in_context(
                "revocation lists are required and none is given, so every peer would be refused"),
            "crl_files = [\"/etc/xfrmd/ca.crl\"], or crl = \"if_available\"");
        good = false;
    }
    if (section.crl.value == ike::CrlMode::Off && section.crl_files)
        diagnostics_.warning(section.crl_files->place,
                             "revocation lists are given and crl is \"off\": nobody looks at them",
                             "crl = \"if_available\" or \"require\"");
    if (!good) return;
    const auto added = store_.add_trust(section.name.value, authorities, crls, section.crl.value);
    if (!added)
        diagnostics_.error(section.crl_files ? section.crl_files->place : section.ca->place,
                           in_context(added.error().what));
}

std::optional<std::string> CredentialsBuilder::add_inline_secret(const Text& psk,
                                                                 const std::string& connection) {
    const std::string file_hint = std::format(
        "put it into a file of its own: psk = \"/etc/xfrmd/{}.psk\" (mode 0600), or "
        "\"@psk.{}\" for a credential of systemd",
        connection, connection);
    if (!sections_.allow_inline_secrets || !sections_.allow_inline_secrets->value) {
        diagnostics_.error(
            psk.place, "a secret stands in the configuration itself",
            file_hint + "; or allow it with allow_inline_secrets = true at the top of a file");
        return std::nullopt;
    }
    if (psk.place.source != nullptr && psk.place.source->readable_by_others()) {
        diagnostics_.error(
            psk.place, "a secret stands in a file that others than its owner can read",
            std::format("chmod 0600 {}, or {}", psk.place.source->file(), file_hint));
        return std::nullopt;
    }
    const std::string name = std::string{kInlinePrefix} + connection;
    if (!add_secret_octets(psk, name, as_view(psk.value))) return std::nullopt;
    return name;
}

std::optional<std::string> CredentialsBuilder::add_secret_file(const Text& psk) {
    // Several connections may share one file: it is read, and complained about, once.
    if (const auto known = secret_files_.find(psk.value); known != secret_files_.end())
        return known->second ? std::optional{psk.value} : std::nullopt;
    const auto file = read_private(psk, ike::CredentialStore::kSecretOctetsMax);
    const bool added = file && add_secret_octets(psk, psk.value, file->view());
    secret_files_[psk.value] = added;
    return added ? std::optional{psk.value} : std::nullopt;
}

bool CredentialsBuilder::add_secret_octets(const Text& psk, const std::string& name, View octets) {
    auto secret = parse_secret(octets);
    if (!secret) {
        diagnostics_.error(psk.place, std::format("the secret cannot be used: {}", secret.error()),
                           "write it as it is, or as 0x… (hexadecimal) or 0s… (base64)");
        return false;
    }
    if (secret->size() < kSecretOctetsRecommended)
        diagnostics_.warning(
            psk.place,
            std::format(
                "the secret has {} octets: who records the negotiation can guess it at leisure",
                secret->size()),
            "make one: head -c 32 /dev/urandom | base64");
    if (octets.size() > 1 && std::ranges::contains(octets.first(octets.size() - 1), '\n'))
        diagnostics_.warning(psk.place, "the secret has several lines, and all of them count",
                             "the file holds the secret and nothing else");
    const auto added = store_.add_secret(name, *std::move(secret));
    if (!added)
        diagnostics_.error(psk.place,
                           std::format("the secret cannot be used: {}", added.error().what));
    return added.has_value();
}

std::optional<Bytes> CredentialsBuilder::read_public(const Text& reference, std::size_t size_max) {
    auto file = files_.read_public(reference.value, size_max);
    if (file) return *std::move(file);
    refuse(reference, file.error());
    return std::nullopt;
}

std::optional<Secret> CredentialsBuilder::read_private(const Text& reference,
                                                       std::size_t size_max) {
    auto file = files_.read_private(reference.value, size_max);
    if (file) return *std::move(file);
    refuse(reference, file.error());
    return std::nullopt;
}

void CredentialsBuilder::refuse(const Text& reference, const FileError& error) {
    if (error.no_credentials_directory && environment_.offline)
        diagnostics_.warning(
            reference.place,
            std::format(
                "\"{}\" was not checked: credentials of systemd are there for the service only",
                reference.value));
    else
        diagnostics_.error(reference.place, error.text, error.hint);
}

}  // namespace xfrmd::daemon
