// SPDX-License-Identifier: Apache-2.0
// The secret behind the tokens of quick crash detection (RFC 6290 §5.1), which must survive a restart.
#pragma once

#include <botan/rng.h>

#include <expected>
#include <filesystem>
#include <string>

#include "netlink/model/secret.h"

namespace xfrmd::daemon {

// Reads it from `folder`, or makes it there if there is none: 32 octets, readable by us alone. The error is a sentence that
// says what follows from it.
[[nodiscard]] std::expected<Secret, std::string> crash_secret(const std::filesystem::path& folder,
                                                              Botan::RandomNumberGenerator& rng);

}  // namespace xfrmd::daemon
