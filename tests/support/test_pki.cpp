// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_pki.h"

#include <botan/asn1_obj.h>
#include <botan/ber_dec.h>
#include <botan/bigint.h>
#include <botan/chacha_rng.h>
#include <botan/der_enc.h>
#include <botan/hash.h>
#include <botan/pem.h>
#include <botan/pk_algs.h>
#include <botan/pk_keys.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>

#include <chrono>
#include <format>
#include <map>
#include <stdexcept>
#include <utility>

#include "ike/auth/distinguished_name.h"
#include "netlink/model/address.h"

namespace xfrmd::test {

namespace {

using Botan::ASN1_Class;
using Botan::ASN1_Type;
using Botan::DER_Encoder;
namespace ext = Botan::Cert_Extension;

// An extension as its octets: Botan encodes neither name constraints nor IPv6 addresses, nor
// anything malformed.
class RawExtension final : public Botan::Certificate_Extension {
  public:
    RawExtension(Botan::OID oid, Bytes value) : oid_{std::move(oid)}, value_{std::move(value)} {}

    std::unique_ptr<Certificate_Extension> copy() const override {
        return std::make_unique<RawExtension>(oid_, value_);
    }
    Botan::OID oid_of() const override { return oid_; }

  private:
    std::string oid_name() const override { return "raw"; }
    std::vector<std::uint8_t> encode_inner() const override { return value_; }
    void decode_inner(const std::vector<std::uint8_t>& value) override { value_ = value; }

