// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/revocation.h"

#include <botan/x509_crl.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::ike::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

struct World {
    TestPki pki{1};
    Credential root = pki.make_root("Root");
    Credential middle = pki.make_intermediate(root, "Middle");
    Credential host = pki.make_host(middle, "db1");
    Credential other = pki.make_host(middle, "db2");

    // Whether the host is accepted with these lists.
    std::string verdict_with(const std::vector<Bytes>& crls, CrlMode mode) {
        return verdict(trust_in({root}, crls, mode).verify(chain({host, middle}), kToday));
    }
    Bytes crl_of_root(const CrlOptions& options = {}) { return pki.make_crl(root, options); }
    Bytes crl_of_middle(const CrlOptions& options = {}) { return pki.make_crl(middle, options); }
};

CrlOptions revoking(const Credential& credential) {
    CrlOptions options;
    options.revoked = {credential};
    return options;
}

CrlOptions stale() {
    CrlOptions options;
    options.this_update = kNow - 10 * kDay;
    options.next_update = kNow - kDay;
    return options;
}

const std::string kRevoked = "CertificateRevoked";
const std::string kUnknown = "CertificateUnusable";

}  // namespace

TEST_CASE("A revoked certificate is refused", "[auth]") {
    World world;
    const std::vector<Bytes> crls{world.crl_of_root(), world.crl_of_middle(revoking(world.host))};
    const CrlMode mode = GENERATE(CrlMode::IfAvailable, CrlMode::Require);
    const std::string result = world.verdict_with(crls, mode);
    CHECK_THAT(result, StartsWith(kRevoked));
    CHECK_THAT(result, ContainsSubstring("CN=db1") && ContainsSubstring("CN=Middle"));
}

TEST_CASE("A revoked intermediate is refused", "[auth]") {
    World world;
    const std::vector<Bytes> crls{world.crl_of_root(revoking(world.middle)), world.crl_of_middle()};
    CHECK_THAT(world.verdict_with(crls, CrlMode::IfAvailable),
               StartsWith(kRevoked) && ContainsSubstring("CN=Middle"));
}

TEST_CASE("Revocation lists are not looked at when they are off", "[auth]") {
    World world;
    CHECK(world.verdict_with({world.crl_of_middle(revoking(world.host))}, CrlMode::Off) == "ok");
}

TEST_CASE("Certificates that a list does not name are accepted", "[auth]") {
    World world;
    const std::vector<Bytes> crls{world.crl_of_root(), world.crl_of_middle(revoking(world.other))};
    CHECK(world.verdict_with(crls, CrlMode::Require) == "ok");
    CHECK(world.verdict_with(crls, CrlMode::IfAvailable) == "ok");
    CHECK(world.verdict_with({}, CrlMode::IfAvailable) == "ok");
}

TEST_CASE("Required lists must be there for every certificate of the path", "[auth]") {
    World world;
    CHECK_THAT(world.verdict_with({}, CrlMode::Require),
               StartsWith(kUnknown) && ContainsSubstring("no revocation list"));
    CHECK_THAT(world.verdict_with({world.crl_of_middle()}, CrlMode::Require),
               StartsWith(kUnknown) && ContainsSubstring("CN=Root"));
    CHECK_THAT(world.verdict_with({world.crl_of_root()}, CrlMode::Require),
               StartsWith(kUnknown) && ContainsSubstring("CN=Middle"));
}

TEST_CASE("A list that is out of date vouches for nothing", "[auth]") {
    World world;
    const std::vector<Bytes> crls{world.crl_of_root(), world.crl_of_middle(stale())};
    CHECK_THAT(world.verdict_with(crls, CrlMode::Require),
               StartsWith(kUnknown) && ContainsSubstring("out of date since 2026-05-31T00:00:00Z"));
    CHECK(world.verdict_with(crls, CrlMode::IfAvailable) == "ok");
}

TEST_CASE("What a list out of date names stays revoked unless a current list says otherwise",
          "[auth]") {
    World world;
    CrlOptions old = stale();
    old.revoked = {world.host};
    CHECK_THAT(world.verdict_with({world.crl_of_middle(old)}, CrlMode::IfAvailable),
               StartsWith(kRevoked));
    CHECK(world.verdict_with({world.crl_of_middle(old), world.crl_of_middle()},
                             CrlMode::IfAvailable) == "ok");
}

