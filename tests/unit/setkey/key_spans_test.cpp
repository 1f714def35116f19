// SPDX-License-Identifier: Apache-2.0
// Lines are shown without keys, whatever else is wrong with them.
#include "cli/setkey/language/key_spans.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using xfrmd::setkey::Source;

std::string shown(std::string_view text) {
    return Source{"test", text}.shown_line(static_cast<std::uint32_t>(text.size()));
}

}  // namespace

TEST_CASE("a key in a line is hidden", "[setkey]") {
    CHECK(shown("add a b esp 1 -E des-cbc \"password\" -A hmac-md5 0x1;") ==
          "add a b esp 1 -E des-cbc ********** -A hmac-md5 ***;");
    CHECK(shown("-E aes-gcm-16/128 0x00 ; add 0x1000") == "-E aes-gcm-16/128 **** ; add 0x1000");
    CHECK(shown("flush esp 0x123456789 5") == "flush esp *********** 5");
    CHECK(shown("-E des-cbc\n0x1;") == "***;");
    CHECK(shown("-E des-cbc # comment; more\n\n 0x1;") == " ***;");
}

TEST_CASE("what was meant as a key is hidden", "[setkey]") {
    CHECK(shown("-E des-cbc \"password") == "-E des-cbc *********");
    CHECK(shown("-E des-cbc deadbeef cafe -A x 0x1;") == "-E des-cbc ******** **** -A x ***;");
    CHECK(shown("-E des-cbc {secret};") == "-E des-cbc ********;");
    CHECK(shown("add a b esp 1 \"password\";") == "add a b esp 1 **********;");
    CHECK(shown("-E des-cbc deadbeef\nadd a b") == "add a b");
}

TEST_CASE("what is no key is shown", "[setkey]") {
    CHECK(shown("spdadd tagged \"office\" -P out none;") ==
          "spdadd tagged \"office\" -P out none;");
    CHECK(shown("add a b esp 1 -ctx 1 1 \"a:b\" -E null;") ==
          "add a b esp 1 -ctx 1 1 \"a:b\" -E null;");
    CHECK(shown("add a b esp 0xffffffff -u 5 -E null -A null;") ==
          "add a b esp 0xffffffff -u 5 -E null -A null;");
    CHECK(shown("-C deflate -R;") == "-C deflate -R;");
}

TEST_CASE("a key far into a text is hidden", "[setkey]") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "spdadd ::/0 ::/0 any -P out none;\n";
    CHECK(shown(text + "add a b esp 1 -E des-cbc 0x123;") == "add a b esp 1 -E des-cbc *****;");
}
