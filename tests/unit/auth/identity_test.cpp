// SPDX-License-Identifier: Apache-2.0
#include "ike/identity.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using xfrmd::ike::test::file;
using xfrmd::ike::test::hex;
using xfrmd::ike::test::identity;

namespace {

IdentityPattern pattern(std::string_view text) {
    const auto parsed = IdentityPattern::parse(text);
    INFO(text << ": " << (parsed ? "" : parsed.error()));
    REQUIRE(parsed.has_value());
    return *parsed;
}

bool matches(std::string_view pattern_text, std::string_view identity_text) {
    return pattern(pattern_text).matches(identity(identity_text));
}

}  // namespace

TEST_CASE("Identities are recognised by what they look like", "[auth]") {
    CHECK(identity("192.0.2.1") == Identity{IdType::Ipv4Address, hex("c0000201")});
    CHECK(identity("2001:db8::1") ==
          Identity{IdType::Ipv6Address, hex("20010db8000000000000000000000001")});
    CHECK(identity("db1.example.net") == Identity{IdType::Fqdn, file("db1.example.net")});
    CHECK(identity("host") == Identity{IdType::Fqdn, file("host")});
    CHECK(identity("user@example.net") ==
          Identity{IdType::Rfc822Address, file("user@example.net")});
    CHECK(identity("CN=db1, O=Example").type == IdType::DerAsn1Dn);
    CHECK(identity("CN=db1").type == IdType::DerAsn1Dn);
    CHECK(identity("@#0A0b") == Identity{IdType::KeyId, hex("0a0b")});
    CHECK(identity("keyid:0a0b") == Identity{IdType::KeyId, hex("0a0b")});
    CHECK(identity("keyid:branch office") == Identity{IdType::KeyId, file("branch office")});
    CHECK(identity("keyid:abc") ==
          Identity{IdType::KeyId, file("abc")});  // an odd number of digits is text
    CHECK(identity("  host  ") == identity("host"));
}

TEST_CASE("A prefix forces the type of an identity", "[auth]") {
    CHECK(identity("fqdn:192.0.2.1") == Identity{IdType::Fqdn, file("192.0.2.1")});
    CHECK(identity("ip:2001:db8::1").type == IdType::Ipv6Address);
    CHECK(identity("email:a@b") == Identity{IdType::Rfc822Address, file("a@b")});
    CHECK(identity("dn:CN=x").type == IdType::DerAsn1Dn);
    CHECK_FALSE(parse_identity("ip:host").has_value());
    CHECK_FALSE(parse_identity("email:host").has_value());
    CHECK_FALSE(parse_identity("fqdn:a b").has_value());
    CHECK_FALSE(parse_identity("dn:host").has_value());
    CHECK_FALSE(parse_identity("keyid:").has_value());
    CHECK_FALSE(parse_identity("@#xyz").has_value());
    CHECK_FALSE(parse_identity("@#").has_value());
}

TEST_CASE("What is no identity is refused with a sentence", "[auth]") {
    const std::string long_label(64, 'a');
    const std::string long_name = [] {
        std::string name = "a";
        for (int i = 0; i < 130; ++i) name += ".a";
        return name;
    }();
    for (const std::string& text :
         {std::string{""}, std::string{" "}, std::string{"a b"}, std::string{"a..b"},
          std::string{".a"}, std::string{"a."}, std::string{"@host"}, std::string{"a@"},
          std::string{"a@b@c d"}, std::string{"*.example.net"}, std::string{"CN=,O=x"},
          std::string{"/CN=x"}, std::string{"h\xc3\xb6st"}, std::string{"a\nb"}, long_label,
          long_name}) {
        INFO(text);
        const auto parsed = parse_identity(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().size() > 10);
        CHECK_FALSE(parsed.error().contains('\n'));
    }
}

TEST_CASE("Identities are written so that they can be read again", "[auth]") {
    for (const std::string_view text : {"192.0.2.1", "2001:db8::1", "db1.example.net",
                                        "user@example.net", "CN=db1,O=Example", "keyid:0a0b"}) {
        CHECK(to_string(identity(text)) == text);
    }
}

