// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/name_constraints.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::ike::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

Subtree dns(std::string_view text) {
    return {2, file(text)};
}
Subtree email(std::string_view text) {
    return {1, file(text)};
}
Subtree uri(std::string_view text) {
    return {6, file(text)};
}
Subtree address(std::string_view digits) {
    return {7, hex(digits)};
}
Subtree directory(std::string_view text) {
    const auto name = DistinguishedName::parse(text);
    REQUIRE(name.has_value());
    return {4, name->to_der()};
}

struct Constraints {
    std::vector<Subtree> permitted;
    std::vector<Subtree> excluded;
};

// Whether a host with these names is accepted below an intermediate with these constraints.
std::string verdict_under(const Constraints& constraints, const CertificateOptions& host) {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options;
    options.subject = "CN=Constrained, O=Test";
    options.authority = true;
    options.permitted = constraints.permitted;
    options.excluded = constraints.excluded;
    const Credential middle = pki.make(root, options);
    return verdict(trust_in({root}).verify(chain({pki.make(middle, host), middle}), kToday));
}

CertificateOptions with_dns(std::string_view name) {
    CertificateOptions options;
    options.dns = {std::string{name}};
    return options;
}

CertificateOptions with_email(std::string_view name) {
    CertificateOptions options;
    options.email = {std::string{name}};
    return options;
}

CertificateOptions with_address(std::string_view name) {
    CertificateOptions options;
    options.addresses = {std::string{name}};
    return options;
}

CertificateOptions with_subject(std::string_view name) {
    CertificateOptions options;
    options.subject = std::string{name};
    return options;
}

const std::string kRefused = "CertificateUnusable";

}  // namespace

TEST_CASE("DNS names must lie in the permitted domains", "[auth]") {
    const Constraints constraints{{dns("example.net")}, {}};
    CHECK(verdict_under(constraints, with_dns("db1.example.net")) == "ok");
    CHECK(verdict_under(constraints, with_dns("example.net")) == "ok");
    CHECK(verdict_under(constraints, with_dns("a.b.Example.NET")) == "ok");
    const std::string refused = verdict_under(constraints, with_dns("db1.example.org"));
    CHECK_THAT(refused, StartsWith(kRefused));
    CHECK_THAT(refused,
               ContainsSubstring("\"db1.example.org\"") && ContainsSubstring("CN=Constrained"));
    CHECK_THAT(verdict_under(constraints, with_dns("notexample.net")), StartsWith(kRefused));
    CHECK_THAT(verdict_under({{dns(".example.net")}, {}}, with_dns("example.net")),
               StartsWith(kRefused));
    CHECK(verdict_under({{dns(".example.net")}, {}}, with_dns("db1.example.net")) == "ok");
    // Forms that are not constrained are free.
    CHECK(verdict_under(constraints, with_address("192.0.2.1")) == "ok");
}

TEST_CASE("DNS names must not lie in the excluded domains, in no spelling", "[auth]") {
    const Constraints constraints{{dns("example.net")}, {dns("secret.example.net")}};
    CHECK(verdict_under(constraints, with_dns("db1.example.net")) == "ok");
    CHECK_THAT(verdict_under(constraints, with_dns("secret.example.net")), StartsWith(kRefused));
    CHECK_THAT(verdict_under(constraints, with_dns("a.SECRET.example.net")), StartsWith(kRefused));
    CHECK_THAT(verdict_under({{}, {dns("")}}, with_dns("db1.example.net")), StartsWith(kRefused));
}

TEST_CASE("Every name of the certificate must be permitted, not only one", "[auth]") {
    CertificateOptions options = with_dns("db1.example.net");
    options.dns.emplace_back("db1.example.org");
    CHECK_THAT(verdict_under({{dns("example.net")}, {}}, options), StartsWith(kRefused));
    CHECK(verdict_under({{dns("example.net"), dns("example.org")}, {}}, options) == "ok");
}

