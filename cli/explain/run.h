// SPDX-License-Identifier: Apache-2.0
// xfrmctl explain: from a question to an exit code.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "cli/exit_code.h"
#include "cli/explain/question.h"
#include "cli/setkey/owned_record.h"
#include "cli/style.h"

namespace xfrmd::explain {

struct Request {
    Words words;
    bool inbound = false;
    std::string interface;
    bool all = false;            // every losing candidate
    unsigned watch_seconds = 0;  // tell which counters move meanwhile
    bool json = false;
};

struct Surroundings {
    std::filesystem::path socket;  // of the daemon, which is asked who owns what
    std::chrono::milliseconds reply_max = std::chrono::seconds{5};
    std::filesystem::path setkey_record = setkey::kRecordFolder;
    cli::Style style;
    std::FILE* out = stdout;
    std::FILE* err = stderr;
};

// Usage for words that cannot be read, Denied without CAP_NET_ADMIN, Failed where no route leads;
// otherwise what becomes of the packet.
[[nodiscard]] cli::ExitCode run(const Request& request, const Surroundings& surroundings);

}  // namespace xfrmd::explain
