// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "cli/text.h"

namespace xfrmd::cli {

namespace {

constexpr std::size_t kGap = 2;

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::size_t taken = display_width(text);
    const std::string blanks(width > taken ? width - taken : 0, ' ');
    return right ? blanks + text : text + blanks;
}

void trim_end(std::string& line) {
    while (line.ends_with(' ')) line.pop_back();
}

}  // namespace

std::string Table::render(const Style& style) const {
    const std::vector<std::size_t> width = widths(style);
    std::string all;
    const auto add_line = [&](auto&& cell_of) {
        std::string line;
        std::string blanks;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (width[i] == 0) continue;
            const Cell cell = cell_of(i);
            const std::string text = shortened(cell.text, width[i], style.ellipsis());
            const std::string full = padded(text, width[i], columns_[i].right);
            // The escapes go around the text alone: blanks at the end of a line are left out.
            const std::size_t before = columns_[i].right ? full.size() - text.size() : 0;
            line += blanks + std::string(before, ' ') + style.paint(cell.paint, text);
            blanks = std::string(full.size() - text.size() - before + kGap, ' ');
        }
        trim_end(line);
        all += line + "\n";
    };
    add_line([&](std::size_t i) { return Cell{columns_[i].title, Paint::Bold}; });
    for (const auto& row : rows_)
        add_line([&](std::size_t i) { return i < row.size() ? row[i] : Cell{""}; });
    return all;
}

std::vector<std::size_t> Table::widths(const Style& style) const {
    std::vector<std::size_t> width(columns_.size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < std::min(row.size(), width.size()); ++i)
            width[i] = std::max(width[i], display_width(row[i].text));
    std::size_t shown = 0;
    for (std::size_t i = 0; i < width.size(); ++i) {
        if (width[i] == 0 && !rows_.empty()) continue;
        width[i] = std::max(width[i], display_width(columns_[i].title));
        ++shown;
    }
    if (style.width == 0 || shown == 0) return width;
    const std::size_t gaps = kGap * (shown - 1);
    for (;;) {
        const std::size_t total = std::accumulate(width.begin(), width.end(), gaps);
        if (total <= style.width) return width;
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i < width.size(); ++i)
            if (columns_[i].width_min > 0 && width[i] > columns_[i].width_min &&
                (widest == nullptr || width[i] > *widest))
                widest = &width[i];
        if (widest == nullptr) return width;
        --*widest;
    }
}

}  // namespace xfrmd::cli
