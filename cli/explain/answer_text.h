// SPDX-License-Identifier: Apache-2.0
// An answer as text for people. Pure: the same answer and scene give the same text.
#pragma once

#include <string>
#include <vector>

#include "cli/explain/answer.h"
#include "cli/explain/origin.h"
#include "cli/style.h"

namespace xfrmd::explain {

struct TextOptions {
    cli::Style style;
    bool all = false;  // every losing candidate, not only those that came closest
};

[[nodiscard]] std::string answer_text(const Answer& answer, const Survey& survey,
                                      const Origins& origins, const TextOptions& options);

// "in 5 s: XfrmOutNoStates +3, …"; what did not move is not told.
[[nodiscard]] std::string moved_text(const std::vector<Counter>& before,
                                     const std::vector<Counter>& after, unsigned seconds);

}  // namespace xfrmd::explain
