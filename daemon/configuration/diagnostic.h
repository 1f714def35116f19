// SPDX-License-Identifier: Apache-2.0
// One mistake, or one thing worth a look, in a configuration file: where it stands, what is wrong,
// what to write instead.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace xfrmd::daemon {

enum class Severity : std::uint8_t { Error, Warning };

struct Diagnostic {
    Severity severity = Severity::Error;
    std::string file;
    std::uint32_t line = 0;    // counted from 1; 0 = the file as a whole
    std::uint32_t column = 0;  // in characters, counted from 1; 0 = the line as a whole
    std::string text;          // one sentence: what is wrong
    std::string source_line;   // the line as it stands in the file
    std::string hint;          // what to write instead; empty if there is nothing better to say
    // No mistake in a file: the host has no address or route yet. Another try may succeed once that
    // changes.
    bool waits_for_network = false;
};

// "/etc/xfrmd/xfrmd.toml:3:12: error: …", the source line, a caret under the column, the hint. Ends
// in a newline. Control characters of the file are shown escaped.
[[nodiscard]] std::string render(const Diagnostic& diagnostic);
// "FILE:3:12: what is wrong (what to write instead)": for where there is no room for the source line.
[[nodiscard]] std::string one_line(const Diagnostic& diagnostic);
// All of them one after another, then a line that counts them ("2 errors, 1 warning").
[[nodiscard]] std::string render(std::span<const Diagnostic> diagnostics);

}  // namespace xfrmd::daemon
