// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/pkcs12.h"

#include <botan/asn1_obj.h>
#include <botan/der_enc.h>
#include <botan/hash.h>
#include <botan/mac.h>
#include <botan/pk_keys.h>
#include <botan/pkcs8.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "cli/pki/seam.h"
#include "ike/crypto/digest.h"

namespace xfrmd::cli::pki {

namespace {

using Botan::ASN1_Class;
using Botan::ASN1_Type;
using Botan::DER_Encoder;
using Botan::OID;
using Octets = Botan::secure_vector<std::uint8_t>;

// RFC 7292, RFC 2985
constexpr const char* kData = "1.2.840.113549.1.7.1";
constexpr const char* kShroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
constexpr const char* kCertBag = "1.2.840.113549.1.12.10.1.3";
constexpr const char* kX509Certificate = "1.2.840.113549.1.9.22.1";
constexpr const char* kFriendlyName = "1.2.840.113549.1.9.20";
constexpr const char* kLocalKeyId = "1.2.840.113549.1.9.21";
constexpr const char* kSha256 = "2.16.840.1.101.3.4.2.1";

constexpr std::size_t kIterations = 100'000;
constexpr std::size_t kSaltOctets = 16;

bool is_printable_ascii(View text) {
    return std::ranges::all_of(text,
                               [](std::uint8_t octet) { return octet >= 0x20 && octet < 0x7f; });
}

// ASCII as UTF-16, most significant octet first.
Octets utf16(View ascii) {
    Octets wide;
    for (const std::uint8_t octet : ascii) {
        wide.push_back(0);
        wide.push_back(octet);
    }
    return wide;
}

// RFC 7292 appendix B.2 with SHA-256 and ID 3 (a key for a MAC), for as many octets as the hash
// has: u = 32 octets, v = 64, so one block of output, and B.2 step 6 C falls away.
Octets mac_key(const Secret& passphrase, View salt) {
    constexpr std::size_t kBlock = 64;
    constexpr std::uint8_t kForMac = 3;
    Octets password = utf16(passphrase.view());
    password.insert(password.end(), {0, 0});
    Octets input(kBlock, kForMac);
    const auto append_repeated = [&](View what) {
        const std::size_t octets = (what.size() + kBlock - 1) / kBlock * kBlock;
        for (std::size_t i = 0; i < octets; ++i) input.push_back(what[i % what.size()]);
    };
    append_repeated(salt);
    append_repeated(password);
    const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    Octets key = hash->process(input);
    for (std::size_t i = 1; i < kIterations; ++i) key = hash->process(key);
    return key;
}

// PKCS12Attribute: what ties the key to its certificate, and a name.
void add_attributes(DER_Encoder& bag, View local_key_id, std::string_view friendly_name) {
    bag.start_set();
    bag.start_sequence()
        .encode(OID{kLocalKeyId})
        .start_set()
        .encode(local_key_id.data(), local_key_id.size(), ASN1_Type::OctetString)
        .end_cons()
        .end_cons();
    if (!friendly_name.empty() && is_printable_ascii(as_view(friendly_name))) {
        const Octets name = utf16(as_view(friendly_name));
        bag.start_sequence()
            .encode(OID{kFriendlyName})
            .start_set()
            .add_object(ASN1_Type::BmpString, ASN1_Class::Universal, name.data(), name.size())
            .end_cons()
            .end_cons();
    }
    bag.end_cons();
}

// SafeContents with the key: RFC 7292 §4.2.2
Octets key_contents(const Pkcs12& content, View local_key_id,
                    Botan::RandomNumberGenerator& random) {
    const auto key = Botan::PKCS8::load_key(content.key.private_key.view());
    const std::string_view passphrase{
        static_cast<const char*>(static_cast<const void*>(content.passphrase.view().data())),
        content.passphrase.size()};
    const std::vector<std::uint8_t> shrouded = Botan::PKCS8::BER_encode_encrypted_pbkdf_iter(
        *key, random, passphrase, kIterations, "AES-256/CBC", "SHA-256");
    DER_Encoder contents;
    contents.start_sequence().start_sequence().encode(OID{kShroudedKeyBag});
    contents.start_explicit_context_specific(0).raw_bytes(shrouded).end_cons();
    add_attributes(contents, local_key_id, content.friendly_name);
    return contents.end_cons().end_cons().get_contents();
}

// SafeContents with the certificates: RFC 7292 §4.2.3
Octets certificate_contents(const Pkcs12& content, View local_key_id) {
    DER_Encoder contents;
    contents.start_sequence();
    for (const Bytes& certificate : content.certificates) {
        contents.start_sequence().encode(OID{kCertBag}).start_explicit_context_specific(0);
        contents.start_sequence().encode(OID{kX509Certificate});
        contents.start_explicit_context_specific(0)
            .encode(certificate, ASN1_Type::OctetString)
            .end_cons();
        contents.end_cons().end_cons();
        if (&certificate == &content.certificates.front())
            add_attributes(contents, local_key_id, content.friendly_name);
        contents.end_cons();
    }
    return contents.end_cons().get_contents();
}

// ContentInfo of the type data: RFC 7292 §4.1
void add_data(DER_Encoder& to, const Octets& content) {
    to.start_sequence()
        .encode(OID{kData})
        .start_explicit_context_specific(0)
        .encode(content, ASN1_Type::OctetString)
        .end_cons()
        .end_cons();
}

void add_mac(DER_Encoder& to, const Octets& safe, const Secret& passphrase,
             Botan::RandomNumberGenerator& random) {
    const Octets salt = random.random_vec(kSaltOctets);
    const auto mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
    mac->set_key(mac_key(passphrase, salt));
    const Octets digest = mac->process(safe);
    to.start_sequence();
    to.start_sequence()
        .encode(
            Botan::AlgorithmIdentifier{OID{kSha256}, Botan::AlgorithmIdentifier::USE_NULL_PARAM})
        .encode(digest, ASN1_Type::OctetString)
        .end_cons();
    to.encode(salt, ASN1_Type::OctetString).encode(kIterations).end_cons();
}

}  // namespace

std::expected<Bytes, std::string> make_pkcs12(const Pkcs12& content,
                                              Botan::RandomNumberGenerator& random) {
    return at_seam("make the PKCS#12 file", [&]() -> std::expected<Bytes, std::string> {
        if (content.passphrase.empty() || !is_printable_ascii(content.passphrase.view()))
            return std::unexpected{std::string{
                "the passphrase of a PKCS#12 file is of ASCII letters, digits and signs, since "
                "programs do not agree on others"}};
        if (content.certificates.empty())
            return std::unexpected{std::string{"there is no certificate"}};
        const auto id = ike::sha1(content.certificates.front());
        DER_Encoder safe;
        safe.start_sequence();
        add_data(safe, key_contents(content, id, random));
        add_data(safe, certificate_contents(content, id));
        const Octets authenticated = safe.end_cons().get_contents();
        DER_Encoder pfx;
        pfx.start_sequence().encode(std::size_t{3});
        add_data(pfx, authenticated);
        add_mac(pfx, authenticated, content.passphrase, random);
        const Octets der = pfx.end_cons().get_contents();
        return Bytes{der.begin(), der.end()};
    });
}

}  // namespace xfrmd::cli::pki
