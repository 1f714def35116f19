// SPDX-License-Identifier: Apache-2.0
// The Identification payloads and what proves them: Certificate, Certificate Request,
// Authentication. RFC 7296 §3.5 to §3.8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ike/wire/decode_error.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// RFC 7296 §3.5, RFC 7619 §2.2
enum class IdType : std::uint8_t {
    Ipv4Address = 1,
    Fqdn = 2,
    Rfc822Address = 3,
    Ipv6Address = 5,
    DerAsn1Dn = 9,
    DerAsn1Gn = 10,
    KeyId = 11,
    Null = 13,
};

// Addresses in network order (4 or 16 octets), names as octets without a terminator, DER for DN and
// GN.
struct Identification {
    IdType type = IdType::Null;
    Bytes data;

    bool operator==(const Identification&) const = default;
};

// IDi
struct IdentificationInitiator {
    static constexpr PayloadType kType = PayloadType::IdentificationInitiator;

    Identification value;

    static Decoded<IdentificationInitiator> parse(View body);
    void write(Writer& out) const;
    bool operator==(const IdentificationInitiator&) const = default;
};

// IDr
struct IdentificationResponder {
    static constexpr PayloadType kType = PayloadType::IdentificationResponder;

    Identification value;

    static Decoded<IdentificationResponder> parse(View body);
    void write(Writer& out) const;
    bool operator==(const IdentificationResponder&) const = default;
};

// The body of an ID payload without its generic header: RestOfInitIDPayload and
// RestOfRespIDPayload, which MACedIDForI and MACedIDForR are made of. RFC 7296 §2.15.
Bytes write_identification_body(const Identification& identification);

// RFC 7296 §3.6, RFC 4806, RFC 7670
enum class CertificateEncoding : std::uint8_t {
    Pkcs7X509 = 1,
    Pgp = 2,
    DnsSignedKey = 3,
    X509Signature = 4,
    KerberosToken = 6,
    Crl = 7,
    Arl = 8,
    Spki = 9,
    X509Attribute = 10,
    RawRsaKey = 11,
    HashAndUrlX509 = 12,
    HashAndUrlX509Bundle = 13,
    OcspContent = 14,
    RawPublicKey = 15,
};

struct Certificate {
    static constexpr PayloadType kType = PayloadType::Certificate;

    CertificateEncoding encoding = CertificateEncoding::X509Signature;
    Bytes data;

    static Decoded<Certificate> parse(View body);
    void write(Writer& out) const;
    bool operator==(const Certificate&) const = default;
};

using AuthorityHash = std::array<std::uint8_t, 20>;

struct CertificateRequest {
    static constexpr PayloadType kType = PayloadType::CertificateRequest;

    CertificateEncoding encoding = CertificateEncoding::X509Signature;
    // For X509Signature: SHA-1 hashes of the trust anchors' SubjectPublicKeyInfo, 20 octets each,
    // one after another. May be empty: any authority will do.
    Bytes authorities;

    // The hashes one by one; nothing for an encoding that does not carry whole hashes.
    std::vector<AuthorityHash> authority_hashes() const;

    static Decoded<CertificateRequest> parse(View body);
    void write(Writer& out) const;
    bool operator==(const CertificateRequest&) const = default;
};

// RFC 7296 §3.8, RFC 4754, RFC 6467, RFC 7427, RFC 7619
enum class AuthMethod : std::uint8_t {
    RsaPkcs1Sha1 = 1,
    SharedKey = 2,
    DssSha1 = 3,
    Ecdsa256 = 9,
    Ecdsa384 = 10,
    Ecdsa521 = 11,
    SecurePassword = 12,
    Null = 13,
    DigitalSignature = 14,
};

struct Authentication {
    static constexpr PayloadType kType = PayloadType::Authentication;

    AuthMethod method = AuthMethod::SharedKey;
    Bytes data;

    static Decoded<Authentication> parse(View body);
    void write(Writer& out) const;
    bool operator==(const Authentication&) const = default;
};

// The Authentication Data of AuthMethod::DigitalSignature. RFC 7427 §3.
struct DigitalSignature {
    Bytes algorithm_identifier;  // DER of an AlgorithmIdentifier, 1 to 255 octets
    Bytes signature;             // never empty

    // Does not look into the DER.
    static Decoded<DigitalSignature> parse(View authentication_data);
    // Empty if the algorithm identifier is longer than 255 octets.
    Bytes write() const;
    bool operator==(const DigitalSignature&) const = default;
};

}  // namespace xfrmd::ike
