// SPDX-License-Identifier: Apache-2.0
// Which parts of a text are keys, or were meant to be: no message may repeat them.
#pragma once

#include <vector>

#include "cli/setkey/language/source.h"

namespace xfrmd::setkey {

// Those that overlap `range`, whether or not the text around them is right.
[[nodiscard]] std::vector<Span> key_spans(const Source& source, Span range);

}  // namespace xfrmd::setkey
