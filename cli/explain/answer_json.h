// SPDX-License-Identifier: Apache-2.0
// An answer as JSON, always complete. SCHEMA.md describes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/explain/answer.h"
#include "cli/explain/origin.h"

namespace xfrmd::explain {

// One object on one line, with its newline. `later`: the counters some time after the survey.
[[nodiscard]] std::string answer_json_line(const Answer& answer, const Survey& survey,
                                           const Origins& origins,
                                           const std::optional<std::vector<Counter>>& later);

}  // namespace xfrmd::explain
