// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/credentials.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <utility>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::ike::test;
using Catch::Matchers::ContainsSubstring;

namespace {

using Outcome = std::expected<void, CredentialError>;

std::string text_of(const Outcome& outcome) {
    return outcome ? "ok" : outcome.error().what;
}

Outcome add(CredentialStore& store, std::string_view key, std::string_view certificates) {
    return store.add_identity("host", file(key), file(certificates));
}

}  // namespace

TEST_CASE("Keys are read in all forms that openssl writes", "[auth]") {
    const KeyKind kind = GENERATE(KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521,
                                  KeyKind::Rsa2048, KeyKind::Ed25519);
    TestPki pki{1};
    const Credential host = pki.make_host(pki.make_root("Root"), "db1.example.net", kind);
    std::vector<Bytes> forms{file(host.private_key_pem), host.private_key,
                             file("a line of text\n" + host.private_key_pem)};
    if (!host.traditional_key_pem.empty()) forms.push_back(file(host.traditional_key_pem));
    for (const Bytes& form : forms) {
        CredentialStore store;
        CHECK(text_of(store.add_identity("host", form, file(host.certificate_pem))) == "ok");
        REQUIRE(store.identity("host") != nullptr);
        CHECK(equal(store.identity("host")->private_key.view(), host.private_key));
        CHECK(store.identity("host")->not_after == kNow + 365 * kDay);
    }
}

TEST_CASE("A key that openssl wrote in the traditional form is read", "[auth]") {
    constexpr std::string_view kKey =
        "-----BEGIN EC PARAMETERS-----\n"
        "BggqhkjOPQMBBw==\n"
        "-----END EC PARAMETERS-----\n"
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MHcCAQEEIDzzNcK9saVuIiioz+WS00SvwLTJ1SMh0Hyl2gaTRD95oAoGCCqGSM49\n"
        "AwEHoUQDQgAEj1ayAsOSGxPETG0Xfj5+q6PPI9v1VZUAWBYrEmJ45oAW1ZMWUYNj\n"
        "GpMe/7GAXoZa6fVsB0K0HQX/HtxwIKH3Gg==\n"
        "-----END EC PRIVATE KEY-----\n";
    constexpr std::string_view kCertificate =
        "-----BEGIN CERTIFICATE-----\n"
        "MIIB2TCCAYCgAwIBAgIUcHAjhZI8Z3CyxLcrnXJ9psFCDg8wCgYIKoZIzj0EAwIw\n"
        "KjELMAkGA1UEBhMCREUxDTALBgNVBAoMBFRlc3QxDDAKBgNVBAMMA2RiMTAgFw0y\n"
        "NjExMjMyMzM3MjNaGA8yMTI2MTAzMDIzMzcyM1owKjELMAkGA1UEBhMCREUxDTAL\n"
        "BgNVBAoMBFRlc3QxDDAKBgNVBAMMA2RiMTBZMBMGByqGSM49AgEGCCqGSM49AwEH\n"
        "A0IABI9WsgLDkhsTxExtF34+fqujzyPb9VWVAFgWKxJieOaAFtWTFlGDYxqTHv+x\n"
        "gF6GWun1bAdCtB0F/x7ccCCh9xqjgYEwfzAdBgNVHQ4EFgQUBXw7y+5hcA6GaVcu\n"
        "G8S9BklUkPowHwYDVR0jBBgwFoAUBXw7y+5hcA6GaVcuG8S9BklUkPowDwYDVR0T\n"
        "AQH/BAUwAwEB/zAsBgNVHREEJTAjgg9kYjEuZXhhbXBsZS5uZXSHECABDbgAAAAA\n"
        "AAAAAAAAAAEwCgYIKoZIzj0EAwIDRwAwRAIgXyowSmXyCiO1X1R6VgTE6533YT4t\n"
        "8WojGCZARwxrRZECIEZy1kE0XVRPolswidcKOsv3uT8CZT8A0moZNRB/UB0S\n"
        "-----END CERTIFICATE-----\n";
    CredentialStore store;
    CHECK(text_of(add(store, kKey, kCertificate)) == "ok");
    CHECK(to_string(*store.default_identity("host")) == "db1.example.net");
}

