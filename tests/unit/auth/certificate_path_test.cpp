// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/certificate_path.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::ike::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

CertificateOptions host_options(std::string_view name = "db1.example.net") {
    CertificateOptions options;
    options.subject = "CN=" + std::string{name} + ", O=Test";
    options.dns = {std::string{name}};
    return options;
}

CertificateOptions authority_options(std::string_view name) {
    CertificateOptions options;
    options.subject = "CN=" + std::string{name} + ", O=Test";
    options.authority = true;
    return options;
}

// The end certificate alone, directly below a good root.
std::string verdict_of_host(const CertificateOptions& options, WallTime now = kToday) {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    return verdict(trust_in({root}).verify(chain({pki.make(root, options)}), now));
}

}  // namespace

TEST_CASE("A certificate of a trusted authority is accepted", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1.example.net");
    const auto path = trust_in({root}).verify(chain({host}), kToday);
    REQUIRE(verdict(path) == "ok");
    CHECK(path->subject == "CN=db1.example.net,O=Test");
    CHECK(path->not_after == kNow + 365 * kDay);
    CHECK(path->names.identities().front() == identity("db1.example.net"));
    CHECK_FALSE(path->public_key_info.empty());
}

TEST_CASE("Chains of all kinds of keys are accepted", "[auth]") {
    const KeyKind kind = GENERATE(KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521,
                                  KeyKind::Rsa2048, KeyKind::Rsa3072, KeyKind::Ed25519);
    TestPki pki{1};
    const Credential root = pki.make_root("Root", kind);
    const Credential middle = pki.make_intermediate(root, "Middle", kind);
    CHECK(verdict(trust_in({root}).verify(chain({pki.make_host(middle, "db1", kind), middle}),
                                          kToday)) == "ok");
}

TEST_CASE("A chain signed with RSASSA-PSS is accepted", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root", KeyKind::Rsa2048);
    CertificateOptions options = host_options();
    options.rsa_pss = true;
    CHECK(verdict(trust_in({root}).verify(chain({pki.make(root, options)}), kToday)) == "ok");
}

TEST_CASE("The order of the intermediates does not matter, nor extra certificates", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential one = pki.make_intermediate(root, "One");
    const Credential two = pki.make_intermediate(one, "Two");
    const Credential host = pki.make_host(two, "db1");
    const Credential stranger = pki.make_host(pki.make_root("Other"), "other");
    const Trust trust = trust_in({root});
    CHECK(verdict(trust.verify(chain({host, two, one}), kToday)) == "ok");
    CHECK(verdict(trust.verify(chain({host, one, two}), kToday)) == "ok");
    CHECK(verdict(trust.verify(chain({host, root, one, two, one}), kToday)) == "ok");
    CHECK(verdict(trust.verify(chain({host, stranger, two, one}), kToday)) == "ok");
}

TEST_CASE("The earliest end of validity in the path is told", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options = authority_options("Short");
    options.not_after = kNow + 10 * kDay;
    const Credential middle = pki.make(root, options);
    const auto path =
        trust_in({root}).verify(chain({pki.make_host(middle, "db1"), middle}), kToday);
    REQUIRE(verdict(path) == "ok");
    CHECK(path->not_after == kNow + 10 * kDay);
}

TEST_CASE("An intermediate may be the authority that is trusted", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential middle = pki.make_intermediate(root, "Middle");
    const Credential host = pki.make_host(middle, "db1");
    CHECK(verdict(trust_in({middle}).verify(chain({host}), kToday)) == "ok");
    CHECK(verdict(trust_in({middle}).verify(chain({host, middle, root}), kToday)) == "ok");
    const Credential sibling = pki.make_intermediate(root, "Sibling");
    CHECK_THAT(verdict(trust_in({middle}).verify(
                   chain({pki.make_host(sibling, "db2"), sibling, root}), kToday)),
               StartsWith("NoTrustedCertificate"));
}