TEST_CASE("A list of tomorrow vouches for nothing, and one without an end is not loaded",
          "[auth]") {
    World world;
    CrlOptions tomorrow;
    tomorrow.this_update = kNow + kDay;
    CHECK_THAT(
        world.verdict_with({world.crl_of_root(), world.crl_of_middle(tomorrow)}, CrlMode::Require),
        StartsWith(kUnknown) && ContainsSubstring("only from"));
    CrlOptions endless;
    endless.next_update.reset();
    // RFC 5280 §5.1.2.5 requires nextUpdate.
    CHECK_FALSE(load_crls(std::vector<Bytes>{world.crl_of_middle(endless)}).has_value());
}

TEST_CASE("A list by somebody else counts for nothing", "[auth]") {
    World world;
    TestPki impostor{2};
    const Credential false_middle =
        impostor.make_intermediate(impostor.make_root("Root"), "Middle");
    CrlOptions options = revoking(world.host);
    options.key_identifier = GENERATE(true, false);
    const Bytes forged = impostor.make_crl(false_middle, options);
    CHECK(world.verdict_with({forged}, CrlMode::IfAvailable) == "ok");
    CHECK_THAT(world.verdict_with({world.crl_of_root(), forged}, CrlMode::Require),
               StartsWith(kUnknown));
}

TEST_CASE("An authority that may not sign lists does not", "[auth]") {
    TestPki pki{1};
    CertificateOptions options;
    options.subject = "CN=Root";
    options.key_usage = {"keyCertSign"};
    const Credential root = pki.make_root(options);
    const Credential host = pki.make_host(root, "db1");
    const std::vector<Bytes> crls{pki.make_crl(root)};
    CHECK_THAT(verdict(trust_in({root}, crls, CrlMode::Require).verify(chain({host}), kToday)),
               StartsWith(kUnknown));
}

TEST_CASE("A list signed with SHA-1 counts for nothing", "[auth]") {
    World world;
    CrlOptions weak;
    weak.hash = "SHA-1";
    CHECK_THAT(
        world.verdict_with({world.crl_of_root(), world.crl_of_middle(weak)}, CrlMode::Require),
        StartsWith(kUnknown));
}

TEST_CASE("Lists for a part of the certificates cover only those", "[auth]") {
    World world;
    const auto verdict_for = [&](std::string_view scope) {
        CrlOptions options;
        options.extra = {{"2.5.29.28", true, hex(scope)}};
        return world.verdict_with({world.crl_of_root(), world.crl_of_middle(options)},
                                  CrlMode::Require);
    };
    CHECK(verdict_for("30038101ff") == "ok");                       // only end certificates
    CHECK_THAT(verdict_for("30038201ff"), StartsWith(kUnknown));    // only authorities
    CHECK_THAT(verdict_for("30038401ff"), StartsWith(kUnknown));    // indirect
    CHECK_THAT(verdict_for("30038501ff"), StartsWith(kUnknown));    // only attribute certificates
    CHECK_THAT(verdict_for("300483020640"), StartsWith(kUnknown));  // only some reasons
    CHECK_THAT(verdict_for("3009a007a00586036161"
                           "61"),
               StartsWith(kUnknown));  // another distribution point
}

TEST_CASE("Lists with critical extensions that nobody knows, and deltas, do not cover", "[auth]") {
    World world;
    CrlOptions unknown;
    unknown.extra = {{"1.3.6.1.4.1.99999.1", true, hex("0500")}};
    CHECK_THAT(
        world.verdict_with({world.crl_of_root(), world.crl_of_middle(unknown)}, CrlMode::Require),
        StartsWith(kUnknown));
    CrlOptions delta;
    delta.extra = {{"2.5.29.27", true, hex("020101")}};
    CHECK_THAT(
        world.verdict_with({world.crl_of_root(), world.crl_of_middle(delta)}, CrlMode::Require),
        StartsWith(kUnknown));
}

TEST_CASE("Lists are read from PEM and DER, and nothing else", "[auth]") {
    World world;
    const std::string both =
        xfrmd::test::to_pem(world.crl_of_root(), "X509 CRL") +
        xfrmd::test::to_pem(world.crl_of_middle(revoking(world.host)), "X509 CRL");
    CHECK_THAT(world.verdict_with({file(both)}, CrlMode::Require), StartsWith(kRevoked));
    const Bytes der = world.crl_of_middle(revoking(world.host));
    for (std::size_t length = 0; length < der.size(); ++length)
        CHECK_FALSE(load_crls(std::vector<Bytes>{to_bytes(View{der}.first(length))}).has_value());
    CHECK_FALSE(load_crls(std::vector<Bytes>{file(world.host.certificate_pem)}).has_value());
    CHECK_FALSE(load_crls(std::vector<Bytes>{world.host.certificate}).has_value());
}
