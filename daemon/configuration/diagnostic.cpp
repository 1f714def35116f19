// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/diagnostic.h"

#include <algorithm>
#include <format>
#include <string_view>

#include "netlink/model/utf8.h"

namespace xfrmd::daemon {

namespace {

constexpr std::size_t kEscapeWidth = 4;  // "\x1b"

bool is_control(char octet) {
    const auto value = static_cast<unsigned char>(octet);
    return value < 0x20 || value == 0x7f;
}

bool continues_character(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

// The text with control characters made visible, and every octet beyond ASCII if it is not UTF-8.
// A tab stays one, so that the caret's line can repeat it.
std::string printable(std::string_view text) {
    const bool utf8 = is_utf8(text);
    std::string shown;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '\t' || (octet >= 0x20 && octet < 0x7f) || (octet >= 0x80 && utf8))
            shown += c;
        else
            shown += std::format("\\x{:02x}", octet);
    }
    return shown;
}

// What stands below the source line up to the caret: as wide as the first `column - 1` characters
// are shown.
std::string caret_line(std::string_view source, std::uint32_t column) {
    std::string padding;
    std::uint32_t characters = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (continues_character(source[i])) continue;
        if (++characters == column) break;
        if (source[i] == '\t')
            padding += '\t';
        else
            padding.append(is_control(source[i]) ? kEscapeWidth : 1, ' ');
    }
    return padding + '^';
}

std::uint32_t characters_in(std::string_view text) {
    return static_cast<std::uint32_t>(
        std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string place_of(const Diagnostic& diagnostic) {
    std::string text = printable(diagnostic.file);
    if (diagnostic.line > 0) text += std::format(":{}", diagnostic.line);
    if (diagnostic.line > 0 && diagnostic.column > 0) text += std::format(":{}", diagnostic.column);
    return text.empty() ? text : text + ": ";
}

std::string counted(std::size_t count, std::string_view what) {
    return std::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

std::string render(const Diagnostic& diagnostic) {
    const std::string_view severity = diagnostic.severity == Severity::Error ? "error" : "warning";
    std::string text =
        std::format("{}{}: {}\n", place_of(diagnostic), severity, printable(diagnostic.text));
    if (diagnostic.line > 0 && !diagnostic.source_line.empty()) {
        const std::string number = std::to_string(diagnostic.line);
        text += std::format("  {} | {}\n", number, printable(diagnostic.source_line));
        // One past the end is where something is missing. What was cut off has no caret.
        if (diagnostic.column > 0 && is_utf8(diagnostic.source_line) &&
            diagnostic.column <= characters_in(diagnostic.source_line) + 1)
            text += std::format("  {} | {}\n", std::string(number.size(), ' '),
                                caret_line(diagnostic.source_line, diagnostic.column));
    }
    if (!diagnostic.hint.empty()) text += std::format("  hint: {}\n", printable(diagnostic.hint));
    return text;
}

std::string one_line(const Diagnostic& diagnostic) {
    std::string text = place_of(diagnostic) + printable(diagnostic.text);
    if (!diagnostic.hint.empty()) text += std::format(" ({})", printable(diagnostic.hint));
    return text;
}

std::string render(std::span<const Diagnostic> diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) text += render(diagnostic);
    const auto errors = static_cast<std::size_t>(
        std::ranges::count(diagnostics, Severity::Error, &Diagnostic::severity));
    const std::size_t warnings = diagnostics.size() - errors;
    if (errors > 0) text += counted(errors, "error");
    if (warnings > 0) text += (errors > 0 ? ", " : "") + counted(warnings, "warning");
    if (!diagnostics.empty()) text += '\n';
    return text;
}

}  // namespace xfrmd::daemon