TEST_CASE("One of several authorities suffices, also among several of the same name", "[auth]") {
    TestPki pki{1};
    CertificateOptions options = authority_options("Root");
    options.key_identifiers = false;
    const Credential first = pki.make_root(options);
    options.key_name = "second key";
    const Credential second = pki.make_root(options);
    CertificateOptions host = host_options();
    host.key_identifiers = false;
    CHECK(verdict(trust_in({first, second}).verify(chain({pki.make(second, host)}), kToday)) ==
          "ok");
    CHECK(verdict(trust_in({first, second}).verify(chain({pki.make(first, host)}), kToday)) ==
          "ok");
    CHECK_THAT(verdict(trust_in({first}).verify(chain({pki.make(second, host)}), kToday)),
               StartsWith("NoTrustedCertificate") && ContainsSubstring("not validly signed"));
}

TEST_CASE("The certificate of another authority is refused", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential other = pki.make_root("Other");
    const Credential host = pki.make_host(other, "db1");
    const std::string result = verdict(trust_in({root}).verify(chain({host}), kToday));
    CHECK_THAT(result, StartsWith("NoTrustedCertificate"));
    CHECK_THAT(result, ContainsSubstring("CN=db1,O=Test") && ContainsSubstring("fleet"));
    // Sending the other authority along does not make it trusted.
    CHECK_THAT(verdict(trust_in({root}).verify(chain({host, other}), kToday)),
               StartsWith("NoTrustedCertificate"));
}

TEST_CASE("An authority of the same name with another key is refused", "[auth]") {
    TestPki pki{1};
    TestPki impostor{2};
    const Credential root = pki.make_root("Root");
    const Credential host = impostor.make_host(impostor.make_root("Root"), "db1");
    CHECK_THAT(verdict(trust_in({root}).verify(chain({host}), kToday)),
               StartsWith("NoTrustedCertificate"));
}

TEST_CASE("A self-signed certificate is refused", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options = authority_options("db1");
    CHECK_THAT(verdict(trust_in({root}).verify(chain({pki.make_root(options)}), kToday)),
               StartsWith("NoTrustedCertificate"));
}

TEST_CASE("An expired certificate is refused with its date", "[auth]") {
    CertificateOptions options = host_options();
    options.not_before = kNow - 40 * kDay;
    options.not_after = kNow - 1;
    CHECK(verdict_of_host(options) ==
          "CertificateExpired: certificate CN=db1.example.net,O=Test expired 2026-05-31T23:59:59Z "
          "(it is 2026-06-01T00:00:00Z)");
    CHECK(verdict_of_host(options, WallTime{kNow - 1}) == "ok");
}

TEST_CASE("A certificate that is not yet valid is refused with its date", "[auth]") {
    CertificateOptions options = host_options();
    options.not_before = kNow + 1;
    CHECK(verdict_of_host(options) ==
          "CertificateNotYetValid: certificate CN=db1.example.net,O=Test is valid only from "
          "2026-06-01T00:00:01Z "
          "(it is 2026-06-01T00:00:00Z)");
    CHECK(verdict_of_host(options, WallTime{kNow + 1}) == "ok");
}

TEST_CASE("Expired authorities are refused", "[auth]") {
    TestPki pki{1};
    CertificateOptions options = authority_options("Old");
    options.not_after = kNow - kDay;
    const Credential old_root = pki.make_root(options);
    CHECK_THAT(
        verdict(trust_in({old_root}).verify(chain({pki.make_host(old_root, "db1")}), kToday)),
        StartsWith("CertificateExpired: certificate CN=Old"));
    const Credential root = pki.make_root("Root");
    const Credential old_middle = pki.make(root, options);
    CHECK_THAT(verdict(trust_in({root}).verify(
                   chain({pki.make_host(old_middle, "db1"), old_middle}), kToday)),
               StartsWith("CertificateExpired: certificate CN=Old"));
}

