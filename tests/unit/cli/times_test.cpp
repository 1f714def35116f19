// SPDX-License-Identifier: Apache-2.0
#include "cli/times.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>

using namespace xfrmd::cli;
using namespace std::chrono;
using namespace std::chrono_literals;

TEST_CASE("times of RFC 3339 are read", "[cli]") {
    const WallTime day = sys_days{2026y / 11 / 23};
    CHECK(parse_rfc3339("2026-11-23T00:00:00Z") == day);
    CHECK(parse_rfc3339("2026-11-23T01:02:03.5Z") == day + 1h + 2min + 3s + 500ms);
    CHECK(parse_rfc3339("2026-11-23T01:02:03.123456789Z") == day + 1h + 2min + 3s + 123ms);
    CHECK(parse_rfc3339("2026-11-23T01:00:00+01:00") == day);
    CHECK(parse_rfc3339("2026-11-22T23:30:00-00:30") == day);
    CHECK(parse_rfc3339("2016-12-31T23:59:60Z").has_value());
    for (const auto text :
         {"", "now", "2026-11-23", "2026-11-23T00:00:00", "2026-13-01T00:00:00Z",
          "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T00:60:00Z",
          "2026-11-23T00:00:00.Z", "2026-11-23T00:00:00Zx", "2026-11-23 00:00:00Z",
          "-026-11-23T00:00:00Z", "2026-11-23T00:00:00+1:00"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text).has_value());
    }
}

TEST_CASE("durations are told in two units at most", "[cli]") {
    CHECK(duration_text(0s) == "0s");
    CHECK(duration_text(-5s) == "0s");
    CHECK(duration_text(12'999ms) == "12s");
    CHECK(duration_text(60s) == "1m00s");
    CHECK(duration_text(3min + 12s) == "3m12s");
    CHECK(duration_text(3h + 5min + 59s) == "3h05m");
    CHECK(duration_text(5 * 24h + 3h) == "5d03h");
}

TEST_CASE("times are told from now", "[cli]") {
    const WallTime now = sys_days{2026y / 11 / 23} + 12h;
    CHECK(relative_text("2026-11-23T11:56:48Z", now) == "3m12s ago");
    CHECK(relative_text("2026-11-23T12:00:18Z", now) == "in 18s");
    CHECK(relative_text("2026-11-23T12:00:00Z", now) == "just now");
    CHECK(relative_text("2026-11-23T12:00:00.4Z", now) == "in 1s");
    CHECK(relative_text("some\x1btime", now) == "some\\x1btime");
    CHECK(elapsed_text("2026-11-23T11:00:00Z", now) == "1h00m");
    CHECK(elapsed_text("", now).empty());
}

TEST_CASE("milliseconds keep what matters", "[cli]") {
    CHECK(milliseconds_text(0.04) == "0.0 ms");
    CHECK(milliseconds_text(12.34) == "12.3 ms");
    CHECK(milliseconds_text(345.6) == "346 ms");
    CHECK(milliseconds_text(12'345) == "12.3 s");
    CHECK(milliseconds_text(std::numeric_limits<double>::infinity()) == "? ms");
}
