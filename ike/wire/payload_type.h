// SPDX-License-Identifier: Apache-2.0
// The Next Payload numbers. Values outside the list are carried as they are.
#pragma once

#include <cstdint>

namespace xfrmd::ike {

// RFC 7296 §3.2, RFC 7383 §2.5
enum class PayloadType : std::uint8_t {
    None = 0,
    SecurityAssociation = 33,
    KeyExchange = 34,
    IdentificationInitiator = 35,
    IdentificationResponder = 36,
    Certificate = 37,
    CertificateRequest = 38,
    Authentication = 39,
    Nonce = 40,
    Notify = 41,
    Delete = 42,
    VendorId = 43,
    TrafficSelectorsInitiator = 44,
    TrafficSelectorsResponder = 45,
    Encrypted = 46,
    Configuration = 47,
    Eap = 48,
    EncryptedFragment = 53,
};

}  // namespace xfrmd::ike
