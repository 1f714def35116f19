// SPDX-License-Identifier: Apache-2.0
#include "netlink/model/utf8.h"

namespace xfrmd {

std::optional<CodePoint> first_code_point(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = octet(0);
    if (lead < 0x80) return CodePoint{lead, 1};
    const std::size_t octets = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < octets) return std::nullopt;
    std::uint32_t value = lead & (0x7fU >> octets);
    for (std::size_t i = 1; i < octets; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return std::nullopt;
        value = value << 6 | (octet(i) & 0x3fU);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < kSmallest[octets] || value > 0x10ffff || surrogate) return std::nullopt;
    return CodePoint{value, octets};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto point = first_code_point(text);
        if (!point) return false;
        text.remove_prefix(point->octets);
    }
    return true;
}

bool acts_on_a_terminal(std::uint32_t code_point) {
    const auto within = [code_point](std::uint32_t first, std::uint32_t last) {
        return code_point >= first && code_point <= last;
    };
    return code_point < 0x20 || within(0x7f, 0x9f) ||           // C0, DEL, C1
           code_point == 0xad || code_point == 0x61c ||         // soft hyphen, direction mark
           within(0x200b, 0x200f) || within(0x2028, 0x202e) ||  // zero width, separators, overrides
           within(0x2060, 0x206f) || code_point == 0xfeff ||    // invisible operators, isolates
           within(0xfff9, 0xfffb) || within(0xe0000, 0xe007f);  // annotations, tags
}

}  // namespace xfrmd
