// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/printable.h"

#include <cstddef>

#include "netlink/model/octets.h"
#include "netlink/model/utf8.h"

namespace xfrmd::ike {

namespace {

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

}  // namespace xfrmd::ike