    Botan::OID oid_;
    Bytes value_;
};

std::pair<std::string, std::string> algorithm_of(KeyKind kind) {
    switch (kind) {
        case KeyKind::EcdsaP256:
            return {"ECDSA", "secp256r1"};
        case KeyKind::EcdsaP384:
            return {"ECDSA", "secp384r1"};
        case KeyKind::EcdsaP521:
            return {"ECDSA", "secp521r1"};
        case KeyKind::Rsa1024:
            return {"RSA", "1024"};
        case KeyKind::Rsa2048:
            return {"RSA", "2048"};
        case KeyKind::Rsa3072:
            return {"RSA", "3072"};
        case KeyKind::Ed25519:
            return {"Ed25519", ""};
    }
    throw std::invalid_argument{"no such kind of key"};
}

std::unique_ptr<Botan::ChaCha_RNG> make_generator(std::uint64_t seed, std::string_view purpose) {
    const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    hash->update_be(seed);
    hash->update(std::string{purpose});
    return std::make_unique<Botan::ChaCha_RNG>(hash->final());
}

// Keys take long to make, RSA keys above all, so each is made once in a program.
Bytes private_key_for(std::uint64_t seed, KeyKind kind, const std::string& name) {
    static std::map<std::string, Bytes> made;
    const auto [algorithm, parameters] = algorithm_of(kind);
    const std::string purpose = algorithm + " " + parameters + " " + name;
    Bytes& key = made[std::to_string(seed) + " " + purpose];
    if (key.empty()) {
        const auto generator = make_generator(seed, purpose);
        const auto octets =
            Botan::create_private_key(algorithm, *generator, parameters)->private_key_info();
        key.assign(octets.begin(), octets.end());
    }
    return key;
}

std::unique_ptr<Botan::Private_Key> load(View private_key) {
    return Botan::PKCS8::load_key(private_key);
}

std::string default_hash(KeyKind kind) {
    if (kind == KeyKind::EcdsaP384) return "SHA-384";
    if (kind == KeyKind::EcdsaP521) return "SHA-512";
    return "SHA-256";
}

Botan::PK_Signer make_signer(const Botan::Private_Key& key, Botan::RandomNumberGenerator& generator,
                             KeyKind kind, const std::string& wanted_hash, bool pss) {
    const std::string hash = wanted_hash.empty() ? default_hash(kind) : wanted_hash;
    if (kind == KeyKind::Ed25519) return {key, generator, "Pure"};
    if (algorithm_of(kind).first == "ECDSA")
        return {key, generator, hash, Botan::Signature_Format::DerSequence};
    return {key, generator, (pss ? "PSS(" : "PKCS1v15(") + hash + ")"};
}

Botan::X509_DN name_of(const std::string& text) {
    if (text.empty()) return {};
    const auto name = ike::DistinguishedName::parse(text);
    if (!name) throw std::invalid_argument{name.error()};
    const Bytes der = name->to_der();
    Botan::X509_DN result;
    Botan::BER_Decoder decoder{der};
    result.decode_from(decoder);
    return result;
}

// RFC 5280 §4.1.2.5: UTCTime through 2049. As text, since Botan writes no time after 2200.
Bytes encoded_time(std::int64_t seconds) {
    const std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
    constexpr std::int64_t kYear1950 = -631152000;
    constexpr std::int64_t kYear2050 = 2524608000;
    const bool utc = seconds >= kYear1950 && seconds < kYear2050;
    const std::string text =
        utc ? std::format("{:%y%m%d%H%M%S}Z", time) : std::format("{:%Y%m%d%H%M%S}Z", time);
    Bytes der;
    DER_Encoder{der}.add_object(utc ? ASN1_Type::UtcTime : ASN1_Type::GeneralizedTime,
                                ASN1_Class::Universal, std::string_view{text});
    return der;
}

Bytes key_identifier(const Botan::Public_Key& key) {
    const auto hash = Botan::HashFunction::create_or_throw("SHA-1");
    hash->update(key.public_key_bits());
    return hash->final_stdvec();
}

void add_text_names(DER_Encoder& encoder, std::uint32_t tag,
                    const std::vector<std::string>& names) {
    for (const std::string& name : names)
        encoder.add_object(ASN1_Type{tag}, ASN1_Class::ContextSpecific, std::string_view{name});
}

Bytes alternative_names(const CertificateOptions& options) {
    Bytes der;
    DER_Encoder encoder{der};
    encoder.start_sequence();
    add_text_names(encoder, 2, options.dns);
    add_text_names(encoder, 1, options.email);
    for (const std::string& text : options.addresses) {
        const auto address = xfrm::Address::parse(text);
        if (!address) throw std::invalid_argument{"not an address: " + text};
        encoder.add_object(ASN1_Type{7}, ASN1_Class::ContextSpecific, to_bytes(address->octets()));
    }
    for (const std::string& text : options.directory_names)
        encoder.add_object(ASN1_Type{4}, ASN1_Class::ExplicitContextSpecific,
                           name_of(text).DER_encode());
    add_text_names(encoder, 6, options.uris);
    encoder.end_cons();
    return der;
}

bool has_alternative_names(const CertificateOptions& options) {
    return !options.dns.empty() || !options.email.empty() || !options.addresses.empty() ||
           !options.directory_names.empty() || !options.uris.empty();
}

void add_subtrees(DER_Encoder& encoder, std::uint32_t tag, const std::vector<Subtree>& subtrees) {
    if (subtrees.empty()) return;
    encoder.start_cons(ASN1_Type{tag}, ASN1_Class::ContextSpecific);
    for (const Subtree& subtree : subtrees) {
        const bool constructed =
            subtree.tag == 0 || subtree.tag == 3 || subtree.tag == 4 || subtree.tag == 5;
        encoder.start_sequence()
            .add_object(
                ASN1_Type{subtree.tag},
                constructed ? ASN1_Class::ExplicitContextSpecific : ASN1_Class::ContextSpecific,
                subtree.value)
            .end_cons();
    }
    encoder.end_cons();
}

Bytes name_constraints(const CertificateOptions& options) {
    Bytes der;
    DER_Encoder encoder{der};
    encoder.start_sequence();
    add_subtrees(encoder, 0, options.permitted);
    add_subtrees(encoder, 1, options.excluded);
    encoder.end_cons();
    return der;
}

Botan::Key_Constraints key_usage(const CertificateOptions& options) {
    using enum Botan::Key_Constraints::Bits;
    static const std::map<std::string, Botan::Key_Constraints::Bits> kBits{
        {"digitalSignature", DigitalSignature}, {"nonRepudiation", NonRepudiation},
        {"keyEncipherment", KeyEncipherment},   {"keyAgreement", KeyAgreement},
        {"keyCertSign", KeyCertSign},           {"cRLSign", CrlSign}};
    Botan::Key_Constraints usage;
    if (options.key_usage.empty()) {
        usage |= options.authority ? KeyCertSign : DigitalSignature;
        if (options.authority) usage |= CrlSign;
    }
    for (const std::string& bit : options.key_usage) usage |= kBits.at(bit);
    return usage;
}

Botan::Extensions extensions_for(const CertificateOptions& options, const Botan::Public_Key& key,
                                 const Botan::Public_Key& issuer_key) {
    Botan::Extensions extensions;
    const bool no_usage = options.key_usage == std::vector<std::string>{"none"};
    if (options.basic_constraints)
        extensions.add(
            std::make_unique<ext::Basic_Constraints>(
                options.authority, options.path_length.value_or(ext::NO_CERT_PATH_LIMIT)),
            true);
    if (!no_usage) extensions.add(std::make_unique<ext::Key_Usage>(key_usage(options)), true);
    if (!options.extended_key_usage.empty()) {
        std::vector<Botan::OID> oids;
        for (const std::string& oid : options.extended_key_usage) oids.emplace_back(oid);
        extensions.add(std::make_unique<ext::Extended_Key_Usage>(oids));
    }
    if (options.key_identifiers) {
        extensions.add(std::make_unique<ext::Subject_Key_ID>(key_identifier(key)));
        extensions.add(std::make_unique<ext::Authority_Key_ID>(key_identifier(issuer_key)));
    }
    if (has_alternative_names(options))
        extensions.add(
            std::make_unique<RawExtension>(Botan::OID{"2.5.29.17"}, alternative_names(options)));
    if (!options.permitted.empty() || !options.excluded.empty())
        extensions.add(
            std::make_unique<RawExtension>(Botan::OID{"2.5.29.30"}, name_constraints(options)),
            true);
    for (const ExtraExtension& extra : options.extra)
        extensions.add(std::make_unique<RawExtension>(Botan::OID{extra.oid}, extra.value),
                       extra.critical);
    return extensions;
}

struct BodyParts {
    std::uint64_t serial;
    Botan::AlgorithmIdentifier signature;
    Botan::X509_DN issuer;
    const CertificateOptions& options;
    Bytes key_info;
    Botan::Extensions extensions;
};

// TBSCertificate, RFC 5280 §4.1. Put together here, not by Botan, which would not sign anything
// malformed.
Botan::secure_vector<std::uint8_t> certificate_body(const BodyParts& parts) {
    DER_Encoder body;
    body.start_sequence()
        .start_explicit_context_specific(0)
        .encode(std::size_t{2})
        .end_cons()
        .encode(Botan::BigInt{parts.serial})
        .encode(parts.signature)
        .encode(parts.issuer)
        .start_sequence()
        .raw_bytes(encoded_time(parts.options.not_before))
        .raw_bytes(encoded_time(parts.options.not_after))
        .end_cons()
        .encode(name_of(parts.options.subject))
        .raw_bytes(parts.key_info);
    if (!parts.extensions.get_extension_oids().empty())
        body.start_explicit_context_specific(3)
            .start_sequence()
            .encode(parts.extensions)
            .end_cons()
            .end_cons();
    return body.end_cons().get_contents();
}

// RFC 5915, with the curve, as openssl writes it.
std::string traditional_pem(const Botan::Private_Key& key, KeyKind kind) {
    if (kind == KeyKind::Ed25519) return {};
    if (algorithm_of(kind).first == "RSA")
        return Botan::PEM_Code::encode(key.private_key_bits(), "RSA PRIVATE KEY");
    const Bytes curve = key.algorithm_identifier().parameters();
    const auto der = DER_Encoder{}
                         .start_sequence()
                         .encode(std::size_t{1})
                         .encode(key.raw_private_key_bits(), ASN1_Type::OctetString)
                         .start_explicit_context_specific(0)
                         .raw_bytes(curve)
                         .end_cons()
                         .start_explicit_context_specific(1)
                         .encode(key.raw_public_key_bits(), ASN1_Type::BitString)
                         .end_cons()
                         .end_cons()
                         .get_contents();
    return Botan::PEM_Code::encode(curve, "EC PARAMETERS") +
           Botan::PEM_Code::encode(der, "EC PRIVATE KEY");
}

std::string subject_of(std::string_view common_name) {
    return "CN=" + std::string{common_name} + ", O=Test";
}

}  // namespace

struct TestPki::State {
    std::uint64_t seed = 0;
    std::unique_ptr<Botan::ChaCha_RNG> generator;
    std::uint64_t serial = 1000;

