// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/private_key.h"

#include <botan/ber_dec.h>
#include <botan/chacha_rng.h>
#include <botan/der_enc.h>
#include <botan/pk_keys.h>
#include <botan/pkcs8.h>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

#include "ike/auth/pem.h"
#include "ike/auth/printable.h"
#include "ike/auth/x509.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using Octets = Botan::secure_vector<std::uint8_t>;

std::unexpected<std::string> refuse(std::string_view what) {
    return std::unexpected{std::string{what}};
}

constexpr std::string_view kEncrypted =
    "the private key is encrypted; nobody is there to enter a passphrase, so store it unencrypted "
    "in a file that only "
    "root can read, for example with \"openssl pkey -in KEY -out KEY.plain\", or pass it as a "
    "systemd credential";

Octets wrap(const Botan::AlgorithmIdentifier& algorithm, View key) {
    return Botan::DER_Encoder{}
        .start_sequence()
        .encode(std::size_t{0})
        .encode(algorithm)
        .encode(key.data(), key.size(), Botan::ASN1_Type::OctetString)
        .end_cons()
        .get_contents();
}

Octets wrap_pkcs1(View key) {
    return wrap({Botan::OID{"1.2.840.113549.1.1.1"}, Botan::AlgorithmIdentifier::USE_NULL_PARAM},
                key);
}

// RFC 5915 §3: ECPrivateKey names its curve in parameters [0]. Throws what the decoder throws.
std::optional<Octets> wrap_sec1(View key) {
    Botan::BER_Decoder decoder{key};
    Botan::BER_Decoder sequence = decoder.start_sequence();
    std::size_t version = 0;
    Octets number;
    sequence.decode(version).decode(number, Botan::ASN1_Type::OctetString);
    if (!sequence.more_items()) return std::nullopt;
    const Botan::BER_Object parameters = sequence.get_next_object();
    if (!parameters.is_a(0, Botan::ASN1_Class::ExplicitContextSpecific)) return std::nullopt;
    return wrap({Botan::OID{"1.2.840.10045.2.1"}, to_bytes(parameters.data())}, key);
}

// The three forms begin differently: PKCS#8 (0, AlgorithmIdentifier), PKCS#1 (0, INTEGER), SEC 1
// (1, OCTET STRING), and an encrypted PKCS#8 with an AlgorithmIdentifier at once. Throws what the
// decoder throws.
std::expected<Octets, std::string> as_pkcs8(View der) {
    Botan::BER_Decoder decoder{der};
    Botan::BER_Decoder sequence = decoder.start_sequence();
    decoder.verify_end();
    if (sequence.get_next_object().is_a(Botan::ASN1_Type::Sequence, Botan::ASN1_Class::Constructed))
        return refuse(kEncrypted);
    const Botan::BER_Object second = sequence.get_next_object();
    if (second.is_a(Botan::ASN1_Type::Integer, Botan::ASN1_Class::Universal))
        return wrap_pkcs1(der);
    if (second.is_a(Botan::ASN1_Type::OctetString, Botan::ASN1_Class::Universal)) {
        auto wrapped = wrap_sec1(der);
        if (!wrapped) return refuse("the private key does not say which elliptic curve it is for");
        return *std::move(wrapped);
    }
    return Octets{der.begin(), der.end()};
}

std::expected<Secret, std::string> private_key_block(View input) {
    if (!is_pem(input)) return Secret{input};
    std::optional<Secret> found;
    for (PemBlock& block : TRY(decode_pem(input))) {
        if (!block.label.ends_with("PRIVATE KEY"))
            continue;  // certificates and curve parameters may stand beside it
        if (block.encrypted || block.label == "ENCRYPTED PRIVATE KEY") return refuse(kEncrypted);
        if (block.label != "PRIVATE KEY" && block.label != "RSA PRIVATE KEY" &&
            block.label != "EC PRIVATE KEY")
            return std::unexpected{"a private key of the kind \"" + printable(block.label) +
                                   "\" cannot be used; convert it to PKCS#8 (\"PRIVATE KEY\")"};
        if (found) return refuse("there is more than one private key");
        found = std::move(block.content);
    }
    if (!found) return refuse("there is no private key in the PEM text");
    return *std::move(found);
}

}  // namespace

std::expected<LoadedPrivateKey, std::string> load_private_key(View input) {
    if (input.empty()) return refuse("the private key is empty");
    const Secret der = TRY(private_key_block(input));
    try {
        const Octets pkcs8 = TRY(as_pkcs8(der.view()));
        const std::unique_ptr<Botan::Private_Key> key = Botan::PKCS8::load_key(pkcs8);
        LoadedPrivateKey loaded{Secret{key->private_key_info()}, key->subject_public_key()};
        if (const auto usable = check_public_key(loaded.public_key_info); !usable)
            return std::unexpected{"the private key is not usable: it " + usable.error()};
        // The generator only picks the bases of primality tests; a fixed seed keeps the result
        // reproducible.
        constexpr std::array<std::uint8_t, 32> kSeed{};
        Botan::ChaCha_RNG generator{kSeed};
        if (!key->check_key(generator, false))
            return refuse("the private key is inconsistent in itself");
        return loaded;
    } catch (const std::exception&) {
        return refuse("the private key is malformed or of an unknown kind");
    }
}

}  // namespace xfrmd::ike
