// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal.h"

#include <catch2/catch_test_macros.hpp>

#include "daemon/api/interface.h"

using namespace xfrmd::daemon;

TEST_CASE("A line has time, level, message and fields", "[daemon]") {
    const std::vector<Field> fields{{"connection", "db"}, {"peer_id", "CN=db1, O=Example"}};
    CHECK(render_line("2026-11-23T22:47:10.123Z", Level::Info, "connection db is up", fields) ==
          "2026-11-23T22:47:10.123Z info connection db is up connection=db peer_id=\"CN=db1, "
          "O=Example\"");
}

TEST_CASE("What a peer sends cannot begin a new line or colour the terminal", "[daemon]") {
    CHECK(escaped("a\nb\x1b[31m\x7f") == "a\\x0ab\\x1b[31m\\x7f");
    CHECK(escaped(std::string_view{"a\0b", 3}) == "a\\x00b");
    const std::vector<Field> fields{{"peer_id", "x\" reason=\"none\nerror forged"}};
    CHECK(render_line("t", Level::Warning, "m", fields) ==
          "t warning m peer_id=\"x\\\" reason=\\\"none\\x0aerror forged\"");
}

TEST_CASE("Valid UTF-8 stays readable, other octets are shown as numbers", "[daemon]") {
    CHECK(escaped("Zürich 東京 🔑") == "Zürich 東京 🔑");
    CHECK(escaped("\xff\xfe") == "\\xff\\xfe");
    CHECK(escaped("\xc0\xaf") == "\\xc0\\xaf");                    // an overlong slash
    CHECK(escaped("\xe2\x82") == "\\xe2\\x82");                    // cut off
    CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
    CHECK(escaped("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond Unicode
    CHECK(escaped("\xe2\x80\xae") == "\\xe2\\x80\\xae");           // turns the direction of writing
    CHECK(escaped("\xc2\x9b") == "\\xc2\\x9b");                    // a control of ISO 6429
}

TEST_CASE("An empty value is still seen", "[daemon]") {
    const std::vector<Field> fields{{"peer_id", ""}};
    CHECK(render_line("t", Level::Debug, "m", fields) == "t debug m peer_id=\"\"");
}

TEST_CASE("Levels have names both ways", "[daemon]") {
    for (const Level level :
         {Level::Error, Level::Warning, Level::Notice, Level::Info, Level::Debug})
        CHECK(parse_level(level_name(level)) == level);
    CHECK_FALSE(parse_level("loud"));
    for (const std::string_view word : xfrmd::api::kLogLevels) {
        INFO(word);
        REQUIRE(parse_level(word));
        CHECK(level_name(*parse_level(word)) == word);
    }
}
