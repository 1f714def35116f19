// SPDX-License-Identifier: Apache-2.0
// Texts in the setkey language, from where people have them.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "cli/setkey/language/source.h"

namespace xfrmd::setkey {

struct Input {
    Source source;
    // What stands among a process's arguments is seen by everybody on the host.
    bool from_arguments = false;
    // It may be read by others than its owner.
    bool open_to_others = false;
};

// "-" is standard input. The error is a sentence.
[[nodiscard]] std::expected<Input, std::string> read_input(const std::string& path);

// One statement as the words of a command line, quotes as the shell has left them.
[[nodiscard]] Input input_of(std::span<const std::string> words);

}  // namespace xfrmd::setkey