TEST_CASE("Identities from a peer are written whatever they hold", "[auth]") {
    CHECK(to_string(Identity{IdType::Fqdn, hex("61001b5b")}) == "a\\00\\1b[");
    CHECK(to_string(Identity{IdType::Ipv4Address, hex("c00002")}) == "ip:c00002");
    CHECK(to_string(Identity{IdType::Ipv6Address, {}}) == "ip:");
    CHECK(to_string(Identity{IdType::DerAsn1Dn, hex("3003")}) == "dn:3003");
    CHECK(to_string(Identity{IdType::DerAsn1Gn, hex("01")}) == "gn:01");
    CHECK(to_string(Identity{IdType{201}, hex("01")}) == "id type 201:01");
    CHECK(to_string(Identity{}) == "null");
}

TEST_CASE("A pattern without a wildcard is one identity", "[auth]") {
    CHECK(pattern("db1.example.net").exact() == identity("db1.example.net"));
    CHECK(matches("db1.example.net", "DB1.example.NET"));
    CHECK_FALSE(matches("db1.example.net", "db2.example.net"));
    CHECK_FALSE(matches("db1.example.net", "x.db1.example.net"));
    CHECK_FALSE(matches("192.0.2.1", "fqdn:192.0.2.1"));
    CHECK(matches("2001:db8::1", "2001:db8:0::1"));
    CHECK(matches("user@example.net", "user@EXAMPLE.net"));
    CHECK_FALSE(matches("user@example.net", "User@example.net"));
    CHECK(matches("CN=db1, O=Example", "O=example, CN=DB1"));
    CHECK_FALSE(matches("CN=db1, O=Example", "CN=db1, O=Example, C=DE"));
    CHECK(matches("keyid:0a0b", "@#0a0b"));
    CHECK_FALSE(matches("keyid:0a0b", "@#0a0c"));
}

TEST_CASE("A wildcard stands for one label, a mailbox or a whole value", "[auth]") {
    CHECK(matches("*.example.net", "db1.EXAMPLE.net"));
    CHECK_FALSE(matches("*.example.net", "example.net"));
    CHECK_FALSE(matches("*.example.net", "a.b.example.net"));
    CHECK_FALSE(matches("*.example.net", "db1.example.org"));
    CHECK_FALSE(matches("*.example.net", "email:a@b.example.net"));
    CHECK_FALSE(pattern("*.example.net").matches({IdType::Fqdn, file(".example.net")}));
    CHECK_FALSE(pattern("*.example.net").matches({IdType::Fqdn, file("*.example.net")}));
    CHECK_FALSE(pattern("*.example.net").matches({IdType::Fqdn, hex("6100")}));
    CHECK_FALSE(pattern("*.example.net").exact().has_value());
    CHECK(matches("*@example.net", "anybody@Example.net"));
    CHECK_FALSE(matches("*@example.net", "anybody@sub.example.net"));
    CHECK_FALSE(matches("*@example.net", "example.net"));
    CHECK(matches("CN=*, O=Example", "CN=anything at all, O=Example"));
    CHECK_FALSE(matches("CN=*, O=Example", "CN=db1, O=Other"));
    CHECK_FALSE(matches("CN=*, O=Example", "CN=db1, OU=x, O=Example"));
    CHECK_FALSE(matches("CN=*, O=Example", "fqdn:db1"));
}

TEST_CASE("Anybody is accepted only where it is written out", "[auth]") {
    for (const IdentityPattern& any : {IdentityPattern::any(), pattern("any_of_trust")}) {
        CHECK(any.matches(identity("db1.example.net")));
        CHECK(any.matches(identity("CN=x")));
        CHECK_FALSE(any.exact().has_value());
        CHECK(any.to_string() == "any_of_trust");
    }
    for (const std::string_view text :
         {"", "*", "%any", "*.", "*@", "a*.example.net", "a.*.example.net", "*.*.net", "CN=db*,O=x",
          "*.example.net.", "*@*.net", "**"}) {
        INFO(text);
        CHECK_FALSE(IdentityPattern::parse(text).has_value());
    }
    CHECK_FALSE(IdentityPattern{}.matches(identity("db1.example.net")));
}

TEST_CASE("Patterns say themselves as they were written", "[auth]") {
    CHECK(pattern("*.example.net").to_string() == "*.example.net");
    CHECK(pattern("CN=*, O=Example").to_string() == "CN=*, O=Example");
    CHECK(IdentityPattern::exactly(identity("192.0.2.1")).to_string() == "192.0.2.1");
}
