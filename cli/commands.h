// SPDX-License-Identifier: Apache-2.0
// What xfrmctl does, from a command as it was understood to an exit code. Everything but the words
// of the command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/completion/suggest.h"
#include "cli/exit_code.h"
#include "cli/explain/run.h"
#include "cli/keys/export.h"
#include "cli/pki/commands.h"
#include "cli/render.h"
#include "cli/setkey/dump/run.h"
#include "cli/setkey/run.h"

namespace xfrmd::cli {

enum class ListOf { Connections, Ike, Children, Policies, Sas };

namespace command {
// Of what is drawn again and again.
struct Repeat {
    std::chrono::milliseconds interval = std::chrono::seconds{2};
    std::uint32_t count = 0;  // of pictures; 0: until interrupted
};
struct Status {
    std::string name;  // empty: the whole overview
    std::optional<Repeat> watch = {};
};
struct Top {
    Repeat repeat;
};
struct List {
    ListOf what = ListOf::Connections;
    bool direct = false;  // SAs and policies from the kernel, without the daemon
};
struct Show {
    std::string name;
};
struct Up {
    std::string name;
};
struct Down {
    std::string name;
};
struct Rekey {
    std::string name;
};
struct Monitor {
    std::vector<std::string> connections;  // none: all
    std::vector<std::string> events;       // words of EventType; none: all
};
struct Reload {};
struct Flush {};
struct Metrics {};
struct Log {
    std::string level;  // empty: only tell it
};
struct Plan {
    bool exit_code = false;  // 1 if there is a difference
};
struct Apply {
    std::optional<std::chrono::seconds> confirm;  // how long what was there is kept to go back to
};
struct Confirm {};
struct Check {
    std::vector<std::filesystem::path> files;  // none: what the daemon would read
};
struct Migrate {
    std::vector<std::filesystem::path> racoon;  // none or one
    std::vector<std::filesystem::path> setkey;
    std::vector<std::filesystem::path> psk;     // none or one
    std::vector<std::filesystem::path> output;  // none or one
    bool force = false;
};
struct Version {};
// A script for a shell.
struct Completion {
    std::string shell;
};
// What that script asks for.
struct Suggest {
    completion::Suggestions suggestions;
};
// setkey -D, -DP, -x. Whether as JSON is up to Options.
struct SetkeyDump {
    setkey::dump::TableRequest request;
};
struct SetkeyWatch {
    setkey::dump::WatchRequest request;
};
// setkey -f, -c, -F, -FP, and single statements.
struct SetkeyRun {
    std::vector<std::string> files;  // "-" is standard input
    std::vector<std::string> words;  // of one statement, instead
    setkey::RunOptions options;
    bool direct = false;  // ask the kernel, though the daemon may run
};
// Whether as JSON is up to Options, as is the daemon's socket.
struct Explain {
    explain::Request request;
};
struct ExportKeys {
    keys::Request request;
};
}  // namespace command

using Command = std::variant<command::Status, command::Top, command::List, command::Show, command::Up,
                             command::Down, command::Rekey, command::Monitor, command::Reload,
                             command::Plan, command::Apply, command::Confirm, command::Flush,
                             command::Metrics, command::Log, command::Check, command::Migrate, command::Version,
                             command::SetkeyDump, command::SetkeyWatch, command::SetkeyRun,
                             command::Explain, command::ExportKeys, command::Completion,
                             command::Suggest, pki::Command>;

struct Options {
    std::filesystem::path socket;
    bool json = false;  // the parameters of each reply on a line of its own, instead of text
    Style style;
    std::function<WallTime()> now;
    // How long the daemon may take for one reply; a negotiation may take longer, and events come
    // when they come.
    std::chrono::milliseconds reply_max = std::chrono::seconds{45};
    std::chrono::milliseconds negotiation_max = std::chrono::minutes{5};
    std::FILE* out = stdout;
    std::FILE* err = stderr;
};

[[nodiscard]] ExitCode run(const Command& command, const Options& options);

}  // namespace xfrmd::cli
