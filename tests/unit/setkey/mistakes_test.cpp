// SPDX-License-Identifier: Apache-2.0
// A table of mistakes and of what is said about each, in mistakes.txt.
#include <catch2/catch_test_macros.hpp>

#include "cli/setkey/language/parser.h"
#include "tests/support/golden_table.h"

TEST_CASE("each mistake is told as the table says", "[setkey]") {
    xfrmd::test::check_golden_table(XFRMD_MISTAKES, 40, [](const std::string& text) {
        const xfrmd::setkey::Source source{"setkey.conf", text};
        const auto parsed = xfrmd::setkey::parse(source);
        const std::string told = xfrmd::daemon::render(parsed.diagnostics);
        return parsed.good ? "good\n" + told : told;
    });
}
