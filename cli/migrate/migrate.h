// SPDX-License-Identifier: Apache-2.0
// `xfrmctl migrate`: old files in, a configuration and a report out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/exit_code.h"
#include "cli/migrate/inputs.h"
#include "cli/style.h"

namespace xfrmd::migrate {

struct Options {
    Wanted wanted;
    std::optional<std::filesystem::path> output;  // none: to standard output, without secrets
    bool force = false;                           // replace what is there
    bool json = false;
    cli::Style style;
};

struct Result {
    cli::ExitCode code = cli::ExitCode::Ok;
    std::string out;  // for standard output
    std::string err;
};

// Ok: there is nothing to decide. ToDecide: it was made, and something is. Failed: nothing was
// made.
[[nodiscard]] Result migrate(const Options& options);

}  // namespace xfrmd::migrate
