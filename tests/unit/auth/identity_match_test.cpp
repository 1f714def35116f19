// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/identity_match.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/auth/fixture.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using namespace xfrmd::ike::test;

namespace {

CertificateNames names_of(const CertificateOptions& options) {
    TestPki pki{1};
    const Credential root = pki.make_root("Root");
    const auto path = trust_in({root}).verify(chain({pki.make(root, options)}), kToday);
    REQUIRE(verdict(path) == "ok");
    return path->names;
}

CertificateOptions full_options() {
    CertificateOptions options;
    options.subject = "CN=common.example.net, OU=Databases, O=Example, C=DE";
    options.dns = {"db1.example.net", "*.wild.example.net", "DB2.example.net"};
    options.email = {"Operator@Example.net"};
    options.addresses = {"192.0.2.1", "2001:db8::1"};
    options.directory_names = {"CN=alias, O=Example"};
    return options;
}

bool bound(const Identity& id, const CertificateNames& names) {
    return is_bound_to(id, names);
}

Identity fqdn(std::string_view text) {
    return {IdType::Fqdn, file(text)};
}

}  // namespace

TEST_CASE("A domain name must be a DNS name of the certificate", "[auth]") {
    const CertificateNames names = names_of(full_options());
    CHECK(bound(fqdn("db1.example.net"), names));
    CHECK(bound(fqdn("DB1.Example.NET"), names));
    CHECK(bound(fqdn("db2.example.net"), names));
    CHECK_FALSE(bound(fqdn("db3.example.net"), names));
    CHECK_FALSE(bound(fqdn("db1.example.net."), names));
    CHECK_FALSE(bound(fqdn("x.db1.example.net"), names));
    CHECK_FALSE(bound(fqdn("example.net"), names));
    CHECK_FALSE(bound(fqdn(""), names));
    CHECK_FALSE(bound({IdType::Fqdn, hex("6462312e6578616d706c652e6e657400")},
                      names));  // a zero at the end
}

TEST_CASE("The common name is never a host name", "[auth]") {
    CHECK_FALSE(bound(fqdn("common.example.net"), names_of(full_options())));
    CertificateOptions options;
    options.subject = "CN=db1.example.net";
    CHECK_FALSE(bound(fqdn("db1.example.net"), names_of(options)));
    options.subject = "CN=192.0.2.1";
    CHECK_FALSE(bound(identity("192.0.2.1"), names_of(options)));
    options.subject = "emailAddress=a@example.net";
    CHECK_FALSE(bound(identity("a@example.net"), names_of(options)));
}

TEST_CASE("Wildcards of a certificate match nothing", "[auth]") {
    const CertificateNames names = names_of(full_options());
    CHECK_FALSE(bound(fqdn("a.wild.example.net"), names));
    CHECK_FALSE(bound(fqdn("wild.example.net"), names));
    CHECK_FALSE(bound(fqdn("*.wild.example.net"), names));
}

TEST_CASE("A mail address must be in the certificate", "[auth]") {
    const CertificateNames names = names_of(full_options());
    CHECK(bound(identity("Operator@example.NET"), names));
    CHECK_FALSE(bound(identity("operator@example.net"), names));  // RFC 5280 §7.5
    CHECK_FALSE(bound(identity("Operator@example.org"), names));
    CHECK_FALSE(bound({IdType::Rfc822Address, file("db1.example.net")}, names));
    CHECK_FALSE(bound({IdType::Rfc822Address, {}}, names));
}

TEST_CASE("An IP address must be in the certificate as an address", "[auth]") {
    const CertificateNames names = names_of(full_options());
    CHECK(bound(identity("192.0.2.1"), names));
    CHECK(bound(identity("2001:db8::1"), names));
    CHECK_FALSE(bound(identity("192.0.2.2"), names));
    CHECK_FALSE(bound(identity("2001:db8::2"), names));
    CHECK_FALSE(bound({IdType::Ipv4Address, hex("20010db8000000000000000000000001")}, names));
    CHECK_FALSE(bound({IdType::Ipv6Address, hex("c0000201")}, names));
    CHECK_FALSE(bound({IdType::Ipv4Address, {}}, names));
    CHECK_FALSE(bound(fqdn("192.0.2.1"), names));
    CertificateOptions options;
    options.dns = {"192.0.2.1"};
    CHECK_FALSE(bound(identity("192.0.2.1"), names_of(options)));
}

