// SPDX-License-Identifier: Apache-2.0
#include "ike/auth/x509.h"

#include <botan/asn1_obj.h>
#include <botan/ber_dec.h>
#include <botan/bigint.h>
#include <botan/x509_ext.h>
#include <botan/x509cert.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <format>
#include <string_view>
#include <utility>

#include "ike/auth/certificate_path.h"
#include "ike/auth/distinguished_name.h"
#include "ike/crypto/signature.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using Verdict = std::expected<void, std::string>;

// RFC 8017, RFC 5480, RFC 8410
constexpr std::string_view kRsa = "1.2.840.113549.1.1.1";
constexpr std::string_view kRsaPss = "1.2.840.113549.1.1.10";
constexpr std::string_view kEcPublicKey = "1.2.840.10045.2.1";
constexpr std::string_view kEd25519 = "1.3.101.112";
constexpr auto kCurves =
    std::to_array<std::string_view>({"1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"});

constexpr auto kSignatures = std::to_array<std::string_view>({
    "1.2.840.113549.1.1.11",  // sha256WithRSAEncryption
    "1.2.840.113549.1.1.12",  // sha384WithRSAEncryption
    "1.2.840.113549.1.1.13",  // sha512WithRSAEncryption
    "1.2.840.10045.4.3.2",    // ecdsa-with-SHA256
    "1.2.840.10045.4.3.3",    // ecdsa-with-SHA384
    "1.2.840.10045.4.3.4",    // ecdsa-with-SHA512
    kEd25519,
});

struct WeakSignature {
    std::string_view oid;
    std::string_view hash;
};

constexpr auto kWeakSignatures = std::to_array<WeakSignature>({
    {"1.2.840.113549.1.1.2", "MD2"},
    {"1.2.840.113549.1.1.4", "MD5"},
    {"1.2.840.113549.1.1.5", "SHA-1"},
    {"1.2.840.10045.4.1", "SHA-1"},
    {"1.2.840.10040.4.3", "SHA-1"},
});

constexpr std::string_view kSha1 = "1.3.14.3.2.26";

constexpr auto kPssHashes = std::to_array<std::string_view>({
    "2.16.840.1.101.3.4.2.1",
    "2.16.840.1.101.3.4.2.2",
    "2.16.840.1.101.3.4.2.3",
});

// RFC 4945 §5.1.3.12
constexpr auto kExtendedUsages = std::to_array<std::string_view>({
    "1.3.6.1.5.5.7.3.1",   // serverAuth
    "1.3.6.1.5.5.7.3.2",   // clientAuth
    "1.3.6.1.5.5.7.3.17",  // ipsecIKE
    "2.5.29.37.0",         // anyExtendedKeyUsage
});

std::unexpected<std::string> malformed() {
    return std::unexpected{std::string{"is not a well-formed certificate"}};
}

Verdict check_rsa_key(const std::vector<std::uint8_t>& bits) {
    Botan::BigInt modulus;
    Botan::BigInt exponent;
    Botan::BER_Decoder decoder{bits};
    decoder.start_sequence().decode(modulus).decode(exponent).end_cons();
    decoder.verify_end();
    if (modulus.bits() < kRsaModulusBitsMin)
        return std::unexpected{std::format("has an RSA key of {} bits, at least {} are needed",
                                           modulus.bits(), kRsaModulusBitsMin)};
    if (modulus.bits() > kRsaModulusBitsMax)
        return std::unexpected{std::format("has an RSA key of {} bits, at most {} are accepted",
                                           modulus.bits(), kRsaModulusBitsMax)};
    if (modulus.is_negative() || modulus.is_even() || exponent.is_negative() ||
        exponent.is_even() || exponent == 1 ||
        exponent.bits() > certificate_limits::kRsaExponentBitsMax)
        return std::unexpected{std::string{"has an RSA key with an unusable modulus or exponent"}};
    return {};
}

Verdict check_curve(const Botan::AlgorithmIdentifier& algorithm) {
    Botan::OID curve;
    // Explicit parameters would have us check the curve: they are no OID and end up in malformed().
    Botan::BER_Decoder{algorithm.parameters()}.decode(curve).verify_end();
    if (!std::ranges::contains(kCurves, curve.to_string()))
        return std::unexpected{
            std::string{"has a key on an elliptic curve other than P-256, P-384 and P-521"}};
    return {};
}

