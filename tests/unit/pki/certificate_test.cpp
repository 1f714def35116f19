// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/certificate.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "cli/pki/facts.h"
#include "fixture.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::pki;
using namespace xfrmd::cli::pki::test;

CertificateFacts facts(View der) {
    auto read = certificate_facts(der);
    INFO((read ? std::string{} : read.error()));
    REQUIRE(read.has_value());
    return *std::move(read);
}

const std::vector<std::string> kAllUsages{"serverAuth", "clientAuth", "ipsecIKE"};

}  // namespace

TEST_CASE("a root says that it may certify and sign revocation lists, and nothing else", "[pki]") {
    const CertificateFacts root = facts(authority().certificate);
    CHECK(root.subject == "CN=Fleet CA,O=Test");
    CHECK(root.self_issued);
    CHECK(root.authority);
    CHECK_FALSE(root.path_length.has_value());
    CHECK(root.usages == std::vector<std::string>{"keyCertSign", "cRLSign"});
    CHECK(root.extended_usages.empty());
    CHECK(root.from == kNow - 3600);
    CHECK(root.complaint.empty());
}

TEST_CASE("a host's certificate has all names that it was given, IPv6 addresses too", "[pki]") {
    const Issuer issuer = authority();
    Holder wanted = holder("db1.example.net");
    for (const auto text : {"192.0.2.20", "2001:db8::20", "admin@example.net"})
        wanted.names.push_back(identity(text));
    const auto made = issue(issuer, wanted, kYear, kAllUsages, key().public_key_info, chance());
    REQUIRE(made.has_value());
    const CertificateFacts host = facts(*made);
    CHECK(host.identities == std::vector<std::string>{"db1.example.net", "admin@example.net",
                                                      "192.0.2.20", "2001:db8::20",
                                                      "CN=db1.example.net,O=Test"});
    CHECK(host.issuer == "CN=Fleet CA,O=Test");
    CHECK(host.usages == std::vector<std::string>{"digitalSignature"});
    CHECK(host.extended_usages == kAllUsages);
    CHECK_FALSE(host.authority);
    CHECK(host.until == kYear.until);
    CHECK(host.serial.size() == 40);
    CHECK(host.complaint.empty());
}

TEST_CASE("serial numbers do not repeat, and are positive", "[pki]") {
    const Issuer issuer = authority();
    const ike::LoadedPrivateKey host = key();
    const std::string one = facts(certificate(issuer, "a.example.net", host)).serial;
    const std::string other = facts(certificate(issuer, "a.example.net", host)).serial;
    CHECK(one != other);
    CHECK(one[0] >= '4');
    CHECK(one[0] <= '7');
}

TEST_CASE("a certificate for nobody, for a wildcard, or for longer than its issuer is not made",
          "[pki]") {
    const Issuer issuer = authority();
    const ike::LoadedPrivateKey host = key();
    const auto attempt = [&](const Holder& wanted, Period period) {
        return issue(issuer, wanted, period, {}, host.public_key_info, chance());
    };
    CHECK(attempt({}, kYear).error() ==
          "a certificate without subject and without names would be about nobody");
    Holder wild = holder("a.example.net");
    wild.names.push_back({ike::IdType::Fqdn, to_bytes(as_view("*.example.net"))});
    CHECK(attempt(wild, kYear).error() ==
          "\"*.example.net\" cannot stand in a certificate as the name of a peer");
    const auto longer = attempt(holder("a.example.net"), {kNow, kNow + 3651 * kDay});
    CHECK(longer.error() ==
          "certificate CN=Fleet CA,O=Test ends 2036-05-29T00:00:00Z, before the new certificate "
          "would");
    CHECK(attempt(holder("a.example.net"), {kNow, kNow}).error() ==
          "the period of validity is empty");
}

TEST_CASE("only an authority issues, and only with its own key", "[pki]") {
    const Issuer issuer = authority();
    ike::LoadedPrivateKey host = key();
    const Bytes leaf = certificate(issuer, "a.example.net", host);
    const Bytes public_key = host.public_key_info;
    const Issuer impostor{leaf, std::move(host)};
    CHECK(issue(impostor, holder("b.example.net"), kYear, {}, public_key, chance()).error() ==
          "certificate CN=a.example.net,O=Test is not a certification authority's");
    const Issuer confused{issuer.certificate, key()};
    CHECK(issue(confused, holder("b.example.net"), kYear, {}, public_key, chance()).error() ==
          "the authority's private key does not belong to certificate CN=Fleet CA,O=Test");
}

