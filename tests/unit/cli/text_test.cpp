// SPDX-License-Identifier: Apache-2.0
#include "cli/text.h"

#include <catch2/catch_test_macros.hpp>

using namespace xfrmd::cli;

TEST_CASE("what could steer a terminal is shown, not sent", "[cli]") {
    CHECK(printable("db1.example.net") == "db1.example.net");
    CHECK(printable("Bücherei 図書館") == "Bücherei 図書館");
    CHECK(printable("a\x1b[31mb") == "a\\x1b[31mb");
    CHECK(printable("a\nb\tc\r\x7f") == "a\\x0ab\\x09c\\x0d\\x7f");
    CHECK(printable(std::string{"a\0b", 3}) == "a\\x00b");
    CHECK(printable("a\u009bb") == "a\\x9bb");                   // CSI as one character
    CHECK(printable("a\u202eb\u2066c") == "a\\u202eb\\u2066c");  // turns the order
    CHECK(printable("a\u200bb\ufeff") == "a\\u200bb\\ufeff");    // hides itself
    CHECK(printable("").empty());
}

TEST_CASE("octets that are no UTF-8 are shown one by one", "[cli]") {
    CHECK(printable("\xff\xfe") == "\\xff\\xfe");
    CHECK(printable("\xc3") == "\\xc3");
    CHECK(printable("\xc3(") == "\\xc3(");
    CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");  // overlong
    CHECK(printable("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond Unicode
    CHECK(printable("\xf0\x9f\x98") == "\\xf0\\x9f\\x98");           // cut off
    CHECK(printable("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
}

TEST_CASE("width counts columns", "[cli]") {
    CHECK(display_width("") == 0);
    CHECK(display_width("abc") == 3);
    CHECK(display_width("Bücher") == 6);
    CHECK(display_width("図書館") == 6);
    CHECK(display_width("e\u0301") == 1);
}

TEST_CASE("the middle of a long text gives way", "[cli]") {
    CHECK(shortened("abcdefghij", 10, "…") == "abcdefghij");
    CHECK(shortened("abcdefghij", 9, "…") == "abcd…ghij");
    CHECK(shortened("abcdefghij", 4, "…") == "ab…j");
    CHECK(shortened("abcdefghij", 5, "..") == "ab..j");
    CHECK(shortened("abcdefghij", 1, "…") == "…");
    CHECK(shortened("abcdefghij", 0, "…").empty());
    CHECK(shortened("abcdefghij", 1, "..").empty());
    CHECK(shortened("図書館図書館", 7, "…") == "図…館");
    for (std::size_t width = 0; width < 14; ++width)
        CHECK(display_width(shortened("図書館a図書館b", width, "…")) <= width);
}
