// SPDX-License-Identifier: Apache-2.0
// The command line, by CLI11.
#include "daemon/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <format>
#include <sstream>
#include <thread>

#include "daemon/api/interface.h"
#include "daemon/version.h"

namespace xfrmd::daemon {
namespace {

constexpr std::size_t kWorkersMax = 64;
constexpr std::size_t kDefaultWorkersMax = 16;
constexpr int kUsageError = 2;

// On one processor a worker only takes turns with the protocol thread.
std::size_t default_workers() {
    const std::size_t processors = std::thread::hardware_concurrency();
    return processors < 2 ? 0 : std::min(processors, kDefaultWorkersMax);
}

}  // namespace

std::expected<Options, ExitNow> parse_options(int argc, const char* const* argv) {
    Options options;
    std::string config_directory;
    std::string runtime_directory{api::kDefaultRuntimeDirectory};
    // systemd tells where, and has made it.
    const char* const state = std::getenv("STATE_DIRECTORY");
    std::string state_directory{state != nullptr ? state : "/var/lib/xfrmd"};
    std::string level{level_name(options.log_level)};
    options.daemon.workers = default_workers();

    CLI::App app{"xfrmd negotiates IPsec keys with IKEv2 and programs the kernel."};
    app.set_version_flag("--version", std::format("xfrmd {}", kVersion));
    app.add_option("--config-dir", config_directory,
                   "Read the configuration from this folder alone, not from /usr/lib/xfrmd, "
                   "/run/xfrmd and /etc/xfrmd")
        ->check(CLI::ExistingDirectory);
    app.add_option("--runtime-dir", runtime_directory, "Folder of the control socket")
        ->capture_default_str();
    app.add_option("--state-dir", state_directory, "Folder of what survives a restart")
        ->capture_default_str();
    app.add_flag("--check", options.check_only, "Check the configuration and exit");
    app.add_option("--log-level", level, "error, warning, notice, info or debug")
        ->check(CLI::IsMember{std::vector<std::string>{api::kLogLevels.begin(), api::kLogLevels.end()}})
        ->capture_default_str();
    app.add_option("--workers", options.daemon.workers,
                   "Threads for signatures and key exchange; 0: none of their own")
        ->check(CLI::Range(std::size_t{0}, kWorkersMax))
        ->capture_default_str();
    // For tests: peers only ever look for us at 500 and 4500. An empty group hides them from
    // --help.
    app.add_option("--port", options.daemon.ports.plain)->group("");
    app.add_option("--nat-port", options.daemon.ports.encapsulated)->group("");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream mistakes;
        const int status = app.exit(error, out, mistakes);
        return std::unexpected{ExitNow{status == 0 ? 0 : kUsageError, out.str() + mistakes.str()}};
    }

    options.log_level = parse_level(level).value_or(Level::Info);
    options.daemon.layers = config_directory.empty()
                                ? default_layers()
                                : std::vector<std::filesystem::path>{config_directory};
    options.daemon.runtime_directory = runtime_directory;
    options.daemon.state_directory = state_directory;
    if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"))
        options.daemon.credentials_directory = credentials;
    return options;
}

}  // namespace xfrmd::daemon
