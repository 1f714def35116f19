// SPDX-License-Identifier: Apache-2.0
// What becomes of each directive of racoon.conf, by itself: one row for each row of the grammar.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/migrate/report.h"
#include "cli/racoon/tree.h"

namespace xfrmd::migrate {

struct Finding {
    Verdict verdict = Verdict::Converted;
    std::string text;
    std::string action;
};

struct Mapping {
    racoon::Context context = racoon::Context::Global;
    std::string_view word;
    Verdict verdict = Verdict::Converted;
    std::string_view text;
    std::string_view action;
    // Where the value matters; otherwise null.
    Finding (*judge)(const racoon::Statement& statement) = nullptr;
};

[[nodiscard]] std::span<const Mapping> mappings();
// Null only if the grammar has a row that this table has not, which a test forbids.
[[nodiscard]] const Mapping* mapping_of(const racoon::Directive& directive);
[[nodiscard]] Finding judge(const racoon::Statement& statement);

}  // namespace xfrmd::migrate