TEST_CASE("an authority below another says how deep it may go", "[pki]") {
    const ike::LoadedPrivateKey below = key();
    const auto made = issue_authority(authority(), subject("CN=Berlin CA"), kYear, 2,
                                      below.public_key_info, chance());
    REQUIRE(made.has_value());
    CHECK(facts(*made).authority);
    CHECK(facts(*made).path_length == 2);
    CHECK_FALSE(facts(*made).self_issued);
}

TEST_CASE("an authority makes no authority that nobody could believe in", "[pki]") {
    const Issuer root = authority();
    ike::LoadedPrivateKey below = key();
    const auto made =
        issue_authority(root, subject("CN=Berlin CA"), kYear, 1, below.public_key_info, chance());
    REQUIRE(made.has_value());
    const Issuer berlin{*made, std::move(below)};
    const ike::LoadedPrivateKey other = key();
    const auto attempt = [&](std::uint32_t path_length) {
        return issue_authority(berlin, subject("CN=Mitte CA"), kYear, path_length,
                               other.public_key_info, chance());
    };
    CHECK(attempt(0).has_value());
    CHECK(attempt(1).error() ==
          "certificate CN=Berlin CA allows 1 authority below it (its path length), and the new one "
          "with "
          "those below it would be 2");
}

TEST_CASE("a request asks for names, and is signed by the key it is about", "[pki]") {
    for (const KeyType type : {KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Ed25519}) {
        const ike::LoadedPrivateKey host = key(type);
        Holder wanted = holder("db1.example.net");
        wanted.names.push_back(identity("2001:db8::20"));
        const auto der = make_request(wanted, host, chance());
        INFO((der ? std::string{} : der.error()));
        REQUIRE(der.has_value());
        const auto read = read_request(as_view(to_pem(*der, kRequestLabel)));
        REQUIRE(read.has_value());
        CHECK(read->holder.subject.to_string() == "CN=db1.example.net,O=Test");
        CHECK(read->holder.names ==
              std::vector{identity("db1.example.net"), identity("2001:db8::20")});
        CHECK(read->public_key_info == host.public_key_info);
        CHECK(read->left_out.empty());
        CHECK(issue(authority(), read->holder, kYear, {}, read->public_key_info, chance())
                  .has_value());

        Bytes damaged = *der;
        damaged.back() ^= 1;
        CHECK_FALSE(read_request(damaged).has_value());
    }
    CHECK_FALSE(read_request(as_view("nonsense")).has_value());
}

TEST_CASE("a revocation list goes on from the one before", "[pki]") {
    const Issuer issuer = authority();
    const ike::LoadedPrivateKey host = key();
    const Bytes one = certificate(issuer, "a.example.net", host);
    const Bytes other = certificate(issuer, "b.example.net", host);
    const Period month{kNow, kNow + 30 * kDay};
    const auto first = make_crl(issuer, {}, Revocation{one, 1}, month, chance());
    REQUIRE(first.has_value());
    const auto second = make_crl(issuer, *first, Revocation{other, 4}, month, chance());
    REQUIRE(second.has_value());
    const auto renewed =
        make_crl(issuer, *second, std::nullopt, {kNow + kDay, kNow + 31 * kDay}, chance());
    REQUIRE(renewed.has_value());
    const auto list = crl_facts(*renewed);
    REQUIRE(list.has_value());
    CHECK(list->issuer == "CN=Fleet CA,O=Test");
    CHECK(list->number == crl_facts(*first)->number + 2);
    CHECK(list->this_update == kNow + kDay);
    CHECK(list->next_update == kNow + 31 * kDay);
    REQUIRE(list->revoked.size() == 2);
    CHECK(list->revoked[0].serial == facts(one).serial);
    CHECK(list->revoked[0].reason == "keyCompromise");
    CHECK(list->revoked[0].at > 0);
    CHECK(list->revoked[1].reason == "superseded");

    const Issuer stranger = authority("CN=Other CA");
    CHECK(make_crl(stranger, {}, Revocation{one, 0}, month, chance()).error() ==
          "certificate CN=a.example.net,O=Test was not issued by certificate CN=Other CA");
    CHECK(make_crl(stranger, *first, std::nullopt, month, chance()).error() ==
          "the revocation list before is not one of certificate CN=Other CA");
}

TEST_CASE("what makes a certificate useless to xfrmd is said beside what it says", "[pki]") {
    const Issuer issuer = authority();
    const auto made =
        issue(issuer, holder("a.example.net"), kYear, {}, key().public_key_info, chance());
    REQUIRE(made.has_value());
    CHECK(facts(*made).complaint.empty());
    CHECK(facts(*made).extended_usages.empty());
    CHECK(certificate_facts(as_view("nonsense"))
              .error()
              .starts_with("cannot decode the certificate: "));
}
