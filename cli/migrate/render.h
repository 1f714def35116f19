// SPDX-License-Identifier: Apache-2.0
// A report for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "cli/migrate/report.h"
#include "cli/style.h"
#include "daemon/configuration/diagnostic.h"

namespace xfrmd::migrate {

// What was written where; empty: nothing.
struct Written {
    std::string configuration;
    std::string setkey;
    std::vector<std::string> secrets;
};

[[nodiscard]] std::string to_text(const Report& report, const Written& written,
                                  const cli::Style& style);

// One object on one line. `toml` goes in if it was not written.
[[nodiscard]] std::string to_json(const Report& report, const Written& written,
                                  const std::string& toml,
                                  const std::vector<daemon::Diagnostic>& diagnostics);

}  // namespace xfrmd::migrate
