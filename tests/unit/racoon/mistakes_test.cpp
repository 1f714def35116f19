// SPDX-License-Identifier: Apache-2.0
// A table of racoon.confs with mistakes and of what is said about each, in mistakes.txt.
#include <catch2/catch_test_macros.hpp>

#include "cli/racoon/configuration.h"
#include "cli/racoon/parser.h"
#include "tests/support/golden_table.h"

namespace {

using namespace xfrmd;

std::string answer_to(const std::string& text) {
    racoon::Mistakes mistakes;
    const racoon::Includes none = [](const std::string&, const std::string& pattern)
        -> std::expected<std::vector<racoon::IncludedFile>, std::string> {
        return std::unexpected{"no file matches " + pattern};
    };
    const auto tree = racoon::parse("racoon.conf", text, none, mistakes);
    static_cast<void>(racoon::interpret(tree, mistakes));
    return daemon::render(mistakes.take());
}

}  // namespace

TEST_CASE("each mistake in a racoon.conf is told as the table says", "[racoon]") {
    test::check_golden_table(XFRMD_MISTAKES, 25, answer_to);
}
