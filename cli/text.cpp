// SPDX-License-Identifier: Apache-2.0
#include "cli/text.h"

#include <algorithm>
#include <cstdint>
#include <format>
#include <ftxui/screen/string.hpp>
#include <vector>

#include "netlink/model/utf8.h"

namespace xfrmd::cli {

namespace {

std::string escaped(std::uint32_t code) {
    return code < 0x100 ? std::format("\\x{:02x}", code) : std::format("\\u{:04x}", code);
}

// The characters one by one, those without a width of their own with the one before them.
std::vector<std::string> glyphs(const std::string& text) {
    std::vector<std::string> all;
    for (std::string_view rest = text; !rest.empty();) {
        const auto character = first_code_point(rest);
        const std::string one{rest.substr(0, character ? character->octets : 1)};
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
        const auto character = first_code_point(text);
        if (!character)
            shown += escaped(static_cast<std::uint8_t>(text.front()));
        else if (acts_on_a_terminal(character->value))
            shown += escaped(character->value);
        else
            shown += text.substr(0, character->octets);
        text.remove_prefix(character ? character->octets : 1);
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

std::string octets_text(std::uint64_t octets) {
    constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(octets);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(kUnits); value /= 1024) ++unit;
    return unit == 0 ? std::format("{} B", octets) : std::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace xfrmd::cli
