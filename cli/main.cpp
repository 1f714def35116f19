// SPDX-License-Identifier: Apache-2.0
// xfrmctl: from words to an exit code.
#include "cli/command_line.h"

#include <filesystem>
#include <vector>

int main(int argc, char** argv) {
    using namespace xfrmd;
    std::vector<const char*> words{argv, argv + argc};
    // Under the name of setkey it is setkey.
    if (argc > 0 && std::filesystem::path{argv[0]}.filename() == "setkey")
        words.insert(words.begin() + 1, "setkey");
    cli::CommandLine line;
    const auto parsed = line.parse(static_cast<int>(words.size()), words.data());
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
