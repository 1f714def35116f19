// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/language/source.h"

#include <algorithm>

#include "cli/setkey/language/key_spans.h"

namespace xfrmd::setkey {

namespace {

bool begins_character(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) != 0x80;
}

}  // namespace

Source::Source(std::string name, Secret text)
    : name_{std::move(name)}, text_{std::move(text)}, line_begins_{0} {
    const std::string_view all = this->text();
    for (std::size_t i = all.find('\n'); i != std::string_view::npos; i = all.find('\n', i + 1))
        line_begins_.push_back(static_cast<std::uint32_t>(i + 1));
}

std::string_view Source::text() const {
    const View octets = text_.view();
    return {static_cast<const char*>(static_cast<const void*>(octets.data())), octets.size()};
}

std::size_t Source::line_index(std::uint32_t offset) const {
    const auto after = std::ranges::upper_bound(line_begins_, offset);
    return static_cast<std::size_t>(after - line_begins_.begin()) - 1;
}

Source::Place Source::place_of(std::uint32_t offset) const {
    const std::size_t line = line_index(offset);
    const std::string_view before = text({line_begins_[line], offset});
    return {static_cast<std::uint32_t>(line + 1),
            static_cast<std::uint32_t>(std::ranges::count_if(before, begins_character) + 1)};
}

std::string Source::shown_line(std::uint32_t offset) const {
    const std::uint32_t begin = line_begins_[line_index(offset)];
    const std::string_view rest = text().substr(begin);
    std::string line{rest.substr(0, rest.find('\n'))};
    if (line.ends_with('\r')) line.pop_back();
    const auto end = static_cast<std::uint32_t>(begin + line.size());
    for (const Span key : key_spans(*this, {begin, end}))
        for (std::uint32_t i = std::max(key.begin, begin); i < std::min(key.end, end); ++i)
            line[i - begin] = '*';
    return line;
}

}  // namespace xfrmd::setkey
