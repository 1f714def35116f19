// SPDX-License-Identifier: Apache-2.0
// Small things about certificates that several files here need: bounded decoding, usage, times,
// names for people.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "netlink/model/octets.h"

namespace Botan {
class AlgorithmIdentifier;
class ASN1_Time;
class X509_Certificate;
}  // namespace Botan

namespace xfrmd::ike {

// Decodes one DER certificate after its size and its key were found within certificate_limits, so
// that a peer's certificate costs little before it is known to be any good. Errors here and below
// are predicates about the certificate, for people: "has an RSA key of 1024 bits, …".
[[nodiscard]] std::expected<Botan::X509_Certificate, std::string> load_certificate(View der);

// RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 or P-521, or Ed25519. `info`:
// SubjectPublicKeyInfo, DER.
[[nodiscard]] std::expected<void, std::string> check_public_key(View info);

// A signature by a certification authority that we accept: SHA-2 with RSA or ECDSA, or Ed25519.
[[nodiscard]] std::expected<void, std::string> check_signature_algorithm(
    const Botan::AlgorithmIdentifier& algorithm);

// RFC 4945 §5.1.3.2 and §5.1.3.12: digitalSignature or nonRepudiation, and serverAuth, clientAuth,
// ipsecIKE or any extended usage, where the extensions are present.
[[nodiscard]] std::expected<void, std::string> check_end_usage(
    const Botan::X509_Certificate& certificate);

// RFC 5280 §4.2.1.3 and §4.2.1.9: cA, and keyCertSign if the key usage is present.
[[nodiscard]] std::expected<void, std::string> check_authority_usage(
    const Botan::X509_Certificate& certificate);

// "certificate CN=db1,O=Example", or by serial number where there is no subject.
[[nodiscard]] std::string describe(const Botan::X509_Certificate& certificate);

// Seconds since 1970, not below 0; nothing if the time is absent.
[[nodiscard]] std::optional<std::int64_t> seconds_of(const Botan::ASN1_Time& time);

// "2026-11-22T10:00:00Z"
[[nodiscard]] std::string time_text(std::int64_t seconds);

}  // namespace xfrmd::ike
