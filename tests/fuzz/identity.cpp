// SPDX-License-Identifier: Apache-2.0
// Names, certificates and keys, of peers and of operators.
// The first octet says which; a name that is read must be written, and read back as itself.
#include <array>
#include <span>

#include "ike/auth/certificate_path.h"
#include "ike/auth/distinguished_name.h"
#include "ike/auth/pem.h"
#include "ike/auth/private_key.h"
#include "ike/identity.h"
#include "tests/fuzz/target.h"
#include "tests/support/test_pki.h"

namespace xfrmd::fuzz {

namespace {

using namespace ike;

std::string text_of(View octets) {
    return {octets.begin(), octets.end()};
}

void check_name_der(View octets) {
    const auto name = DistinguishedName::from_der(octets);
    if (!name) return require(!name.error().empty(), "an error without a text");
    const auto again = DistinguishedName::from_der(name->to_der());
    require(again && again->equals(*name), "a name in DER reads differently when written");
    (void)name->to_string();
}

void check_name_text(View octets) {
    const auto name = DistinguishedName::parse(text_of(octets));
    if (!name) return require(!name.error().empty(), "an error without a text");
    // What is escaped has become longer, and may be longer than a name may be.
    const std::string text = name->to_string();
    const auto again = DistinguishedName::parse(text);
    require(text.size() > DistinguishedName::kDerOctetsMax || (again && again->equals(*name)),
            "a name in words reads differently when written");
    const auto der = DistinguishedName::from_der(name->to_der());
    require(der && der->equals(*name), "a name in words is another one in DER");
}

void check_identity_text(View octets) {
    const std::string text = text_of(octets);
    if (const auto identity = parse_identity(text)) {
        require(!to_string(*identity).empty(), "an identity without a text");
        require(IdentityPattern::exactly(*identity).matches(*identity),
                "an identity does not match itself");
    }
    if (const auto pattern = IdentityPattern::parse(text); pattern && pattern->exact())
        require(pattern->matches(*pattern->exact()), "a pattern does not match what it stands for");
}

// An ID payload: type, three reserved octets, data.
void check_identity_wire(View octets) {
    const auto payload = IdentificationInitiator::parse(octets);
    if (!payload) return;
    const auto is_control = [](char each) { return static_cast<unsigned char>(each) < ' '; };
    require(!std::ranges::any_of(to_string(payload->value), is_control),
            "a control character is shown as it is");
    static const std::array patterns{IdentityPattern::parse("*.example.net").value(),
                                     IdentityPattern::parse("*@example.net").value(),
                                     IdentityPattern::parse("CN=*, O=Example").value(),
                                     IdentityPattern::any()};
    for (const IdentityPattern& pattern : patterns) (void)pattern.matches(payload->value);
}

struct Authority {
    test::TestPki pki{5};
    test::Credential root = pki.make_root("Authority of the fuzzer");
    test::Credential host = pki.make_host(root, "db1.example.net");
    test::Credential rsa = pki.make_host(root, "db2.example.net", test::KeyKind::Rsa2048);
    Bytes crl = pki.make_crl(root);
    Trust trust = Trust::load("fleet", root.certificate, {}, CrlMode::Off).value();
};
Authority& authority() {
    static Authority made;
    return made;
}

// Certificates of a peer: nothing but what our authority has signed may pass.
void check_chain(View octets) {
    Authority& ours = authority();
    const std::array chain{to_bytes(octets), ours.host.certificate};
    const auto path = ours.trust.verify(std::span{chain}.first(1), WallTime{test::kNow});
    const bool is_ours =
        equal(octets, ours.host.certificate) || equal(octets, ours.rsa.certificate);
    require(!path || is_ours, "a certificate passes that our authority has not made");
    (void)ours.trust.verify(chain, WallTime{test::kNow});
}

void check_operators_files(View octets) {
    (void)decode_pem(octets);
    if (const auto key = load_private_key(octets))
        require(!key->public_key_info.empty(), "a key without its public half");
    (void)Trust::load("any", octets, {}, CrlMode::Off);
    (void)Trust::load("any", authority().root.certificate, std::array{to_bytes(octets)},
                      CrlMode::Require);
}

constexpr auto kChecks =
    std::to_array<void (*)(View)>({check_name_der, check_name_text, check_identity_text,
                                   check_identity_wire, check_chain, check_operators_files});

Bytes input(std::uint8_t which, View octets) {
    Bytes all{which};
    append(all, octets);
    return all;
}

}  // namespace

std::vector<Bytes> seeds() {
    const Authority& ours = authority();
    std::vector<Bytes> all;
    for (const char* text : {"CN=db1, O=Example", "CN=a\\,b+OU=c,O=\"x; y\",C=DE",
                             "2.5.4.3=#0c0161", "CN=*, O=Example"}) {
        all.push_back(input(1, as_view(text)));
        all.push_back(input(2, as_view(text)));
        if (const auto name = DistinguishedName::parse(text)) {
            all.push_back(input(0, name->to_der()));
            Bytes id{9, 0, 0, 0};
            append(id, name->to_der());
            all.push_back(input(3, id));
        }
    }
    for (const char* text :
         {"db1.example.net", "*.example.net", "user@example.net", "192.0.2.1", "2001:db8::1",
          "keyid:0a0b", "@#c0ffee", "dn:CN=a", "fqdn:x.y", "email:a@b", "ip:192.0.2.2"})
        all.push_back(input(2, as_view(text)));
    all.push_back(input(3, as_view(std::string_view{"\2\0\0\0db1.example.net", 19})));
    all.push_back(input(3, as_view(std::string_view{"\1\0\0\0\xc0\0\2\1", 8})));
    for (const test::Credential* credential : {&ours.root, &ours.host, &ours.rsa}) {
        all.push_back(input(4, credential->certificate));
        all.push_back(input(5, as_view(credential->certificate_pem)));
        all.push_back(input(5, as_view(credential->private_key_pem)));
        all.push_back(input(5, as_view(credential->traditional_key_pem)));
    }
    all.push_back(input(5, ours.crl));
    return all;
}

}  // namespace xfrmd::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    if (size == 0) return 0;
    fuzz::kChecks[data[0] % fuzz::kChecks.size()](View{data + 1, size - 1});
    return 0;
}
