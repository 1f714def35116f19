// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/psk_file.h"

#include <algorithm>
#include <format>
#include <optional>
#include <utility>

namespace xfrmd::racoon {

namespace {

// racoon's line buffer.
constexpr std::size_t kLineMax = 1023;
constexpr std::size_t kDiagnosticsMax = 50;

bool is_blank(std::uint8_t octet) {
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\f' || octet == '\v';
}

std::optional<std::uint8_t> digit(std::uint8_t octet) {
    if (octet >= '0' && octet <= '9') return static_cast<std::uint8_t>(octet - '0');
    const auto letter = static_cast<std::uint8_t>(octet | 0x20);
    if (letter >= 'a' && letter <= 'f') return static_cast<std::uint8_t>(letter - 'a' + 10);
    return std::nullopt;
}

// Blanks between the digits do not count.
std::optional<Secret> from_hex(View text) {
    Botan::secure_vector<std::uint8_t> octets;
    std::optional<std::uint8_t> high;
    for (const std::uint8_t each : text) {
        if (is_blank(each)) continue;
        const auto value = digit(each);
        if (!value) return std::nullopt;
        if (high) {
            octets.push_back(static_cast<std::uint8_t>(*high << 4 | *value));
            high.reset();
        } else {
            high = value;
        }
    }
    if (high || octets.empty()) return std::nullopt;
    return Secret{std::move(octets)};
}

class PskReader {
  public:
    PskReader(PskFile& file, std::vector<daemon::Diagnostic>& diagnostics)
        : file_{file}, diagnostics_{diagnostics} {}

    void line(View line);

  private:
    std::optional<Secret> key(View text);
    void warning(std::string text, std::string hint);

    PskFile& file_;
    std::vector<daemon::Diagnostic>& diagnostics_;
    std::uint32_t number_ = 0;
};

void PskReader::line(View line) {
    ++number_;
    if (!line.empty() && line.back() == '\r') line = line.first(line.size() - 1);
    if (line.empty() || line.front() == '#' || std::ranges::all_of(line, is_blank)) return;
    if (line.size() > kLineMax)
        return warning("the line is longer than racoon reads", "at most 1023 characters");
    if (is_blank(line.front()))
        return warning("the line begins with a blank, so racoon never finds it",
                       "the peer's identity stands in the first column");
    const auto identity_end = std::ranges::find_if(line, is_blank);
    const auto key_begin = std::find_if_not(identity_end, line.end(), is_blank);
    std::string identity{line.begin(), identity_end};
    if (key_begin == line.end())
        return warning(std::format("there is no secret for \"{}\"", identity), "IDENTITY SECRET");
    auto secret = key(View{key_begin, line.end()});
    if (!secret) return;
    const auto same = std::ranges::find(file_.entries, identity, &PskEntry::identity);
    if (same != file_.entries.end())
        return warning(std::format("a second secret for \"{}\", which racoon never uses", identity),
                       std::format("the first is in line {}", same->line));
    file_.entries.push_back(
        {.line = number_, .identity = std::move(identity), .key = *std::move(secret)});
}

std::optional<Secret> PskReader::key(View text) {
    if (text.size() < 2 || text[0] != '0' || text[1] != 'x') {
        if (is_blank(text.back()))
            warning("the secret ends in a blank, and racoon takes it as a part of it",
                    "the peer's must end in the same");
        return Secret{text};
    }
    auto octets = from_hex(text.subspan(2));
    if (!octets) warning("after 0x come hexadecimal digits, two for each octet", "");
    return octets;
}

void PskReader::warning(std::string text, std::string hint) {
    if (diagnostics_.size() >= kDiagnosticsMax) return;
    diagnostics_.push_back({.severity = daemon::Severity::Warning,
                            .file = file_.file,
                            .line = number_,
                            .text = std::move(text),
                            .source_line = {},
                            .hint = std::move(hint)});
}

}  // namespace

PskFile parse_psk_file(std::string file, View text, std::vector<daemon::Diagnostic>& diagnostics) {
    PskFile parsed{.file = std::move(file), .entries = {}};
    PskReader reader{parsed, diagnostics};
    while (!text.empty()) {
        const auto end = std::ranges::find(text, std::uint8_t{'\n'});
        reader.line(View{text.begin(), end});
        text = end == text.end() ? View{} : View{end + 1, text.end()};
    }
    return parsed;
}

}  // namespace xfrmd::racoon
