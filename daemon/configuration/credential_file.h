// SPDX-License-Identifier: Apache-2.0
// Reads the files that hold keys, secrets and certificates: bounded, and private ones only if they
// are private in fact.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::daemon {

struct FileError {
    std::string text;                       // a sentence
    std::string hint;                       // what to do
    bool no_credentials_directory = false;  // "@name" was written and there is none
};

// How files are named in a configuration: "@name" is a systemd credential, anything else an
// absolute path.
[[nodiscard]] inline bool is_file_reference(std::string_view text) {
    return text.starts_with('@') || text.starts_with('/');
}

class CredentialFiles {
  public:
    // `root`: where absolute paths begin.
    CredentialFiles(std::filesystem::path root,
                    std::optional<std::filesystem::path> credentials_directory);

    // A private key or a shared secret. No component of its path may be a symbolic link, it must
    // belong to root or to us, and neither group nor others may read it.
    [[nodiscard]] std::expected<Secret, FileError> read_private(std::string_view reference,
                                                                std::size_t size_max) const;
    // A certificate or a revocation list: anybody may read it, but not everybody may write it.
    [[nodiscard]] std::expected<Bytes, FileError> read_public(std::string_view reference,
                                                              std::size_t size_max) const;

  private:
    std::filesystem::path root_;
    std::optional<std::filesystem::path> credentials_directory_;
};

}  // namespace xfrmd::daemon
