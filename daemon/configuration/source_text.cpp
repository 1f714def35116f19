// SPDX-License-Identifier: Apache-2.0
// The lines of a file for diagnostics, without inline secrets: a mistake beside a secret must not
// put it into a log.
#include <algorithm>
#include <optional>
#include <ranges>
#include <vector>

#include "daemon/configuration/did_you_mean.h"
#include "daemon/configuration/document.h"

namespace xfrmd::daemon {

namespace {

constexpr std::string_view kCut = "…";

bool in_a_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

std::size_t skip_blanks(std::string_view line, std::size_t from) {
    while (from < line.size() && (line[from] == ' ' || line[from] == '\t')) ++from;
    return from;
}

// True for psk, key and other words that a secret may stand under, misspelt ones among them.
bool names_a_secret(std::string_view word) {
    static const std::vector<std::string> words{"psk",        "key",        "secret",
                                                "password",   "passphrase", "preshared_key",
                                                "shared_key", "private_key"};
    return std::ranges::contains(words, word) || word.contains("psk") ||
           word.starts_with("secret") || did_you_mean(word, words).has_value();
}

// True if a key may follow this beginning of a line, such as `peer = { id = "x", `.
bool precedes_key(std::string_view beginning) {
    for (const char c : beginning | std::views::reverse) {
        if (c == ',' || c == '{' || c == '#') return true;
        const bool part_of_key =
            in_a_word(c) || c == '.' || c == '"' || c == '\'' || c == ' ' || c == '\t';
        if (!part_of_key) return false;
    }
    return true;
}

// Where the value begins of the next key at or after `from` that seems to hold a secret, whether or
// not its '=' is there.
std::optional<std::size_t> secret_value(std::string_view line, std::size_t from) {
    while (from < line.size()) {
        const std::size_t begin = from;
        while (from < line.size() && in_a_word(line[from])) ++from;
        if (from == begin) {
            ++from;
            continue;
        }
        const std::string_view word = line.substr(begin, from - begin);
        if (!names_a_secret(word) || !precedes_key(line.substr(0, begin))) continue;
        std::size_t value = from;
        if (value < line.size() && (line[value] == '"' || line[value] == '\'')) ++value;
        value = skip_blanks(line, value);
        if (value < line.size() && (line[value] == '=' || line[value] == ':'))
            value = skip_blanks(line, value + 1);
        if (value < line.size()) return value;
    }
    return std::nullopt;
}

// True for "@name" and "/path", in quotes or without: they only name a secret.
bool is_reference(std::string_view value) {
    if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
    return value.starts_with('@') || value.starts_with('/');
}

// What ends the string or list that begins here and may have several lines; empty if none does.
std::string_view multi_line_delimiter(std::string_view value) {
    const std::string_view three = value.substr(0, 3);
    if (three == "\"\"\"" || three == "'''") return three;
    return value.starts_with('[') ? "]" : std::string_view{};
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
