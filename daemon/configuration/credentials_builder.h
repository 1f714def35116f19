// SPDX-License-Identifier: Apache-2.0
// Fills the store of credentials from the files that the sections name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "daemon/configuration/credential_file.h"
#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/load.h"
#include "daemon/configuration/sections.h"
#include "ike/auth/credentials.h"

namespace xfrmd::daemon {

class CredentialsBuilder {
  public:
    CredentialsBuilder(const Sections& sections, const LoadEnvironment& environment,
                       Diagnostics& diagnostics);

    // Loads every identity and every trust, used or not.
    void add_identities_and_trusts();
    // Loads the secret that `psk` names or holds; the name under which the store has it. Nothing if
    // it was refused, or if it is out of reach of an offline check.
    std::optional<std::string> add_secret(const Text& psk, const std::string& connection);

    const ike::CredentialStore& store() const { return store_; }
    ike::CredentialStore take() { return std::move(store_); }

  private:
    void add_identity(const IdentitySection& section);
    void add_trust(const TrustSection& section);
    std::optional<std::string> add_inline_secret(const Text& psk, const std::string& connection);
    std::optional<std::string> add_secret_file(const Text& psk);
    bool add_secret_octets(const Text& psk, const std::string& name, View octets);
    std::optional<Bytes> read_public(const Text& reference, std::size_t size_max);
    std::optional<Secret> read_private(const Text& reference, std::size_t size_max);
    void refuse(const Text& reference, const FileError& error);
    void warn_about_validity(const IdentitySection& section);

    const Sections& sections_;
    const LoadEnvironment& environment_;
    Diagnostics& diagnostics_;
    CredentialFiles files_;
    ike::CredentialStore store_;
    std::map<std::string, bool> secret_files_;  // by reference: whether the store has it
};

}  // namespace xfrmd::daemon
