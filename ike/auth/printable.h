// SPDX-License-Identifier: Apache-2.0
// Text of unknown origin made fit for terminals and journals.
#pragma once

#include <string>
#include <string_view>

namespace xfrmd::ike {

// Appends `text` with a '\' before each character of `specials` and before '\' itself. Control
// characters, what reverses the direction of text, and octets that are not UTF-8 become "\hh",
// octet by octet.
void append_printable(std::string& to, std::string_view text, std::string_view specials = {});

[[nodiscard]] std::string printable(std::string_view text);

}  // namespace xfrmd::ike
