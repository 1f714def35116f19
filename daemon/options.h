// SPDX-License-Identifier: Apache-2.0
// xfrmd's command line.
#pragma once

#include <expected>
#include <string>

#include "daemon/daemon.h"
#include "daemon/journal.h"

namespace xfrmd::daemon {

struct Options {
    DaemonOptions daemon;
    Level log_level = Level::Info;
    bool check_only = false;
};

// What to print and with which status to exit instead of running: --help, --version, a mistake.
struct ExitNow {
    int status = 0;
    std::string text;
};

[[nodiscard]] std::expected<Options, ExitNow> parse_options(int argc, const char* const* argv);

}  // namespace xfrmd::daemon
