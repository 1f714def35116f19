// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/distinguished_name.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

#include "ike/auth/printable.h"
#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using xfrmd::ike::test::hex;

namespace {

DistinguishedName name(std::string_view text) {
    const auto parsed = DistinguishedName::parse(text);
    INFO(text << ": " << (parsed ? "" : parsed.error()));
    REQUIRE(parsed.has_value());
    return *parsed;
}

}  // namespace

TEST_CASE("A name is written most specific first and encoded least specific first", "[auth]") {
    // SEQUENCE { SET { SEQUENCE { organizationName, PrintableString "Example" } },
    //            SET { SEQUENCE { commonName, PrintableString "db1" } } }
    CHECK(to_hex(name("CN=db1, O=Example").to_der()) ==
          "302031"
          "10300e0603550"
          "40a1307"
          "4578616d706c65"
          "310c300a06035504031303"
          "646231");
    CHECK(name("CN=db1, O=Example").to_string() == "CN=db1,O=Example");
}

TEST_CASE("Names survive text and DER", "[auth]") {
    for (const std::string_view text :
         {"CN=db1,O=Example", "C=DE", "CN=a+OU=b,O=c", "CN=M\xc3\xbcller,O=\xe4\xbe\x8b,C=JP",
          "CN=Smith\\, John,O=x", "CN=\\ leading,O=trailing\\ ", "CN=\\#1", "CN=a=b", "CN=a\\+b",
          "CN=\\\\", "CN=a\\0ab", "emailAddress=a@b.c,CN=x", "UID=u,DC=example,DC=net",
          "1.2.3.4=value", "serialNumber=17,CN=x", "CN=\\\"quoted\\\""}) {
        INFO(text);
        const DistinguishedName parsed = name(text);
        CHECK(parsed.to_string() == text);
        const auto decoded = DistinguishedName::from_der(parsed.to_der());
        REQUIRE(decoded.has_value());
        CHECK(decoded->to_string() == text);
        CHECK(decoded->equals(parsed));
        CHECK(decoded->to_der() == parsed.to_der());
    }
}

TEST_CASE("Names are read with the freedoms people take", "[auth]") {
    CHECK(name("cn = db1 ,  o = Example").to_string() == "CN=db1,O=Example");
    CHECK(name("CN=\"Smith, John\",O=x").to_string() == "CN=Smith\\, John,O=x");
    CHECK(name("CN=a;O=b").to_string() == "CN=a,O=b");
    CHECK(name("E=a@b.c").to_string() == "emailAddress=a@b.c");
    CHECK(name("OID.2.5.4.3=x").to_string() == "CN=x");
    CHECK(name("CN=M\\C3\\BCller").to_string() == "CN=M\xc3\xbcller");
}

TEST_CASE("What is no name is refused with the reason", "[auth]") {
    for (const std::string_view text :
         {"", "db1", "CN", "CN=", "CN=,O=x", "CN=a,", "CN=a,O", "CN=a,=b", "XY=a", "CN=#0403",
          "CN=\"a", "CN=\"a\"b", "CN=a\\", "CN=a\\x", "CN=\\ff", "/C=DE/CN=db1", "9.9.9=x",
          "1..2=x"}) {
        INFO(text);
        const auto parsed = DistinguishedName::parse(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().size() > 10);
    }
    std::string many = "CN=a";
    for (int i = 0; i < 64; ++i) many += ",OU=b";
    CHECK_FALSE(DistinguishedName::parse(many).has_value());
    CHECK_FALSE(DistinguishedName::parse("CN=" + std::string(9000, 'a')).has_value());
}

