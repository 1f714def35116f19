// SPDX-License-Identifier: Apache-2.0
#include "cli/text.h"

#include <algorithm>
#include <cstdint>
#include <format>
#include <ftxui/screen/string.hpp>
#include <optional>
#include <vector>

namespace xfrmd::cli {

namespace {

struct Character {
    std::size_t size = 0;  // octets
    std::uint32_t code = 0;
};

// The character at the beginning, if it is well-formed UTF-8: RFC 3629 §4.
std::optional<Character> decode(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = octet(0);
    if (first < 0x80) return Character{1, first};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return std::nullopt;
    std::uint32_t code = first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return std::nullopt;
        code = code << 6 | (octet(i) & 0x3fU);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < kSmallest[size] || code > 0x10ffff || surrogate) return std::nullopt;
    return Character{size, code};
}

// What would move the cursor, hide itself or turn the order of its neighbours.
bool is_harmful(std::uint32_t code) {
    const auto within = [code](std::uint32_t first, std::uint32_t last) {
        return code >= first && code <= last;
    };
    return code < 0x20 || within(0x7f, 0x9f) || code == 0xad || code == 0x61c ||
           within(0x200b, 0x200f) || within(0x2028, 0x202e) || within(0x2060, 0x206f) ||
           code == 0xfeff || within(0xfff9, 0xfffb) || within(0xe0000, 0xe007f);
}

std::string escaped(std::uint32_t code) {
    return code < 0x100 ? std::format("\\x{:02x}", code) : std::format("\\u{:04x}", code);
}

// The characters one by one, those without a width of their own with the one before them.
std::vector<std::string> glyphs(const std::string& text) {
    std::vector<std::string> all;
    for (std::string_view rest = text; !rest.empty();) {
        const auto character = decode(rest);
        const std::string one{rest.substr(0, character ? character->size : 1)};
        rest.remove_prefix(one.size());
        if (!all.empty() && ftxui::string_width(one) == 0)
            all.back() += one;
        else
            all.push_back(one);
    }
    return all;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto character = decode(text);
        if (!character)
            shown += escaped(static_cast<std::uint8_t>(text.front()));
        else if (is_harmful(character->code))
            shown += escaped(character->code);
        else
            shown += text.substr(0, character->size);
        text.remove_prefix(character ? character->size : 1);
    }
    return shown;
}

std::size_t display_width(const std::string& text) {
    return static_cast<std::size_t>(std::max(0, ftxui::string_width(text)));
}

std::string shortened(const std::string& text, std::size_t width, std::string_view ellipsis) {
    if (display_width(text) <= width) return text;
    const std::size_t ellipsis_width = display_width(std::string{ellipsis});
    if (width <= ellipsis_width)
        return std::string{ellipsis.substr(0, width < ellipsis_width ? 0 : ellipsis.size())};
    const std::vector<std::string> all = glyphs(text);
    std::size_t head_room = (width - ellipsis_width + 1) / 2;
    std::size_t tail_room = (width - ellipsis_width) / 2;
    std::string head;
    std::string tail;
    for (std::size_t i = 0; i < all.size() && display_width(all[i]) <= head_room; ++i) {
        head += all[i];
        head_room -= display_width(all[i]);
    }
    for (std::size_t i = all.size(); i > 0 && display_width(all[i - 1]) <= tail_room; --i) {
        tail.insert(0, all[i - 1]);
        tail_room -= display_width(all[i - 1]);
    }
    return head + std::string{ellipsis} + tail;
}

}  // namespace xfrmd::cli