// Throws what the decoder throws.
Verdict check_key(Botan::BER_Decoder info) {
    Botan::AlgorithmIdentifier algorithm;
    std::vector<std::uint8_t> bits;
    info.decode(algorithm).decode(bits, Botan::ASN1_Type::BitString).verify_end();
    const std::string oid = algorithm.oid().to_string();
    if (oid == kRsa || oid == kRsaPss) return check_rsa_key(bits);
    if (oid == kEcPublicKey) return check_curve(algorithm);
    if (oid == kEd25519) {
        if (bits.size() != 32) return malformed();
        return {};
    }
    return std::unexpected{"has a key of an algorithm that is not supported (" + oid + ")"};
}

// Botan's calendar ends with the year 2200; said here, the reason is not lost in a decoding error.
Verdict check_calendar(Botan::BER_Object&& validity) {
    Botan::BER_Decoder times{std::move(validity)};
    while (times.more_items()) {
        const Botan::BER_Object time = times.get_next_object();
        const bool generalized =
            time.is_a(Botan::ASN1_Type::GeneralizedTime, Botan::ASN1_Class::Universal);
        if (generalized &&
            std::ranges::lexicographical_compare(std::string_view{"2201"}, time.data()))
            return std::unexpected{std::string{
                "has a period of validity beyond the year 2200, which is not supported"}};
    }
    return {};
}

// Certificate as far as the SubjectPublicKeyInfo, RFC 5280 §4.1. Throws what the decoder throws.
Verdict check_bounds(View der) {
    if (der.size() > certificate_limits::kCertificateOctetsMax)
        return std::unexpected{std::format("has {} octets, at most {} are accepted", der.size(),
                                           certificate_limits::kCertificateOctetsMax)};
    Botan::BER_Decoder outer{der};
    Botan::BER_Decoder certificate = outer.start_sequence();
    outer.verify_end();
    Botan::BER_Decoder body = certificate.start_sequence();
    Botan::BER_Object item = body.get_next_object();
    if (item.is_a(0, Botan::ASN1_Class::ExplicitContextSpecific))
        item = body.get_next_object();  // version
    item.assert_is_a(Botan::ASN1_Type::Integer, Botan::ASN1_Class::Universal);
    if (item.length() > 21)
        return std::unexpected{std::string{"has a serial number of more than 20 octets"}};
    const auto next_sequence = [&] {
        Botan::BER_Object object = body.get_next_object();
        object.assert_is_a(Botan::ASN1_Type::Sequence, Botan::ASN1_Class::Constructed);
        return object;
    };
    next_sequence();  // signature
    next_sequence();  // issuer
    TRY_VOID(check_calendar(next_sequence()));
    next_sequence();  // subject
    return check_key(body.start_sequence());
}

// Botan keeps an extension that it cannot decode as an unknown one. That would make a broken
// constraint an absent one.
Verdict check_extensions(const Botan::X509_Certificate& certificate) {
    constexpr auto kDecoded = std::to_array<std::string_view>({
        "2.5.29.14",
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.35",
        "2.5.29.37",
    });
    const Botan::Extensions& extensions = certificate.v3_extensions();
    for (const Botan::OID& oid : extensions.get_extension_oids()) {
        if (!std::ranges::contains(kDecoded, oid.to_string())) continue;
        const Botan::Certificate_Extension* extension = extensions.get_extension_object(oid);
        if (!extension || extension->oid_name().empty())
            return std::unexpected{"has a malformed extension (" + oid.to_string() + ")"};
    }
    return {};
}

Verdict check_pss_parameters(const std::vector<std::uint8_t>& parameters) {
    Botan::BER_Decoder decoder{parameters};
    Botan::BER_Decoder sequence = decoder.start_sequence();
    // RFC 4055 §3.1: hashAlgorithm [0], SHA-1 where it is absent.
    Botan::AlgorithmIdentifier hash{Botan::OID{kSha1}, Botan::AlgorithmIdentifier::USE_NULL_PARAM};
    if (sequence.more_items() &&
        sequence.peek_next_object().is_a(0, Botan::ASN1_Class::ExplicitContextSpecific))
        Botan::BER_Decoder{sequence.get_next_object()}.decode(hash).verify_end();
    if (hash.oid().to_string() == kSha1)
        return std::unexpected{std::string{"is signed with SHA-1, which is refused"}};
    if (!std::ranges::contains(kPssHashes, hash.oid().to_string()))
        return std::unexpected{
            std::string{"is signed with a hash function other than SHA-256, SHA-384 and SHA-512"}};
    return {};
}

}  // namespace