    // `issuer` empty: self-signed.
    Credential make(const Credential* issuer, const CertificateOptions& options);
};

TestPki::TestPki(std::uint64_t seed) : state_{std::make_unique<State>()} {
    state_->seed = seed;
    state_->generator = make_generator(seed, "signatures");
}

TestPki::~TestPki() = default;

Credential TestPki::State::make(const Credential* issuer, const CertificateOptions& options) {
    Credential made;
    made.subject = options.subject;
    made.kind = options.key;
    made.private_key = private_key_for(seed, options.key, options.subject + "/" + options.key_name);
    const auto key = load(made.private_key);
    const auto issuer_key = load(issuer ? issuer->private_key : made.private_key);
    const KeyKind issuer_kind = issuer ? issuer->kind : made.kind;
    Botan::PK_Signer signer =
        make_signer(*issuer_key, *generator, issuer_kind, options.hash, options.rsa_pss);
    made.certificate = Botan::X509_Object::make_signed(
        signer, *generator, signer.algorithm_identifier(),
        certificate_body(BodyParts{.serial = ++serial,
                                   .signature = signer.algorithm_identifier(),
                                   .issuer = name_of(issuer ? issuer->subject : options.subject),
                                   .options = options,
                                   .key_info = key->subject_public_key(),
                                   .extensions = extensions_for(options, *key, *issuer_key)}));
    made.certificate_pem = to_pem(made.certificate, "CERTIFICATE");
    made.private_key_pem = Botan::PKCS8::PEM_encode(*key);
    made.traditional_key_pem = traditional_pem(*key, made.kind);
    return made;
}

Credential TestPki::make_root(CertificateOptions options) {
    options.authority = true;
    return state_->make(nullptr, options);
}

Credential TestPki::make(const Credential& issuer, const CertificateOptions& options) {
    return state_->make(&issuer, options);
}

Credential TestPki::make_root(std::string_view common_name, KeyKind key) {
    CertificateOptions options;
    options.subject = subject_of(common_name);
    options.key = key;
    return make_root(options);
}

Credential TestPki::make_intermediate(const Credential& issuer, std::string_view common_name,
                                      KeyKind key) {
    CertificateOptions options;
    options.subject = subject_of(common_name);
    options.key = key;
    options.authority = true;
    return make(issuer, options);
}

Credential TestPki::make_host(const Credential& issuer, std::string_view dns_name, KeyKind key) {
    CertificateOptions options;
    options.subject = subject_of(dns_name);
    options.key = key;
    options.dns = {std::string{dns_name}};
    return make(issuer, options);
}

// TBSCertList, RFC 5280 §5.1.2.
Bytes TestPki::make_crl(const Credential& issuer, const CrlOptions& options) {
    const auto key = load(issuer.private_key);
    Botan::PK_Signer signer =
        make_signer(*key, *state_->generator, issuer.kind, options.hash, false);
    Botan::Extensions extensions;
    if (options.key_identifier)
        extensions.add(std::make_unique<ext::Authority_Key_ID>(key_identifier(*key)));
    extensions.add(std::make_unique<ext::CRL_Number>(1));
    for (const ExtraExtension& extra : options.extra)
        extensions.add(std::make_unique<RawExtension>(Botan::OID{extra.oid}, extra.value),
                       extra.critical);
    DER_Encoder body;
    body.start_sequence()
        .encode(std::size_t{1})
        .encode(signer.algorithm_identifier())
        .encode(name_of(issuer.subject))
        .raw_bytes(encoded_time(options.this_update));
    if (options.next_update) body.raw_bytes(encoded_time(*options.next_update));
    if (!options.revoked.empty()) {
        body.start_sequence();
        for (const Credential& revoked : options.revoked)
            body.start_sequence()
                .encode(Botan::BigInt::from_bytes(
                    Botan::X509_Certificate{revoked.certificate}.serial_number()))
                .raw_bytes(encoded_time(options.this_update))
                .end_cons();
        body.end_cons();
    }
    body.start_explicit_context_specific(0)
        .start_sequence()
        .encode(extensions)
        .end_cons()
        .end_cons()
        .end_cons();
    return Botan::X509_Object::make_signed(signer, *state_->generator,
                                           signer.algorithm_identifier(), body.get_contents());
}

std::string TestPki::encrypted_key_pem(const Credential& credential) {
    return Botan::PKCS8::PEM_encode_encrypted_pbkdf_iter(*load(credential.private_key),
                                                         *state_->generator, "passphrase", 1000);
}

std::string to_pem(View der, std::string_view label) {
    return Botan::PEM_Code::encode(der.data(), der.size(), label);
}

Bytes certificates_pem(const std::vector<Credential>& credentials) {
    std::string text;
    for (const Credential& credential : credentials) text += credential.certificate_pem;
    return to_bytes(as_view(text));
}

}  // namespace xfrmd::test