TEST_CASE("Keys that cannot be used are refused with the reason", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1");
    const Credential weak = pki.make_host(root, "db1", KeyKind::Rsa1024);
    const auto refusal = [&](std::string_view key) {
        CredentialStore store;
        return text_of(add(store, key, host.certificate_pem));
    };
    CHECK_THAT(refusal(pki.encrypted_key_pem(host)), ContainsSubstring("encrypted"));
    CHECK_THAT(refusal("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                       "AES-128-CBC,00\n\nAAAA\n"
                       "-----END RSA PRIVATE KEY-----\n"),
               ContainsSubstring("encrypted"));
    CHECK_THAT(refusal(xfrmd::test::to_pem(file("abc"), "OPENSSH PRIVATE KEY")),
               ContainsSubstring("PKCS#8"));
    CHECK_THAT(refusal(host.private_key_pem + host.private_key_pem),
               ContainsSubstring("more than one"));
    CHECK_THAT(refusal(host.certificate_pem), ContainsSubstring("no private key"));
    CHECK_THAT(refusal(""), ContainsSubstring("empty"));
    CHECK_THAT(refusal("garbage"), ContainsSubstring("malformed"));
    CHECK_THAT(refusal(host.private_key_pem.substr(0, 100)), ContainsSubstring("END"));
    CHECK_THAT(refusal(weak.private_key_pem), ContainsSubstring("1024 bits"));
    CHECK_THAT(refusal(root.private_key_pem), ContainsSubstring("do not belong together"));
    for (std::size_t length = 1; length < host.private_key.size(); ++length) {
        CredentialStore store;
        CHECK_FALSE(
            store.add_identity("host", View{host.private_key}.first(length), host.certificate)
                .has_value());
    }
    // An encrypted key in DER.
    const std::string encrypted = pki.encrypted_key_pem(host);
    CredentialStore store;
    const Bytes not_pkcs8 = hex("300730050500040100");
    CHECK_THAT(text_of(store.add_identity("host", not_pkcs8, host.certificate)),
               ContainsSubstring("encrypted"));
}

TEST_CASE("Certificates that cannot be used are refused with the reason", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1");
    const auto refusal = [&](const Bytes& certificates) {
        CredentialStore store;
        return text_of(store.add_identity("host", host.private_key, certificates));
    };
    CHECK(refusal(host.certificate) == "ok");
    CHECK_THAT(refusal({}), ContainsSubstring("well-formed"));
    CHECK_THAT(refusal(file(host.private_key_pem)), ContainsSubstring("CERTIFICATE"));
    CHECK_THAT(refusal(root.certificate), ContainsSubstring("do not belong together"));
    CHECK_THAT(refusal(file("x")), ContainsSubstring("well-formed"));
    CertificateOptions options;
    options.subject = "CN=db1, O=Test";
    options.key_usage = {"keyEncipherment"};
    CHECK_THAT(refusal(pki.make(root, options).certificate), ContainsSubstring("key usage"));
    Bytes nine;
    for (int i = 0; i < 9; ++i) append(nine, file(host.certificate_pem));
    CHECK_THAT(refusal(nine), ContainsSubstring("9 certificates"));
    CredentialStore store;
    CHECK_FALSE(store.add_identity("host", host.private_key, std::vector<Bytes>{}).has_value());
    CHECK(store.identity("host") == nullptr);
}

TEST_CASE("The chain is put into order and the root is left out", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential one = pki.make_intermediate(root, "One");
    const Credential two = pki.make_intermediate(one, "Two");
    const Credential host = pki.make_host(two, "db1");
    const Credential extra = pki.make_intermediate(root, "Extra");
    CredentialStore store;
    const Bytes bundle = xfrmd::test::certificates_pem({root, one, extra, host, two});
    REQUIRE(text_of(store.add_identity("host", host.private_key, bundle)) == "ok");
    CHECK(store.chain_of("host") == chain({host, two, one, extra}));
    CHECK_FALSE(store.chain_of("other").has_value());
}

