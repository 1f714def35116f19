// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/lexer.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace xfrmd;
using racoon::TokenKind;

// "word string[...]" for each token.
std::string kinds(const std::string& text) {
    racoon::Source source{"racoon.conf", text};
    racoon::Mistakes mistakes;
    std::string all;
    for (const racoon::Token& token : racoon::tokenize(source, mistakes)) {
        switch (token.kind) {
            case TokenKind::Word:
                all += "w(" + token.text + ") ";
                break;
            case TokenKind::String:
                all += "s(" + token.text + ") ";
                break;
            case TokenKind::Bracketed:
                all += "b(" + token.text + ") ";
                break;
            case TokenKind::Open:
                all += "{ ";
                break;
            case TokenKind::Close:
                all += "} ";
                break;
            case TokenKind::Comma:
                all += ", ";
                break;
            case TokenKind::Semicolon:
                all += "; ";
                break;
            case TokenKind::End:
                all += ".";
                break;
        }
    }
    return all;
}

}  // namespace

TEST_CASE("words end where punctuation begins, and comments end with their line", "[racoon]") {
    CHECK(kinds("remote 10.0.0.1[500]{#x{;\n}") == "w(remote) w(10.0.0.1) b(500) { } .");
    CHECK(kinds("a b,c \"d e\";") == "w(a) w(b) , w(c) s(d e) ; .");
    CHECK(kinds("10.0.0.0/8[ any ]") == "w(10.0.0.0/8) b(any) .");
    CHECK(kinds("\"a # b\" c#\"") == "s(a # b) w(c) .");
    CHECK(kinds("") == ".");
}

TEST_CASE("every token knows its line and column, in characters", "[racoon]") {
    racoon::Source source{"racoon.conf", "a\n \"\xc3\xa4\" b\r\n\tc"};
    racoon::Mistakes mistakes;
    const auto tokens = racoon::tokenize(source, mistakes);
    REQUIRE(tokens.size() == 5);
    CHECK(tokens[1].place.line == 2);
    CHECK(tokens[1].place.column == 2);
    CHECK(tokens[1].begins_line);
    CHECK(tokens[2].place.column == 6);
    CHECK_FALSE(tokens[2].begins_line);
    CHECK(tokens[3].place.line == 3);
    CHECK(tokens[3].place.column == 2);
    CHECK(mistakes.take().empty());
}

TEST_CASE("what may be a secret is in no token and no line that is shown", "[racoon]") {
    racoon::Source source{"racoon.conf",
                          "ldapcfg { bind_pw \"hunter2\"; }\n"
                          "radiuscfg { auth \"server\" 1812\n\"hunter2\"; timeout 3; }\n"
                          "remote anonymous { shared_secret use \"hunter2\"; verify_cert of; }"};
    racoon::Mistakes mistakes;
    for (const racoon::Token& token : racoon::tokenize(source, mistakes))
        CHECK_FALSE(token.text.contains("hunter2"));
    for (std::uint32_t line = 1; line <= 4; ++line) {
        CHECK_FALSE(source.line(line).contains("hunter2"));
        CHECK_FALSE(source.line(line).empty());
    }
    CHECK(source.line(1) == "ldapcfg { bind_pw …");
}