TEST_CASE("DER of a name that is cut short, padded or something else is refused", "[auth]") {
    const Bytes der = name("CN=db1, OU=x+L=y, O=Example").to_der();
    for (std::size_t length = 0; length < der.size(); ++length) {
        INFO(length);
        CHECK_FALSE(DistinguishedName::from_der(View{der}.first(length)).has_value());
    }
    Bytes longer = der;
    longer.push_back(0);
    CHECK_FALSE(DistinguishedName::from_der(longer).has_value());
    CHECK(DistinguishedName::from_der(hex("3000"))->empty());
    CHECK_FALSE(DistinguishedName::from_der(hex("30023100")).has_value());    // an empty SET
    CHECK_FALSE(DistinguishedName::from_der(hex("3003020101")).has_value());  // an INTEGER
    CHECK_FALSE(DistinguishedName::from_der(hex("300c310a30080603550403020101"))
                    .has_value());  // CN is an INTEGER
}

TEST_CASE("Values compare without regard to case and spacing, names in order", "[auth]") {
    CHECK(name("CN=DB1,O=Example  Inc").equals(name("CN=db1, O=example inc")));
    CHECK_FALSE(name("CN=db1,O=Example").equals(name("O=Example,CN=db1")));
    CHECK_FALSE(name("CN=db1,O=Example").equals(name("CN=db1")));
    CHECK_FALSE(name("CN=db1,O=Example").equals(name("CN=db2,O=Example")));
    CHECK_FALSE(name("CN=db1").equals(name("OU=db1")));
    CHECK(name("CN=a+OU=b").equals(name("OU=b+CN=a")));
    CHECK_FALSE(name("CN=a+OU=b").equals(name("CN=a,OU=b")));
    CHECK_FALSE(name("CN=\xc3\xa4").equals(name("CN=\xc3\x84")));
    // A value that another encoding spells the same: PrintableString and UTF8String.
    const auto utf8 = DistinguishedName::from_der(hex("300e310c300a06035504030c03646231"));
    REQUIRE(utf8.has_value());
    CHECK(utf8->equals(name("CN=db1")));
}

TEST_CASE("Written names match in any order, wildcards stand for whole values", "[auth]") {
    const DistinguishedName actual = name("CN=db1,OU=a,OU=b,O=Example,C=DE");
    CHECK(name("C=DE,O=Example,OU=b,OU=a,CN=db1").has_same_attributes(actual, false));
    CHECK(name("CN=*,OU=*,OU=b,O=example,C=DE").has_same_attributes(actual, true));
    CHECK_FALSE(name("CN=*,OU=*,OU=b,O=example,C=DE").has_same_attributes(actual, false));
    CHECK_FALSE(name("CN=*,O=example,C=DE").has_same_attributes(actual, true));
    CHECK_FALSE(name("CN=*,OU=*,OU=*,OU=*,O=example,C=DE").has_same_attributes(actual, true));
    CHECK_FALSE(name("CN=*,OU=*,OU=c,O=example,C=DE").has_same_attributes(actual, true));
}

TEST_CASE("A subtree holds the names that begin like it", "[auth]") {
    CHECK(name("CN=db1,O=Example,C=DE").is_within(name("O=example,C=de")));
    CHECK(name("O=Example,C=DE").is_within(name("O=Example,C=DE")));
    CHECK_FALSE(name("C=DE").is_within(name("O=Example,C=DE")));
    CHECK_FALSE(name("CN=db1,O=Other,C=DE").is_within(name("O=Example,C=DE")));
    CHECK_FALSE(name("C=DE,O=Example,CN=db1").is_within(name("O=Example,C=DE")));
}

TEST_CASE("Text of unknown origin cannot act on a terminal", "[auth]") {
    CHECK(printable("db1") == "db1");
    CHECK(printable("a\x1b[2Jb\n") == "a\\1b[2Jb\\0a");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\c2\\9b31m");  // C1 control sequence introducer
    CHECK(printable("\xe2\x80\xae"
                    "abc") == "\\e2\\80\\aeabc");  // right-to-left override
    CHECK(printable("\xff\xc3") == "\\ff\\c3");
    CHECK(printable("\xc0\x80\xed\xa0\x80") == "\\c0\\80\\ed\\a0\\80");
    CHECK(printable("\xc3\xbc") == "\xc3\xbc");
    CHECK(printable("back\\slash") == "back\\\\slash");
}