TEST_CASE("A name must be the subject or a directory name, value by value", "[auth]") {
    const CertificateNames names = names_of(full_options());
    CHECK(bound(identity("CN=common.example.net, OU=Databases, O=Example, C=DE"), names));
    CHECK(bound(identity("CN=COMMON.example.net, OU=databases, O=EXAMPLE, C=de"), names));
    CHECK(bound(identity("CN=alias, O=Example"), names));
    for (const std::string_view other : {"CN=common2.example.net, OU=Databases, O=Example, C=DE",
                                         "CN=common.example.net, OU=Webservers, O=Example, C=DE",
                                         "CN=common.example.net, OU=Databases, O=Examples, C=DE",
                                         "CN=common.example.net, OU=Databases, O=Example, C=FR",
                                         "CN=common.example.net, OU=Databases, O=Example",
                                         "OU=Databases, CN=common.example.net, O=Example, C=DE",
                                         "CN=*, OU=Databases, O=Example, C=DE", "CN=alias",
                                         "C=DE, O=Example, OU=Databases, CN=common.example.net"}) {
        INFO(other);
        CHECK_FALSE(bound(identity(other), names));
    }
    CHECK_FALSE(bound({IdType::DerAsn1Dn, {}}, names));
    CHECK_FALSE(bound({IdType::DerAsn1Dn, hex("3000")}, names));
    for (std::size_t bit = 0; bit < names.subject_der.size() * 8; ++bit) {
        Identity changed{IdType::DerAsn1Dn, names.subject_der};
        changed.data[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto name = DistinguishedName::from_der(changed.data);
        // A letter in the other case, and PrintableString read as UTF8String or the like, is the
        // same name.
        if (name && name->equals(names.subject)) continue;
        INFO("bit " << bit);
        CHECK_FALSE(bound(changed, names));
    }
}

TEST_CASE("The empty name is nobody's", "[auth]") {
    CertificateOptions options;
    options.subject = "";
    options.dns = {"db1.example.net"};
    const CertificateNames names = names_of(options);
    CHECK(bound(fqdn("db1.example.net"), names));
    CHECK_FALSE(bound({IdType::DerAsn1Dn, hex("3000")}, names));
}

TEST_CASE("A key id is the subject key identifier or nothing", "[auth]") {
    const CertificateNames names = names_of(full_options());
    REQUIRE(names.subject_key_id.size() == 20);
    CHECK(bound({IdType::KeyId, names.subject_key_id}, names));
    CHECK_FALSE(bound({IdType::KeyId, file("db1.example.net")}, names));
    CHECK_FALSE(bound({IdType::KeyId, {}}, names));
    CertificateOptions options = full_options();
    options.key_identifiers = false;
    CHECK_FALSE(bound({IdType::KeyId, {}}, names_of(options)));
}

TEST_CASE("Other types of identities are never in a certificate", "[auth]") {
    const CertificateNames names = names_of(full_options());
    CHECK_FALSE(bound({IdType::Null, {}}, names));
    CHECK_FALSE(bound({IdType::DerAsn1Gn, file("db1.example.net")}, names));
    CHECK_FALSE(bound({IdType{200}, file("db1.example.net")}, names));
}

TEST_CASE("The identities of a certificate are listed, without wildcards", "[auth]") {
    const std::vector<Identity> all = names_of(full_options()).identities();
    REQUIRE(all.size() == 7);
    CHECK(all[0] == fqdn("db1.example.net"));
    CHECK(all[1] == fqdn("DB2.example.net"));
    CHECK(all[2] == identity("Operator@Example.net"));
    CHECK(all[3] == identity("192.0.2.1"));
    CHECK(all[4] == identity("2001:db8::1"));
    CHECK(to_string(all[5]) == "CN=alias,O=Example");
    CHECK(to_string(all[6]) == "CN=common.example.net,OU=Databases,O=Example,C=DE");
}
