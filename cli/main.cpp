// SPDX-License-Identifier: Apache-2.0
// xfrmctl: from words to an exit code.
#include "cli/command_line.h"

int main(int argc, char** argv) {
    using namespace xfrmd;
    cli::CommandLine line;
    const auto parsed = line.parse(argc, argv);
    if (const auto* const code = std::get_if<cli::ExitCode>(&parsed))
        return static_cast<int>(*code);
    const auto& invocation = std::get<cli::Invocation>(parsed);
    cli::Options options;
    options.socket = invocation.socket;
    options.json = invocation.json;
    options.style = cli::style_of_stdout();
    options.now = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
    return static_cast<int>(cli::run(invocation.command, options));
}
