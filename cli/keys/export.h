// SPDX-License-Identifier: Apache-2.0
// `xfrmctl keys export`: the keys of the kernel's ESP SAs and of the daemon's IKE SAs, into files for Wireshark, for as long as
// somebody asks. Nothing is switched on, so nothing can stay switched on.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "cli/exit_code.h"

namespace xfrmd::cli::keys {

struct Request {
    std::filesystem::path folder;  // made if it is not there; root's alone
    bool force = false;            // replace files that are there
    unsigned watch_seconds = 0;    // then add what comes up meanwhile; a day at most
};

struct Environment {
    std::filesystem::path socket;  // of the daemon; without one there are no keys of IKE SAs
    std::chrono::milliseconds reply_max{};
    bool json = false;
    std::FILE* out = stdout;
    std::FILE* err = stderr;
};

// Denied to whoever is not root.
[[nodiscard]] ExitCode run(const Request& request, const Environment& environment);

}  // namespace xfrmd::cli::keys
