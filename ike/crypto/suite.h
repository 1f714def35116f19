// SPDX-License-Identifier: Apache-2.0
// The algorithms of one IKE SA and of one CHILD_SA: their names for people, their key lengths, and
// what the kernel must be told. All of it comes from the table of transforms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ike/wire/transform_ids.h"
#include "netlink/model/octets.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::ike {

// The methods of the additional key exchanges in the order in which they are run, at most seven;
// what was negotiated as NONE is left out. RFC 9370 §2.2.1.
using AdditionalKeyExchanges = std::vector<KeyExchangeMethod>;

struct IkeSuite {
    EncryptionId encryption = EncryptionId::AesGcm16;
    std::uint16_t key_bits = 0;  // Key Length attribute; 0: the transform has none
    PrfId prf = PrfId::HmacSha256;
    IntegrityId integrity = IntegrityId::None;  // None with a combined mode
    KeyExchangeMethod method = KeyExchangeMethod::None;
    AdditionalKeyExchanges additional = {};
    bool operator==(const IkeSuite&) const = default;
};

// Of a child, with ESP or AH. AH has integrity alone: `encryption` and `key_bits` say nothing then.
struct EspSuite {
    EncryptionId encryption = EncryptionId::AesGcm16;
    std::uint16_t key_bits = 0;
    IntegrityId integrity = IntegrityId::None;
    bool extended_sequence_numbers = false;
    KeyExchangeMethod method = KeyExchangeMethod::None;  // None: no key exchange of its own
    AdditionalKeyExchanges additional = {};              // only beside one
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    bool operator==(const EspSuite&) const = default;
};

// Every part is implemented, and integrity comes exactly once: from the combined mode or from its
// own transform, with AH from the latter. RFC 7296 §3.3.3. A KEM cannot be the only key exchange of an IKE SA: RFC 9370 adds
// it to another one. No method is used twice: RFC 9370 §2.2.1.
[[nodiscard]] bool is_usable(const IkeSuite& suite);
[[nodiscard]] bool is_usable(const EspSuite& suite);

// A key encapsulation is among the key exchanges: a quantum computer that has recorded everything
// does not learn the keys.
[[nodiscard]] bool is_quantum_resistant(const IkeSuite& suite);

// "aes128gcm16-prfsha256-x25519-ke1_mlkem768", "aes256-sha256-prfsha256-ecp256"
[[nodiscard]] std::string to_string(const IkeSuite& suite);
// "aes128gcm16-esn", "aes256-sha256-ecp256-esn", for AH "sha256-esn"; "esn" only where it is used.
[[nodiscard]] std::string to_string(const EspSuite& suite);

// Octets of keying material for one direction.
struct KeyLengths {
    std::size_t encryption = 0;  // with the salt of a combined mode at its end
    std::size_t integrity = 0;   // 0 with a combined mode
    bool operator==(const KeyLengths&) const = default;
};
// Zeroes for an algorithm that the table does not know.
[[nodiscard]] KeyLengths key_lengths(const IkeSuite& suite);
[[nodiscard]] KeyLengths key_lengths(const EspSuite& suite);

// Puts algorithms and keys of one direction into `spec`: `aead`, or `encryption` and `integrity`,
// for AH `integrity` alone. The keys are those of ChildKeys. Leaves all three empty, which every
// kernel refuses, if the suite is not usable or a key has not its length.
void fill_algorithms(const EspSuite& suite, View encryption_key, View integrity_key,
                     xfrm::SaSpec& spec);

}  // namespace xfrmd::ike
