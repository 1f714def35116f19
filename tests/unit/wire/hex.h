// SPDX-License-Identifier: Apache-2.0
// Octets written down in tests: hexadecimal digits, grouped by blanks and line ends as one likes.
#pragma once

#include <string_view>

#include "netlink/model/octets.h"

namespace xfrmd::ike::test {

// Anything that is not a pair of digits or blank ends the program: the test itself is wrong.
Bytes hex(std::string_view text);

// 0, 1, 2, … 255, 0, …
Bytes counting(std::size_t octets);

}  // namespace xfrmd::ike::test
