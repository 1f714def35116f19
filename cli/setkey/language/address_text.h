// SPDX-License-Identifier: Apache-2.0
// What a word is that stands where an address should.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "cli/setkey/language/ast.h"

namespace xfrmd::setkey {

// What is wrong with it, and what to write instead.
struct AddressMistake {
    std::string text;
    std::string hint;
};

// An address, or what may be a host's name. What begins like an address and is none is a mistake,
// never a name: 192.168.0.0.0, 300.1.1.1, 10.1, fe80::1::2.
[[nodiscard]] std::expected<Host, AddressMistake> parse_host(std::string_view word);

// 192.0.2.1 as a number; nothing if it is no IPv4 address.
[[nodiscard]] std::optional<std::uint32_t> parse_dotted_quad(std::string_view word);

}  // namespace xfrmd::setkey