TEST_CASE("Times at the edges of the calendar are survived", "[auth]") {
    for (const std::int64_t now : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{253402300800}})
        CHECK_THAT(verdict_of_host(host_options(), WallTime{now}), StartsWith("Certificate"));
}

TEST_CASE("A certificate that cannot certify does not certify", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options = host_options("host");
    options.key_usage = {"digitalSignature", "keyCertSign"};
    options.basic_constraints = GENERATE(true, false);
    const Credential host = pki.make(root, options);
    CHECK_THAT(verdict(trust_in({root}).verify(chain({pki.make_host(host, "db1"), host}), kToday)),
               StartsWith("CertificateUnusable"));
    CertificateOptions authority = authority_options("Middle");
    authority.key_usage = {"cRLSign"};
    const Credential middle = pki.make(root, authority);
    CHECK_THAT(
        verdict(trust_in({root}).verify(chain({pki.make_host(middle, "db1"), middle}), kToday)),
        StartsWith("CertificateUnusable"));
}

TEST_CASE("The path length of an authority is kept to", "[auth]") {
    TestPki pki{1};
    CertificateOptions options = authority_options("Root");
    options.path_length = 0;
    const Credential root = pki.make_root(options);
    const Credential middle = pki.make_intermediate(root, "Middle");
    CHECK(verdict(trust_in({root}).verify(chain({pki.make_host(root, "db1")}), kToday)) == "ok");
    CHECK_THAT(
        verdict(trust_in({root}).verify(chain({pki.make_host(middle, "db1"), middle}), kToday)),
        StartsWith("CertificateUnusable") && ContainsSubstring("path length"));
}

TEST_CASE("The key usage must allow signatures", "[auth]") {
    CertificateOptions options = host_options();
    options.key_usage = {"none"};
    CHECK(verdict_of_host(options) == "ok");
    options.key_usage = {"nonRepudiation"};
    CHECK(verdict_of_host(options) == "ok");
    options.key_usage = {"keyEncipherment", "keyAgreement"};
    CHECK_THAT(verdict_of_host(options),
               StartsWith("CertificateUnusable") && ContainsSubstring("key usage"));
}

