// SPDX-License-Identifier: Apache-2.0
// A table of mistakes and of what is said about each, in mistakes.txt.
#include <catch2/catch_test_macros.hpp>

#include "test_host.h"
#include "tests/support/golden_table.h"

namespace {

using namespace xfrmd;
using test::TestHost;

std::string answer_to(const std::string& configuration) {
    TestHost host;
    host.write_credentials();
    const auto loaded = host.load(configuration);
    return host.as_seen(loaded ? "loaded\n" + test::rendered(loaded->warnings)
                               : test::rendered(loaded.error()));
}

}  // namespace

TEST_CASE("each mistake is told as the table says", "[configuration]") {
    test::check_golden_table(XFRMD_MISTAKES, 40, answer_to);
}