TEST_CASE("Mail addresses must lie in what is permitted", "[auth]") {
    CHECK(verdict_under({{email("example.net")}, {}}, with_email("a@EXAMPLE.net")) == "ok");
    CHECK_THAT(verdict_under({{email("example.net")}, {}}, with_email("a@sub.example.net")),
               StartsWith(kRefused));
    CHECK(verdict_under({{email(".example.net")}, {}}, with_email("a@sub.example.net")) == "ok");
    CHECK_THAT(verdict_under({{email(".example.net")}, {}}, with_email("a@example.net")),
               StartsWith(kRefused));
    CHECK(verdict_under({{email("a@example.net")}, {}}, with_email("a@example.NET")) == "ok");
    CHECK_THAT(verdict_under({{email("a@example.net")}, {}}, with_email("A@example.net")),
               StartsWith(kRefused));
    CHECK_THAT(verdict_under({{}, {email("example.net")}}, with_email("a@example.net")),
               StartsWith(kRefused));
    CHECK(verdict_under({{}, {email("example.net")}}, with_email("a@example.org")) == "ok");
    // The old place for a mail address is constrained as well.
    CHECK_THAT(verdict_under({{email("example.net")}, {}},
                             with_subject("emailAddress=a@example.org, O=Test")),
               StartsWith(kRefused));
}

TEST_CASE("IP addresses must lie in what is permitted, of both families", "[auth]") {
    const Constraints v4{{address("c0000200ffffff00")}, {}};  // 192.0.2.0/24
    CHECK(verdict_under(v4, with_address("192.0.2.77")) == "ok");
    CHECK_THAT(verdict_under(v4, with_address("192.0.3.1")), StartsWith(kRefused));
    CHECK_THAT(verdict_under(v4, with_address("2001:db8::1")), StartsWith(kRefused));
    const Constraints v6{{address("20010db8000000000000000000000000"
                                  "ffffffff000000000000000000000000")},
                         {}};  // 2001:db8::/32
    CHECK(verdict_under(v6, with_address("2001:db8::1")) == "ok");
    CHECK_THAT(verdict_under(v6, with_address("2001:db9::1")), StartsWith(kRefused));
    CHECK_THAT(verdict_under({{}, v6.permitted}, with_address("2001:db8::1")),
               StartsWith(kRefused));
    CHECK(verdict_under({{}, v6.permitted}, with_address("2001:db9::1")) == "ok");
    CHECK_THAT(verdict_under({{}, {address("0000000000000000")}}, with_address("192.0.2.1")),
               StartsWith(kRefused));
}

TEST_CASE("Directory names must lie in the permitted subtree", "[auth]") {
    const Constraints constraints{{directory("O=Example, C=DE")}, {}};
    CHECK(verdict_under(constraints, with_subject("CN=db1, O=Example, C=DE")) == "ok");
    CHECK(verdict_under(constraints, with_subject("CN=db1, O=EXAMPLE, C=de")) == "ok");
    CHECK_THAT(verdict_under(constraints, with_subject("CN=db1, O=Other, C=DE")),
               StartsWith(kRefused));
    CHECK_THAT(verdict_under(constraints, with_subject("CN=db1, C=DE, O=Example")),
               StartsWith(kRefused));
    CertificateOptions alternative = with_subject("CN=db1, O=Example, C=DE");
    alternative.directory_names = {"CN=db1, O=Other, C=DE"};
    CHECK_THAT(verdict_under(constraints, alternative), StartsWith(kRefused));
}

TEST_CASE("Directory names must not lie in the excluded subtree", "[auth]") {
    const Constraints constraints{{}, {directory("OU=Secret, O=Example")}};
    CHECK(verdict_under(constraints, with_subject("CN=db1, O=Example")) == "ok");
    CHECK_THAT(verdict_under(constraints, with_subject("CN=db1, OU=secret, O=example")),
               StartsWith(kRefused));
    CertificateOptions alternative = with_subject("CN=db1, O=Example");
    alternative.directory_names = {"CN=x, OU=Secret, O=Example"};
    CHECK_THAT(verdict_under(constraints, alternative), StartsWith(kRefused));
}

