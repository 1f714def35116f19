// SPDX-License-Identifier: Apache-2.0
// What may stand next on a command line, found in its declaration: nothing is written down twice.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace xfrmd::cli::completion {

struct Suggestion {
    std::string word;
    std::string description;
};

// What only somebody else can list: the daemon or the shell.
enum class Others : std::uint8_t { None, Connections, Files, Folders };

struct Suggestions {
    std::vector<Suggestion> words;
    Others others = Others::None;
    std::string begun;   // what was typed of the word: everything suggested begins so
    std::string socket;  // of the daemon, if the command line names one
};

// `words`: all after the program's name, up to and with the one that is being typed, which may be
// empty. Options take files, folders and connections where their type is called FILE, FOLDER and
// CONNECTION.
[[nodiscard]] Suggestions suggest(const CLI::App& app, std::span<const std::string> words);

}  // namespace xfrmd::cli::completion
