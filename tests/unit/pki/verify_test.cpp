// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/verify.h"

#include <catch2/catch_test_macros.hpp>

#include "fixture.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::pki;
using namespace xfrmd::cli::pki::test;

struct Scene {
    Issuer issuer = authority();
    Bytes host = certificate(issuer, "db1.example.net", key());

    [[nodiscard]] Question question() const {
        Question question;
        question.certificates = host;
        question.authorities = issuer.certificate;
        question.now = kNow;
        return question;
    }
};

Verdict verdict(const Question& question) {
    auto given = verify(question);
    INFO((given ? std::string{} : given.error()));
    REQUIRE(given.has_value());
    return *std::move(given);
}

}  // namespace

TEST_CASE("a good certificate is accepted, with the names it may use and for how long", "[pki]") {
    const Scene scene;
    const Verdict given = verdict(scene.question());
    CHECK(given.accepted);
    CHECK(given.reason.empty());
    CHECK(given.identities ==
          std::vector<std::string>{"db1.example.net", "CN=db1.example.net,O=Test"});
    CHECK(given.until == kYear.until);
}

TEST_CASE("a certificate is about the peers that its names say, wildcards included", "[pki]") {
    const Scene scene;
    Question question = scene.question();
    for (const auto id : {"db1.example.net", "*.example.net", "CN=db1.example.net, O=Test",
                          "CN=*, O=Test", "any_of_trust"}) {
        INFO(id);
        question.id = id;
        CHECK(verdict(question).accepted);
    }
    question.id = "db2.example.net";
    const Verdict refused = verdict(question);
    CHECK_FALSE(refused.accepted);
    CHECK(refused.reason == "the certificate is good, but not about \"db2.example.net\"");
    CHECK(refused.identities.size() == 2);
    question.id = "dn:nonsense";
    CHECK_FALSE(verify(question).has_value());
}

TEST_CASE("a certificate is refused for the reason that the daemon would give", "[pki]") {
    const Scene scene;
    Question question = scene.question();
    question.now = kYear.until + 1;
    CHECK(verdict(question).reason.contains("expired 2027-06-01T00:00:00Z"));
    question = scene.question();
    question.authorities = authority("CN=Other CA").certificate;
    CHECK(
        verdict(question).reason.starts_with("no chain leads from certificate CN=db1.example.net"));
    question = scene.question();
    question.crl_mode = ike::CrlMode::Require;
    CHECK(verdict(question).reason.contains("there is no revocation list of"));
    const auto crl =
        make_crl(scene.issuer, {}, Revocation{scene.host, 1}, {kNow, kNow + kDay}, chance());
    REQUIRE(crl.has_value());
    question.crls = {*crl};
    question.crl_mode = ike::CrlMode::IfAvailable;
    CHECK(verdict(question).reason.contains("was revoked by"));
}

TEST_CASE("what is trusted must be an authority's", "[pki]") {
    const Scene scene;
    Question question = scene.question();
    question.authorities = scene.host;
    CHECK(verify(question).error().contains("only authorities can be trusted"));
}
