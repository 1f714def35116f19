// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/mistakes.h"

#include <algorithm>
#include <format>
#include <tuple>

namespace xfrmd::setkey {

namespace {

daemon::Diagnostic diagnostic(daemon::Severity severity, const Source& source,
                              const Mistake& mistake) {
    const auto [line, column] = source.place_of(mistake.where.begin);
    return {.severity = severity,
            .file = source.name(),
            .line = line,
            .column = column,
            .text = mistake.text,
            .source_line = source.shown_line(mistake.where.begin),
            .hint = mistake.hint};
}

}  // namespace

void Mistakes::error(Mistake mistake) {
    if (errors_.size() < kKeptMax)
        errors_.push_back(std::move(mistake));
    else
        ++errors_not_kept_;
}

void Mistakes::warning(Mistake mistake) {
    const auto same =
        std::ranges::find(warnings_, mistake.text,
                          [](const Warning& w) -> const std::string& { return w.mistake.text; });
    if (same != warnings_.end())
        ++same->times;
    else if (warnings_.size() < kKeptMax)
        warnings_.push_back({std::move(mistake), 1});
}

std::vector<daemon::Diagnostic> Mistakes::told(const Source& source) const {
    std::vector<daemon::Diagnostic> all;
    for (const Mistake& mistake : errors_)
        all.push_back(diagnostic(daemon::Severity::Error, source, mistake));
    for (const auto& [mistake, times] : warnings_) {
        all.push_back(diagnostic(daemon::Severity::Warning, source, mistake));
        if (times > 1) all.back().text += std::format(" (here and {} more times)", times - 1);
    }
    std::ranges::stable_sort(all, {}, [](const daemon::Diagnostic& d) {
        return std::tuple{d.line, d.column};
    });
    if (errors_not_kept_ > 0)
        all.push_back(
            {.file = source.name(),
             .text = std::format("there are {} more mistakes behind these", errors_not_kept_),
             .source_line = {},
             .hint = {}});
    return all;
}

}  // namespace xfrmd::setkey
