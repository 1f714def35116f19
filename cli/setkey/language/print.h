// SPDX-License-Identifier: Apache-2.0
// From statements back to text, in one canonical form: parsing it gives the same statement.
#pragma once

#include <string>

#include "cli/setkey/language/ast.h"

namespace xfrmd::setkey {

enum class Keys : std::uint8_t { Hide, Show };

// One line with its semicolon, without a newline. Hidden keys are "***" without quotes, which
// cannot be parsed.
[[nodiscard]] std::string print(const AnyStatement& statement, Keys keys);

}  // namespace xfrmd::setkey
