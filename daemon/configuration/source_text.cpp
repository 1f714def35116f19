// SPDX-License-Identifier: Apache-2.0
// The lines of a file for diagnostics, without inline secrets: a mistake beside a secret must not
// put it into a log.
#include <algorithm>
#include <optional>

#include "daemon/configuration/document.h"

namespace xfrmd::daemon {

namespace {

constexpr std::string_view kSecretKey = "psk";
constexpr std::string_view kCut = "…";

bool in_a_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

std::size_t skip_blanks(std::string_view line, std::size_t from) {
    while (from < line.size() && (line[from] == ' ' || line[from] == '\t')) ++from;
    return from;
}

// Where the value begins of the next `psk =` at or after `from`.
std::optional<std::size_t> secret_value(std::string_view line, std::size_t from) {
    while ((from = line.find(kSecretKey, from)) != std::string_view::npos) {
        const bool begins_word = from == 0 || !in_a_word(line[from - 1]);
        from += kSecretKey.size();
        std::size_t after = from;
        if (after < line.size() && (line[after] == '"' || line[after] == '\'')) ++after;
        after = skip_blanks(line, after);
        if (begins_word && after < line.size() && line[after] == '=')
            return skip_blanks(line, after + 1);
    }
    return std::nullopt;
}

// True for "@name" and "/path", in quotes or without: they only name a secret.
bool is_reference(std::string_view value) {
    if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
    return value.starts_with('@') || value.starts_with('/');
}

// The delimiter of a string of several lines that begins here; empty if none does.
std::string_view multi_line_delimiter(std::string_view value) {
    const std::string_view three = value.substr(0, 3);
    return three == "\"\"\"" || three == "'''" ? three : std::string_view{};
}

}  // namespace

SourceText::SourceText(std::string file, std::string_view text, bool readable_by_others)
    : file_{std::move(file)}, readable_by_others_{readable_by_others} {
    std::string_view
        open_secret;  // the delimiter that ends the secret of several lines that we are in
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!open_secret.empty()) {
            if (line.contains(open_secret)) open_secret = {};
            lines_.push_back({std::string{kCut}, true});
            continue;
        }
        auto value = secret_value(line, 0);
        while (value && is_reference(line.substr(*value))) value = secret_value(line, *value);
        if (!value) {
            lines_.push_back({std::string{line}, false});
            continue;
        }
        const std::string_view delimiter = multi_line_delimiter(line.substr(*value));
        if (!delimiter.empty() && !line.substr(*value + delimiter.size()).contains(delimiter))
            open_secret = delimiter;
        lines_.push_back({std::string{line.substr(0, *value)} + std::string{kCut}, true});
    }
}

std::string SourceText::line(std::uint32_t number) const {
    return number == 0 || number > lines_.size() ? std::string{} : lines_[number - 1].shown;
}

bool SourceText::hides(std::uint32_t number) const {
    return number > 0 && number <= lines_.size() && lines_[number - 1].hidden;
}

}  // namespace xfrmd::daemon