TEST_CASE("The extended key usage must be one for IKE", "[auth]") {
    CertificateOptions options = host_options();
    for (const std::string_view oid :
         {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.17", "2.5.29.37.0"}) {
        options.extended_key_usage = {"1.3.6.1.5.5.7.3.3", std::string{oid}};
        CHECK(verdict_of_host(options) == "ok");
    }
    options.extended_key_usage = {"1.3.6.1.5.5.7.3.3",
                                  "1.3.6.1.5.5.7.3.4"};  // codeSigning, emailProtection
    CHECK_THAT(verdict_of_host(options),
               StartsWith("CertificateUnusable") && ContainsSubstring("ipsecIKE"));
    options.extended_key_usage.clear();
    options.extra = {{"2.5.29.37", false, hex("3000")}};
    CHECK_THAT(verdict_of_host(options), StartsWith("CertificateUnusable"));
}

TEST_CASE("Extensions that are malformed are not taken for absent", "[auth]") {
    CertificateOptions options = host_options();
    options.key_usage = {"none"};
    for (const std::string_view oid : {"2.5.29.15", "2.5.29.37", "2.5.29.17", "2.5.29.30",
                                       "2.5.29.19", "2.5.29.14", "2.5.29.35"}) {
        for (const std::string_view value : {"", "00", "3003", "0500", "3000", "0307008000"}) {
            options.dns = {};
            options.basic_constraints = oid != "2.5.29.19";
            options.key_identifiers = false;
            options.extra = {{std::string{oid}, false, hex(value)}};
            INFO(oid << " " << value);
            const std::string result = verdict_of_host(options);
            // An empty sequence is no authority, no name, no key identifier; everything else is an
            // error.
            const bool harmless =
                value == "3000" && (oid == "2.5.29.19" || oid == "2.5.29.17" || oid == "2.5.29.35");
            CHECK_THAT(result, StartsWith(harmless ? "ok" : "CertificateUnusable"));
        }
    }
}

TEST_CASE("A period of validity may go on until 2200", "[auth]") {
    CertificateOptions options = host_options();
    options.not_after = 2524608000;  // 2050-01-01T00:00:00Z, the first GeneralizedTime
    CHECK(verdict_of_host(options) == "ok");
    options.not_after = 7289654399;  // 2200-12-31T23:59:59Z
    CHECK(verdict_of_host(options) == "ok");
    options.not_after = 253402300799;  // 9999-12-31T23:59:59Z, RFC 5280 §4.1.2.5: without end
    CHECK_THAT(verdict_of_host(options),
               StartsWith("CertificateUnusable") && ContainsSubstring("2200"));
}

TEST_CASE("A critical extension that nobody knows is refused", "[auth]") {
    CertificateOptions options = host_options();
    options.extra = {{"1.3.6.1.4.1.99999.1", true, hex("0500")}};
    CHECK_THAT(verdict_of_host(options),
               StartsWith("CertificateUnusable") && ContainsSubstring("critical extension"));
    options.extra = {{"1.3.6.1.4.1.99999.1", false, hex("0500")}};
    CHECK(verdict_of_host(options) == "ok");
}

TEST_CASE("Signatures with SHA-1 are refused wherever they count", "[auth]") {
    TestPki pki{1};
    const KeyKind kind = GENERATE(KeyKind::EcdsaP256, KeyKind::Rsa2048);
    const bool pss = GENERATE(false, true);
    const Credential root = pki.make_root("Root", kind);
    CertificateOptions options = host_options();
    options.hash = "SHA-1";
    options.rsa_pss = pss;
    CHECK_THAT(verdict(trust_in({root}).verify(chain({pki.make(root, options)}), kToday)),
               StartsWith("CertificateUnusable") && ContainsSubstring("SHA-1"));
    CertificateOptions authority = authority_options("Middle");
    authority.hash = "SHA-1";
    authority.rsa_pss = pss;
    const Credential middle = pki.make(root, authority);
    CHECK_THAT(
        verdict(trust_in({root}).verify(chain({pki.make_host(middle, "db1"), middle}), kToday)),
        StartsWith("CertificateUnusable") && ContainsSubstring("SHA-1"));
}

TEST_CASE("How a trusted authority signed itself is of no consequence", "[auth]") {
    TestPki pki{1};
    CertificateOptions options = authority_options("Root");
    options.key = KeyKind::Rsa2048;
    options.hash = "SHA-1";
    const Credential root = pki.make_root(options);
    CHECK(verdict(trust_in({root}).verify(chain({pki.make_host(root, "db1")}), kToday)) == "ok");
}

TEST_CASE("Weak RSA keys are refused before anything is verified", "[auth]") {
    TestPki pki{1};
    CHECK_THAT(verdict_of_host([] {
                   CertificateOptions options = host_options();
                   options.key = KeyKind::Rsa1024;
                   return options;
               }()),
               StartsWith("CertificateUnusable") && ContainsSubstring("1024 bits"));
    const Credential root = pki.make_root("Root");
    const Credential weak = pki.make_intermediate(root, "Weak", KeyKind::Rsa1024);
    CHECK_THAT(verdict(trust_in({root}).verify(chain({pki.make_host(weak, "db1"), weak}), kToday)),
               StartsWith("CertificateUnusable") && ContainsSubstring("1024 bits"));
    const Credential weak_root = pki.make_root("Weak Root", KeyKind::Rsa1024);
    CHECK_FALSE(Trust::load("fleet", weak_root.certificate, {}, CrlMode::Off).has_value());
}

TEST_CASE("A changed bit anywhere in a certificate is noticed", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1");
    const Trust trust = trust_in({root});
    for (std::size_t i = 0; i < host.certificate.size(); ++i) {
        Bytes changed = host.certificate;
        changed[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
        const std::vector<Bytes> certificates{changed};
        const auto result = trust.verify(certificates, kToday);
        INFO("octet " << i);
        CHECK_FALSE(result.has_value());
    }
}

TEST_CASE("A certificate that is cut short anywhere is refused", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1");
    const Trust trust = trust_in({root});
    for (std::size_t length = 0; length < host.certificate.size(); ++length) {
        const std::vector<Bytes> certificates{to_bytes(View{host.certificate}.first(length))};
        INFO("length " << length);
        CHECK_THAT(verdict(trust.verify(certificates, kToday)), StartsWith("CertificateUnusable"));
    }
    Bytes longer = host.certificate;
    longer.push_back(0);
    CHECK_THAT(verdict(trust.verify(std::vector<Bytes>{longer}, kToday)),
               StartsWith("CertificateUnusable"));
}

TEST_CASE("PEM in the place of DER is refused", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1");
    CHECK_THAT(
        verdict(trust_in({root}).verify(std::vector<Bytes>{file(host.certificate_pem)}, kToday)),
        StartsWith("CertificateUnusable"));
}

TEST_CASE("Eight certificates are accepted, nine are not", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    std::vector<Credential> authorities{pki.make_intermediate(root, "1")};
    for (int i = 2; i <= 8; ++i)
        authorities.push_back(pki.make_intermediate(authorities.back(), std::to_string(i)));
    const Trust trust = trust_in({root});
    std::vector<Bytes> seven = chain({pki.make_host(authorities[6], "db1")});
    for (std::size_t i = 0; i < 7; ++i) seven.push_back(authorities[i].certificate);
    REQUIRE(seven.size() == 8);
    CHECK(verdict(trust.verify(seven, kToday)) == "ok");
    std::vector<Bytes> eight = chain({pki.make_host(authorities[7], "db1")});
    for (const Credential& authority : authorities) eight.push_back(authority.certificate);
    REQUIRE(eight.size() == 9);
    CHECK_THAT(verdict(trust.verify(eight, kToday)),
               StartsWith("CertificateUnusable") && ContainsSubstring("9 certificates"));
    CHECK_THAT(verdict(trust.verify({}, kToday)), StartsWith("NoTrustedCertificate"));
}

TEST_CASE("A certificate of more than 64 KiB is refused unread", "[auth]") {
    TestPki pki{1};
    CertificateOptions options = host_options();
    options.extra = {{"1.3.6.1.4.1.99999.1", false, Bytes(66'000, 0)}};
    CHECK_THAT(verdict_of_host(options),
               StartsWith("CertificateUnusable") && ContainsSubstring("octets"));
}

TEST_CASE("Intermediates that certify each other lead nowhere, and quickly", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    // Seven certificates of two authorities that certify each other, none of them below the root.
    CertificateOptions a = authority_options("A");
    CertificateOptions b = authority_options("B");
    a.key_identifiers = b.key_identifiers = false;
    const Credential first_a = pki.make_root(a);
    const Credential first_b = pki.make(first_a, b);
    std::vector<Bytes> certificates = chain({pki.make_host(first_b, "db1")});
    for (int i = 0; i < 3; ++i) {
        certificates.push_back(pki.make(first_b, a).certificate);
        certificates.push_back(pki.make(first_a, b).certificate);
    }
    certificates.push_back(first_b.certificate);
    REQUIRE(certificates.size() == 8);
    CHECK_THAT(verdict(trust_in({root}).verify(certificates, kToday)),
               StartsWith("NoTrustedCertificate"));
}

TEST_CASE("A cross-signed loop does not hide the way to the root", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions a = authority_options("A");
    CertificateOptions b = authority_options("B");
    const Credential a_by_root = pki.make(root, a);
    const Credential b_by_a = pki.make(a_by_root, b);
    const Credential a_by_b = pki.make(b_by_a, a);
    const Credential host = pki.make_host(b_by_a, "db1");
    CHECK(verdict(trust_in({root}).verify(chain({host, a_by_b, b_by_a, a_by_root}), kToday)) ==
          "ok");
}

TEST_CASE("Among several chains the good one is found", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options = authority_options("Middle");
    const Credential good = pki.make(root, options);
    options.not_after = kNow - kDay;
    const Credential expired = pki.make(root, options);
    const Credential host = pki.make_host(good, "db1");
    CHECK(verdict(trust_in({root}).verify(chain({host, expired, good}), kToday)) == "ok");
    CHECK_THAT(verdict(trust_in({root}).verify(chain({host, expired}), kToday)),
               StartsWith("CertificateExpired"));
}

TEST_CASE("Files of authorities are checked when they are loaded", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential other = pki.make_root("Other");
    const Credential host = pki.make_host(root, "db1");
    const auto both =
        Trust::load("fleet", file("text before\n" + root.certificate_pem + other.certificate_pem),
                    {}, CrlMode::Off);
    REQUIRE(both.has_value());
    CHECK(both->key_hashes().size() == 2);
    CHECK(both->key_hashes().front().size() == 20);
    CHECK(Trust::load("fleet", root.certificate, {}, CrlMode::Off).has_value());
    for (const Bytes& bad :
         {Bytes{}, file("nothing"), file(root.private_key_pem), file(host.certificate_pem),
          file(root.certificate_pem.substr(0, 200)),
          file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
        const auto trust = Trust::load("fleet", bad, {}, CrlMode::Off);
        REQUIRE_FALSE(trust.has_value());
        CHECK(trust.error().size() > 10);
    }
    const std::vector<Bytes> bad_crl{file("no list")};
    CHECK_FALSE(Trust::load("fleet", root.certificate, bad_crl, CrlMode::Off).has_value());
}

TEST_CASE("The name of an authority is the SHA-1 of its public key", "[auth]") {
    // RFC 7296 §3.7: over the SubjectPublicKeyInfo. openssl x509 -pubkey | openssl pkey -pubin
    // -outform DER | sha1sum
    constexpr std::string_view kCertificate =
        "-----BEGIN CERTIFICATE-----\n"
        "MIIBszCCAVmgAwIBAgIUcEzViDRcdPnFAY493cYDMgs+LxIwCgYIKoZIzj0EAwIw\n"
        "JjENMAsGA1UECgwEVGVzdDEVMBMGA1UEAwwMT3BlblNTTCBSb290MCAXDTI2MTEy\n"
        "MzIzMzI1M1oYDzIxMjYxMDMwMjMzMjUzWjAmMQ0wCwYDVQQKDARUZXN0MRUwEwYD\n"
        "VQQDDAxPcGVuU1NMIFJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR0Ngr2\n"
        "uV7KY+s7nv6MS+HEO0oyPTEjFnRNzgYlb1oGBeco0vlXpwZEruTeEV8e8HzOR9MP\n"
        "MvzGY/0FWkmlj8+Zo2MwYTAdBgNVHQ4EFgQUvk7/JlO56idchmkkOOtWVkW8XKkw\n"
        "HwYDVR0jBBgwFoAUvk7/JlO56idchmkkOOtWVkW8XKkwDwYDVR0TAQH/BAUwAwEB\n"
        "/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwIDSAAwRQIgS0IMchL49bdbjTwM\n"
        "qCB/L1adfJO1tzTdCv5lpjxDU7YCIQCln3m1xYFPfx0WqGVUMoeyK4HmUhiXlx3K\n"
        "xNWfiXkHog==\n"
        "-----END CERTIFICATE-----\n";
    const auto trust = Trust::load("fleet", file(kCertificate), {}, CrlMode::Off);
    REQUIRE(trust.has_value());
    REQUIRE(trust->key_hashes().size() == 1);
    CHECK(to_hex(trust->key_hashes().front()) == "72b58424c8ff5dd19986e511663646c5e940faaa");
}
