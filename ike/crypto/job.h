// SPDX-License-Identifier: Apache-2.0
// Work that needs a private key, a shared secret or much CPU. The core asks with a CryptoJob and goes on when
// the CryptoResult comes in; whoever runs it (inline, a worker pool, a signer process, the simulator) is a driver.
// Jobs and results are values; randomness comes in as a seed, so a job's result does not depend on who runs it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "ike/identity.h"
#include "ike/wire/identity.h"
#include "ike/wire/notify_data.h"
#include "ike/wire/transform_ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// Make a fresh (EC)DH key pair, or a KEM key pair. `seed`: 32 octets of the core's randomness.
struct GenerateKeyShare {
    KeyExchangeMethod method = KeyExchangeMethod::None;
    Secret seed;
};

// Compute the shared secret from our private share and what the peer sent (RFC 6989 checks included).
struct AgreeOnKey {
    KeyExchangeMethod method = KeyExchangeMethod::None;
    Secret private_share;
    Bytes peer_share;
};

// A KEM responder's half: both the answer for the peer and the shared secret.
struct EncapsulateKey {
    KeyExchangeMethod method = KeyExchangeMethod::None;
    Bytes peer_share;
    Secret seed;
};

// RFC 7296 §2.15: prf(prf(shared secret, "Key Pad for IKEv2"), octets). The secret is known to the driver by name.
struct AuthenticateWithSecret {
    std::string secret;
    PrfId prf = PrfId::HmacSha256;
    Bytes octets;
};

// Sign with the private key of a configured identity. The driver chooses the scheme from the key and the peer's
// hashes: RFC 7427 where the peer announced hashes, else RFC 4754 for ECDSA, else an error (SHA-1 is not offered).
struct SignWithIdentity {
    std::string identity;
    std::vector<SignatureHash> peer_hashes;
    Bytes octets;
    Secret seed;
};

// Check the peer's certificate chain against a configured trust, the binding of its identity to the end
// certificate, and its signature over `octets`.
struct VerifyPeer {
    std::string trust;
    Identity peer;                   // what the ID payload says
    std::vector<Bytes> certificates; // DER, end certificate first (RFC 7296 §3.6), intermediates after it
    Authentication authentication;   // method and data of the AUTH payload
    Bytes octets;
};

using CryptoJob = std::variant<GenerateKeyShare, AgreeOnKey, EncapsulateKey, AuthenticateWithSecret,
                               SignWithIdentity, VerifyPeer>;

struct KeyShare {
    Secret private_share;
    Bytes public_share;
};
struct SharedSecret {
    Secret secret;
};
struct Encapsulated {
    Bytes public_share;
    Secret secret;
};
struct Mac {
    Secret mac;
};
struct Verified {
    std::string subject;               // of the end certificate, for people (RFC 4514 text)
    std::int64_t not_after = 0;        // seconds since 1970: the earliest end of validity in the path
};

using CryptoAnswer = std::variant<KeyShare, SharedSecret, Encapsulated, Mac, Authentication, Verified>;

enum class CryptoErrorCode : std::uint8_t {
    InvalidPeerShare,        // RFC 6989, or a wrong length
    UnknownSecret,           // no such shared secret here
    UnknownIdentity,         // no such identity or no private key for it
    UnsupportedMethod,       // we do not implement it
    NoCommonSignature,       // our key and the peer's announced hashes do not meet
    NoTrustedCertificate,    // no chain to a configured CA
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    CertificateUnusable,     // malformed, key usage, name constraints, weak key, too many
    IdentityNotInCertificate,
    SignatureInvalid,
    Internal,
};

struct CryptoError {
    CryptoErrorCode code = CryptoErrorCode::Internal;
    std::string what;        // for people: what, which certificate, what to do
};

using CryptoOutcome = std::expected<CryptoAnswer, CryptoError>;

}  // namespace xfrmd::ike
