// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/printable.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t octets = 1;
};

std::uint8_t octet_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

// The code point at the start of `text`; nothing if it is not UTF-8 (RFC 3629: no overlong form, no
// surrogate).
std::optional<CodePoint> first_code_point(std::string_view text) {
    const std::uint8_t lead = octet_at(text, 0);
    if (lead < 0x80) return CodePoint{lead, 1};
    CodePoint point;
    if (lead >= 0xc2 && lead <= 0xdf) {
        point = {lead & 0x1fu, 2};
    } else if (lead >= 0xe0 && lead <= 0xef) {
        point = {lead & 0x0fu, 3};
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        point = {lead & 0x07u, 4};
    } else {
        return std::nullopt;
    }
    if (text.size() < point.octets) return std::nullopt;
    for (std::size_t i = 1; i < point.octets; ++i) {
        const std::uint8_t next = octet_at(text, i);
        if ((next & 0xc0) != 0x80) return std::nullopt;
        point.value = (point.value << 6) | (next & 0x3fu);
    }
    const bool overlong =
        (point.octets == 3 && point.value < 0x800) || (point.octets == 4 && point.value < 0x10000);
    const bool surrogate = point.value >= 0xd800 && point.value <= 0xdfff;
    if (overlong || surrogate || point.value > 0x10ffff) return std::nullopt;
    return point;
}

bool acts_on_a_terminal(std::uint32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) ||  // C0, DEL, C1
           (code_point >= 0x200b && code_point <= 0x200f) ||  // zero width, direction marks
           (code_point >= 0x2028 && code_point <= 0x202e) ||  // line separators, overrides
           (code_point >= 0x2060 && code_point <= 0x2069) || code_point == 0xfeff;
}

void append_hex(std::string& to, std::string_view octets) {
    for (const char octet : octets) {
        to += '\\';
        to += to_hex(as_view(std::string_view{&octet, 1}));
    }
}

}  // namespace

void append_printable(std::string& to, std::string_view text, std::string_view specials) {
    while (!text.empty()) {
        const auto point = first_code_point(text);
        const std::size_t octets = point ? point->octets : 1;
        const std::string_view current = text.substr(0, octets);
        if (!point || acts_on_a_terminal(point->value)) {
            append_hex(to, current);
        } else {
            if (octets == 1 && (current[0] == '\\' || specials.contains(current[0]))) to += '\\';
            to += current;
        }
        text.remove_prefix(octets);
    }
}

std::string printable(std::string_view text) {
    std::string result;
    append_printable(result, text);
    return result;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto point = first_code_point(text);
        if (!point) return false;
        text.remove_prefix(point->octets);
    }
    return true;
}

}  // namespace xfrmd::ike
