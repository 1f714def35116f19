// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/did_you_mean.h"

#include <algorithm>
#include <vector>

namespace xfrmd::daemon {

namespace {

// Nobody writes longer words by mistake, and the table below is quadratic.
constexpr std::size_t kWordSizeMax = 64;

char folded(char c) {
    if (c == '-') return '_';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// How many letters must be inserted, left out, replaced or swapped with their neighbour.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> last(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const bool same = folded(left[i - 1]) == folded(right[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && folded(left[i - 1]) == folded(right[j - 2]) &&
                                 folded(left[i - 2]) == folded(right[j - 1]);
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[right.size()];
}

}  // namespace

std::optional<std::string> did_you_mean(std::string_view written,
                                        std::span<const std::string> words) {
    if (written.empty() || written.size() > kWordSizeMax) return std::nullopt;
    const std::string* nearest = nullptr;
    std::size_t nearest_distance = std::max<std::size_t>(1, written.size() / 3) + 1;
    for (const std::string& word : words) {
        if (word.size() > kWordSizeMax) continue;
        const std::size_t d = distance(written, word);
        if (d < nearest_distance) {
            nearest = &word;
            nearest_distance = d;
        }
    }
    if (nearest == nullptr || *nearest == written) return std::nullopt;
    return *nearest;
}

std::string one_of(std::span<const std::string> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += '"' + words[i] + '"';
    }
    return text;
}

}  // namespace xfrmd::daemon
