// SPDX-License-Identifier: Apache-2.0
// xfrmd: an IKEv2 daemon for Linux.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <format>
#include <span>
#include <string>
#include <string_view>

#include "daemon/confinement.h"
#include "daemon/daemon.h"
#include "daemon/options.h"

namespace {

using namespace xfrmd::daemon;

// Several lines for a terminal; the journal takes them one by one.
int fail(const Journal& journal, Journal::Sink sink, std::string_view text) {
    if (sink == Journal::Sink::Stderr) {
        std::fprintf(stderr, "xfrmd: %.*s\n", static_cast<int>(text.size()), text.data());
        return EXIT_FAILURE;
    }
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        journal.error(line);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return EXIT_FAILURE;
}

// Reads the configuration as a start would, but asks nothing of this host's addresses.
int check(const Options& options) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto loaded = load_configuration(
        options.daemon.layers, {.local_address_for = {},
                                .credentials_directory = options.daemon.credentials_directory,
                                .now = xfrmd::ike::WallTime{now.time_since_epoch().count()}});
    const auto& diagnostics = loaded ? loaded->warnings : loaded.error();
    if (!diagnostics.empty()) std::fputs(render(std::span{diagnostics}).c_str(), stderr);
    if (loaded)
        std::puts(std::format("the configuration is valid; connections: {}",
                              loaded->configuration->connections.size())
                      .c_str());
    return loaded ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run(const Options& options, Journal journal, Journal::Sink sink) {
    if (const auto confined = confine_process(); !confined)
        return fail(journal, sink, confined.error());
    auto daemon = Daemon::create(options.daemon, journal);
    if (!daemon) return fail(journal, sink, daemon.error());
    if (const auto finished = (*daemon)->run(); !finished)
        return fail(journal, sink, finished.error());
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    const Journal::Sink sink = Journal::detect_sink();
    const Journal early{sink, Level::Info};
    try {
        const auto options = parse_options(argc, argv);
        if (!options) {
            std::fputs(options.error().text.c_str(), options.error().status == 0 ? stdout : stderr);
            return options.error().status;
        }
        if (options->check_only) return check(*options);
        return run(*options, Journal{sink, options->log_level}, sink);
    } catch (const std::exception& error) {
        // Botan's random number generator at start, or no memory: nothing of ours throws.
        return fail(early, sink, error.what());
    }
}
