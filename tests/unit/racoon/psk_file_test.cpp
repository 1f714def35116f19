// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/psk_file.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace xfrmd;

std::string text_of(const Secret& secret) {
    const View view = secret.view();
    return {view.begin(), view.end()};
}

}  // namespace

TEST_CASE("psk.txt: an identity, then the secret up to the end of the line", "[racoon]") {
    std::vector<daemon::Diagnostic> told;
    const auto file = racoon::parse_psk_file("psk.txt",
                                             as_view("# comment\n"
                                                     "10.0.0.1\tsecret with blanks\n"
                                                     "\n"
                                                     "a@b.example   0x0a0B\r\n"
                                                     "*  everybody"),
                                             told);
    CHECK(told.empty());
    REQUIRE(file.entries.size() == 3);
    CHECK(file.entries[0].identity == "10.0.0.1");
    CHECK(text_of(file.entries[0].key) == "secret with blanks");
    CHECK(file.entries[0].line == 2);
    CHECK(to_hex(file.entries[1].key.view()) == "0a0b");
    CHECK(file.entries[2].matches_everybody());
}

TEST_CASE("what racoon would not find in psk.txt is told, and no secret is repeated", "[racoon]") {
    std::vector<daemon::Diagnostic> told;
    const auto file = racoon::parse_psk_file("psk.txt",
                                             as_view(" 10.0.0.1 hunter2\n"
                                                     "10.0.0.2\n"
                                                     "10.0.0.3 0xhunter2\n"
                                                     "10.0.0.4 hunter2 \n"
                                                     "10.0.0.4 hunter2\n"),
                                             told);
    REQUIRE(told.size() == 5);
    CHECK(told[0].text == "the line begins with a blank, so racoon never finds it");
    CHECK(told[1].text == "there is no secret for \"10.0.0.2\"");
    CHECK(told[2].text == "after 0x come hexadecimal digits, two for each octet");
    CHECK(told[3].text == "the secret ends in a blank, and racoon takes it as a part of it");
    CHECK(told[4].text == "a second secret for \"10.0.0.4\", which racoon never uses");
    CHECK_FALSE(daemon::render(told).contains("hunter"));
    REQUIRE(file.entries.size() == 1);
    CHECK(text_of(file.entries[0].key) == "hunter2 ");
}

TEST_CASE("psk.txt may hold any octets", "[racoon]") {
    std::vector<daemon::Diagnostic> told;
    std::string all;
    for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
    for (std::size_t from = 0; from < all.size(); from += 7)
        static_cast<void>(
            racoon::parse_psk_file("psk.txt", as_view(std::string_view{all}.substr(from)), told));
    CHECK(told.size() <= 50);
}
