// SPDX-License-Identifier: Apache-2.0
// Passphrases: from a file or from the terminal, never from the command line.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "netlink/model/secret.h"

namespace xfrmd::cli::pki {

// The first line of the file, or, if there is no file, what is typed at the terminal after
// "Passphrase for <what>: ", unseen. With `twice` it is asked for again, and must be the same and
// not empty. The error is a sentence.
[[nodiscard]] std::expected<Secret, std::string> get_passphrase(const std::filesystem::path& file,
                                                                const std::string& what,
                                                                bool twice);

}  // namespace xfrmd::cli::pki
