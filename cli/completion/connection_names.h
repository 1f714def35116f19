// SPDX-License-Identifier: Apache-2.0
// The names of connections as the daemon has them now, for completion.
#pragma once

#include <filesystem>
#include <vector>

#include "cli/completion/suggest.h"

namespace xfrmd::cli::completion {

// Each with its state and peer. Nothing at all without a daemon, or with one that takes longer than
// people wait for a key to be pressed.
[[nodiscard]] std::vector<Suggestion> connection_names(const std::filesystem::path& socket);

}  // namespace xfrmd::cli::completion
