// SPDX-License-Identifier: Apache-2.0
// Checks configuration files without a daemon.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/times.h"

namespace xfrmd::cli {

struct CheckResult {
    bool good = false;
    std::string text;  // all diagnostics, then the verdict
    std::string json;  // {"connections": 2, "diagnostics": […]}
};

// Exactly these files, or, if there are none, those that the daemon would read.
[[nodiscard]] CheckResult check_configuration(const std::vector<std::filesystem::path>& files,
                                              WallTime now);

}  // namespace xfrmd::cli
