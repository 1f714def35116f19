// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace xfrmd::daemon {

namespace {

Diagnostic at(Severity severity, const Place& place, std::string text, std::string hint) {
    Diagnostic diagnostic{.severity = severity,
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
    return diagnostic;
}

// The line without what follows the '=' after the character `column`.
std::string cut_after_key(const std::string& line, std::uint32_t column) {
    std::size_t from = 0;
    for (std::uint32_t character = 1; from < line.size() && character < column; ++from)
        if ((static_cast<unsigned char>(line[from]) & 0xc0) != 0x80) ++character;
    const std::size_t equals = line.find('=', std::min(from, line.size()));
    return equals == std::string::npos ? line : line.substr(0, equals + 1) + " …";
}

}  // namespace

void Diagnostics::error(const Place& place, std::string text, std::string hint) {
    add(Severity::Error, place, std::move(text), std::move(hint));
}

void Diagnostics::warning(const Place& place, std::string text, std::string hint) {
    add(Severity::Warning, place, std::move(text), std::move(hint));
}

void Diagnostics::waits_for_network(const Place& place, std::string text, std::string hint) {
    Diagnostic diagnostic = at(Severity::Error, place, std::move(text), std::move(hint));
    diagnostic.waits_for_network = true;
    add(std::move(diagnostic));
}

void Diagnostics::error_at_key(const Located<std::string>& key, std::string text,
                               std::string hint) {
    hidden_.push_back(key.place);
    error(key.place, std::move(text), std::move(hint));
}

void Diagnostics::add(Severity severity, const Place& place, std::string text, std::string hint) {
    add(at(severity, place, std::move(text), std::move(hint)));
}

void Diagnostics::add(Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::Error) ++errors_;
    if (!std::ranges::contains(files_, diagnostic.file)) files_.push_back(diagnostic.file);
    all_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::take() {
    const auto file_number = [this](const Diagnostic& d) {
        return std::ranges::find(files_, d.file) - files_.begin();
    };
    std::ranges::stable_sort(all_, {}, [&](const Diagnostic& d) {
        return std::tuple{file_number(d), d.line, d.column};
    });
    for (Diagnostic& diagnostic : all_) hide_values(diagnostic);
    errors_ = 0;
    files_.clear();
    hidden_.clear();
    return std::exchange(all_, {});
}

void Diagnostics::hide_values(Diagnostic& diagnostic) const {
    for (const Place& key : hidden_)
        if (key.source->file() == diagnostic.file && key.line == diagnostic.line)
            diagnostic.source_line = cut_after_key(diagnostic.source_line, key.column);
}

}  // namespace xfrmd::daemon