TEST_CASE("The identities of our certificate are known", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options;
    options.subject = "CN=db1, O=Example, C=DE";
    options.email = {"a@example.net"};
    options.dns = {"*.example.net", "db1.example.net"};
    const Credential host = pki.make(root, options);
    CredentialStore store;
    REQUIRE(store.add_identity("host", host.private_key, host.certificate).has_value());
    CHECK(store.identities_in_certificate("host")->size() == 3);
    CHECK(*store.default_identity("host") == identity("db1.example.net"));
    CHECK(store.certifies("host", identity("DB1.example.net")));
    CHECK(store.certifies("host", identity("a@example.net")));
    CHECK(store.certifies("host", identity("CN=db1, O=Example, C=DE")));
    CHECK(store.certifies("host", identity("C=DE, O=example, CN=db1")));
    CHECK_FALSE(store.certifies("host", identity("CN=db1, O=Example")));
    CHECK_FALSE(store.certifies("host", identity("db2.example.net")));
    CHECK_FALSE(store.certifies("host", identity("192.0.2.1")));
    CHECK_FALSE(store.certifies("other", identity("db1.example.net")));
    // What is sent is the name as the certificate has it, so that the peer finds it octet by octet.
    CHECK(store.as_certified("host", identity("C=DE, O=example, CN=db1")) ==
          store.identities_in_certificate("host")->back());
    const auto wrong = store.as_certified("host", identity("db2.example.net"));
    REQUIRE_FALSE(wrong.has_value());
    CHECK_THAT(wrong.error().what,
               ContainsSubstring("db2.example.net") && ContainsSubstring("db1.example.net"));
}

TEST_CASE("The default identity goes from DNS name to mail, address and subject", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    CertificateOptions options;
    options.subject = "CN=db1";
    const auto default_of = [&] {
        CredentialStore store;
        const Credential host = pki.make(root, options);
        REQUIRE(store.add_identity("host", host.private_key, host.certificate).has_value());
        return to_string(*store.default_identity("host"));
    };
    CHECK(default_of() == "CN=db1");
    options.addresses = {"2001:db8::1"};
    CHECK(default_of() == "2001:db8::1");
    options.email = {"a@example.net"};
    CHECK(default_of() == "a@example.net");
    options.dns = {"db1.example.net"};
    CHECK(default_of() == "db1.example.net");
    CredentialStore store;
    options = {};
    options.subject = "";
    const Credential nobody = pki.make(root, options);
    REQUIRE(store.add_identity("host", nobody.private_key, nobody.certificate).has_value());
    CHECK_FALSE(store.default_identity("host").has_value());
}

TEST_CASE("Names are taken once", "[auth]") {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const Credential host = pki.make_host(root, "db1");
    CredentialStore store;
    CHECK(store.add_secret("a", Secret{as_view("secret")}).has_value());
    CHECK_FALSE(store.add_secret("a", Secret{as_view("other")}).has_value());
    CHECK_FALSE(store.add_secret("b", Secret{}).has_value());
    CHECK_FALSE(store.add_secret("b", Secret{Bytes(5000, 1)}).has_value());
    CHECK(equal(store.secret("a")->view(), as_view("secret")));
    CHECK(store.secret("b") == nullptr);
    CHECK(store.add_identity("a", host.private_key, host.certificate).has_value());
    CHECK_FALSE(store.add_identity("a", host.private_key, host.certificate).has_value());
    CHECK(store.add_trust("a", root.certificate, {}, CrlMode::Off).has_value());
    CHECK_FALSE(store.add_trust("a", root.certificate, {}, CrlMode::Off).has_value());
    CHECK(store.authority_key_hashes("a")->size() == 1);
    CHECK_FALSE(store.authority_key_hashes("b").has_value());
    const CredentialStore moved = std::move(store);
    CHECK(moved.secret("a") != nullptr);
}

TEST_CASE("Test keys and certificates are the same for the same seed", "[auth]") {
    TestPki one{7};
    TestPki other{7};
    TestPki different{8};
    const Credential first = one.make_host(one.make_root("Root"), "db1");
    CHECK(first.private_key == other.make_host(other.make_root("Root"), "db1").private_key);
    CHECK_FALSE(first.private_key ==
                different.make_host(different.make_root("Root"), "db1").private_key);
    TestPki again{7};
    CHECK(first.certificate == again.make_host(again.make_root("Root"), "db1").certificate);
}