std::expected<Botan::X509_Certificate, std::string> load_certificate(View der) {
    try {
        TRY_VOID(check_bounds(der));
        Botan::X509_Certificate certificate{der.data(), der.size()};
        TRY_VOID(check_extensions(certificate));
        return certificate;
    } catch (const std::exception&) {
        return malformed();
    }
}

std::expected<void, std::string> check_public_key(View info) {
    try {
        Botan::BER_Decoder decoder{info};
        Botan::BER_Decoder sequence = decoder.start_sequence();
        decoder.verify_end();
        return check_key(std::move(sequence));
    } catch (const std::exception&) {
        return std::unexpected{std::string{"has a malformed public key"}};
    }
}

std::expected<void, std::string> check_signature_algorithm(
    const Botan::AlgorithmIdentifier& algorithm) {
    const std::string oid = algorithm.oid().to_string();
    if (std::ranges::contains(kSignatures, oid)) return {};
    try {
        if (oid == kRsaPss) return check_pss_parameters(algorithm.parameters());
    } catch (const std::exception&) {
        return std::unexpected{std::string{"is signed with malformed RSASSA-PSS parameters"}};
    }
    if (const auto weak = std::ranges::find(kWeakSignatures, oid, &WeakSignature::oid);
        weak != kWeakSignatures.end())
        return std::unexpected{"is signed with " + std::string{weak->hash} + ", which is refused"};
    return std::unexpected{"is signed with an algorithm that is not supported (" + oid + ")"};
}

std::expected<void, std::string> check_end_usage(const Botan::X509_Certificate& certificate) {
    using Botan::Key_Constraints;
    const Botan::Extensions& extensions = certificate.v3_extensions();
    if (extensions.extension_set(Botan::Cert_Extension::Key_Usage::static_oid()) &&
        !certificate.constraints().includes(Key_Constraints::DigitalSignature) &&
        !certificate.constraints().includes(Key_Constraints::NonRepudiation))
        return std::unexpected{std::string{
            "may not sign: its key usage has neither digitalSignature nor nonRepudiation"}};
    if (!extensions.extension_set(Botan::Cert_Extension::Extended_Key_Usage::static_oid()))
        return {};
    const bool for_ike =
        std::ranges::any_of(certificate.extended_key_usage(), [](const Botan::OID& usage) {
            return std::ranges::contains(kExtendedUsages, usage.to_string());
        });
    if (!for_ike)
        return std::unexpected{
            std::string{"may not be used for IKE: its extended key usage has none of serverAuth, "
                        "clientAuth, ipsecIKE and "
                        "anyExtendedKeyUsage"}};
    return {};
}

std::expected<void, std::string> check_authority_usage(const Botan::X509_Certificate& certificate) {
    if (!certificate.is_CA_cert())
        return std::unexpected{std::string{"is not a certification authority's"}};
    if (certificate.v3_extensions().extension_set(Botan::Cert_Extension::Key_Usage::static_oid()) &&
        !certificate.constraints().includes(Botan::Key_Constraints::KeyCertSign))
        return std::unexpected{std::string{"may not certify: its key usage lacks keyCertSign"}};
    return {};
}

std::string describe(const Botan::X509_Certificate& certificate) {
    const auto subject = DistinguishedName::from_der(certificate.raw_subject_dn());
    if (subject && !subject->empty()) return "certificate " + subject->to_string();
    return "certificate with serial number " + to_hex(certificate.serial_number());
}

std::optional<std::int64_t> seconds_of(const Botan::ASN1_Time& time) {
    if (!time.time_is_set()) return std::nullopt;
    try {
        return static_cast<std::int64_t>(time.time_since_epoch());
    } catch (const std::exception&) {
        return 0;  // before 1970
    }
}

std::string time_text(std::int64_t seconds) {
    return std::format("{:%FT%TZ}", std::chrono::sys_seconds{std::chrono::seconds{seconds}});
}

}  // namespace xfrmd::ike
