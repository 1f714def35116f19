// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/source.h"

#include <algorithm>
#include <format>
#include <tuple>
#include <utility>

#include "netlink/model/secret.h"

namespace xfrmd::racoon {

namespace {

// More would scroll the first ones away.
constexpr std::size_t kMistakesMax = 100;
constexpr std::size_t kShownLineMax = 400;

bool continues_character(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

// Where the character `column`, counted from 1, begins in the line.
std::size_t offset_of(std::string_view line, std::uint32_t column) {
    std::size_t at = 0;
    for (std::uint32_t character = 1; at < line.size(); ++at) {
        if (at > 0 && !continues_character(line[at])) ++character;
        if (character == column) break;
    }
    return at;
}

}  // namespace

Source::Source(std::string file, std::string text)
    : file_{std::move(file)}, text_{std::move(text)}, begins_{0} {
    for (std::size_t at = 0; at < text_.size(); ++at)
        if (text_[at] == '\n') begins_.push_back(at + 1);
}

Source::~Source() {
    wipe_text(text_);
}

std::string Source::line(std::uint32_t number) const {
    if (number == 0 || number > begins_.size()) return {};
    const std::size_t begin = begins_[number - 1];
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    std::string_view shown = std::string_view{text_}.substr(begin, end - begin);
    if (shown.ends_with('\r')) shown.remove_suffix(1);
    bool cut = shown.size() > kShownLineMax;
    shown = shown.substr(0, kShownLineMax);
    for (const Hidden& hidden : hidden_) {
        if (hidden.line != number) continue;
        shown = shown.substr(0, offset_of(shown, hidden.column));
        cut = true;
    }
    return std::string{shown} + (cut ? "…" : "");
}

void Source::hide(std::uint32_t line, std::uint32_t column) {
    hidden_.push_back({line, column});
}

std::string Place::to_string() const {
    if (source == nullptr) return {};
    return line == 0 ? source->file() : std::format("{}:{}", source->file(), line);
}

void Mistakes::error(const Place& place, std::string text, std::string hint) {
    ++errors_;
    add(daemon::Severity::Error, place, std::move(text), std::move(hint));
}

void Mistakes::warning(const Place& place, std::string text, std::string hint) {
    add(daemon::Severity::Warning, place, std::move(text), std::move(hint));
}

void Mistakes::add(daemon::Severity severity, const Place& place, std::string text,
                   std::string hint) {
    if (all_.size() >= kMistakesMax) {
        ++left_out_;
        return;
    }
    daemon::Diagnostic diagnostic{.severity = severity,
                                  .file = {},
                                  .line = place.line,
                                  .column = place.column,
                                  .text = std::move(text),
                                  .source_line = {},
                                  .hint = std::move(hint)};
    if (place.source != nullptr) {
        diagnostic.file = place.source->file();
        diagnostic.source_line = place.source->line(place.line);
    }
    all_.push_back(std::move(diagnostic));
}

std::vector<daemon::Diagnostic> Mistakes::take() {
    std::vector<std::string> files;
    for (const daemon::Diagnostic& diagnostic : all_)
        if (!std::ranges::contains(files, diagnostic.file)) files.push_back(diagnostic.file);
    std::ranges::stable_sort(all_, {}, [&](const daemon::Diagnostic& d) {
        return std::tuple{std::ranges::find(files, d.file) - files.begin(), d.line, d.column};
    });
    if (left_out_ > 0 && !all_.empty())
        all_.push_back(
            {.severity = errors_ > 0 ? daemon::Severity::Error : daemon::Severity::Warning,
             .file = all_.back().file,
             .text = std::format("{} more are not shown", left_out_),
             .source_line = {},
             .hint = "mend these first"});
    errors_ = 0;
    left_out_ = 0;
    return std::exchange(all_, {});
}

}  // namespace xfrmd::racoon