TEST_CASE("A constrained form that we cannot compare is refused where it occurs", "[auth]") {
    CertificateOptions options = with_dns("db1.example.net");
    CHECK(verdict_under({{uri("example.net")}, {}}, options) == "ok");
    options.uris = {"https://example.net/"};
    CHECK_THAT(verdict_under({{uri("example.net")}, {}}, options), StartsWith(kRefused));
}

TEST_CASE("Constraints hold through further authorities and in trusted roots", "[auth]") {
    TestPki pki{1};
    CertificateOptions options;
    options.subject = "CN=Constrained Root, O=Test";
    options.permitted = {dns("example.net")};
    const Credential root = pki.make_root(options);
    const Credential middle = pki.make_intermediate(root, "Middle");
    const Trust trust = trust_in({root});
    CHECK(verdict(trust.verify(chain({pki.make_host(middle, "db1.example.net"), middle}),
                               kToday)) == "ok");
    CHECK_THAT(
        verdict(trust.verify(chain({pki.make_host(middle, "db1.example.org"), middle}), kToday)),
        StartsWith(kRefused));
}

TEST_CASE("Constraints also hold for the authorities below, but not for self-issued ones",
          "[auth]") {
    TestPki pki{1};
    CertificateOptions options;
    options.subject = "CN=Root, O=Example";
    options.permitted = {directory("OU=Hosts, O=Example")};
    const Credential root = pki.make_root(options);
    CertificateOptions rollover;  // a new key of the same authority: RFC 5280 §6.1
    rollover.subject = options.subject;
    rollover.authority = true;
    rollover.key_name = "new key";
    const Credential self_issued = pki.make(root, rollover);
    const CertificateOptions host = with_subject("CN=db1, OU=Hosts, O=Example");
    const Trust trust = trust_in({root});
    CHECK(verdict(trust.verify(chain({pki.make(self_issued, host), self_issued}), kToday)) == "ok");
    CertificateOptions other;
    other.subject = "CN=Middle, O=Example";
    other.authority = true;
    const Credential outside = pki.make(root, other);
    CHECK_THAT(verdict(trust.verify(chain({pki.make(outside, host), outside}), kToday)),
               StartsWith(kRefused));
}

TEST_CASE("A host's certificate with name constraints is refused", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options = with_dns("db1.example.net");
    options.permitted = {dns("example.net")};
    CHECK_THAT(verdict(trust_in({root}).verify(chain({pki.make(root, options)}), kToday)),
               StartsWith(kRefused));
}

TEST_CASE("Malformed name constraints are refused at every truncation", "[auth]") {
    // SEQUENCE { [0] { SEQUENCE { [2] "a" } }, [1] { SEQUENCE { [2] "b" } } }
    const Bytes good =
        hex("300e"
            "a0053003820161"
            "a1053003820162");
    REQUIRE(NameConstraints::parse(good).has_value());
    for (std::size_t length = 0; length < good.size(); ++length)
        CHECK_FALSE(NameConstraints::parse(View{good}.first(length)).has_value());
    for (const std::string_view bad : {"3000",      // no subtrees at all
                                       "3002a000",  // an empty list of subtrees
                                       "300ea1053003820162a0053003820161",  // out of order
                                       "300ea0053003820161a0053003820161",  // twice
                                       "300aa008300682016180010"
                                       "1",  // minimum 1
                                       "3009a0073005870361626"
                                       "3",                   // an address of three octets
                                       "3007a2053003820161",  // [2]
                                       "3007a0053003890161",  // GeneralName [9]
                                       "30008100"}) {
        INFO(bad);
        CHECK_FALSE(NameConstraints::parse(hex(bad)).has_value());
    }
}
