// SPDX-License-Identifier: Apache-2.0
// Any payload, chains of payloads, and whole messages. RFC 7296 §3.1, §3.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "ike/wire/configuration.h"
#include "ike/wire/eap.h"
#include "ike/wire/header.h"
#include "ike/wire/identity.h"
#include "ike/wire/key_exchange.h"
#include "ike/wire/notify.h"
#include "ike/wire/proposal.h"
#include "ike/wire/sealed.h"
#include "ike/wire/selectors.h"

namespace xfrmd::ike {

// A payload of a type that is not ours. Parsing never yields a critical one: that is an error.
struct Unknown {
    PayloadType type = PayloadType::None;
    bool critical = false;
    Bytes body;

    bool operator==(const Unknown&) const = default;
};

using Payload =
    std::variant<SecurityAssociation, KeyExchange, IdentificationInitiator, IdentificationResponder,
                 Certificate, CertificateRequest, Authentication, Nonce, Notify, Delete, VendorId,
                 TrafficSelectorsInitiator, TrafficSelectorsResponder, Encrypted,
                 ConfigurationPayload, Eap, EncryptedFragment, Unknown>;

PayloadType payload_type(const Payload& payload);

struct Message {
    Header header;
    std::vector<Payload> payloads;  // in the order of the wire; SK or SKF, if any, is the last

    bool operator==(const Message&) const = default;
};

// A whole datagram, without the non-ESP marker. Errors: the header's length is not the datagram's,
// a major version other than 2, anything malformed, an unknown critical payload (with its type),
// and what exceeds limits.h. Reserved bits, and the critical bit of known payloads, are ignored:
// RFC 7296 §2.5, §3.2.
Decoded<Message> parse_message(View datagram);

// The inner chain of an opened SK payload, padding and pad length taken off. SK and SKF are errors
// here.
Decoded<std::vector<Payload>> parse_payloads(PayloadType first, View chain);

// The whole message; `next_payload` and `length` of the header are worked out, not taken. Empty if
// the payloads have no encoding: a length that does not fit its field, or SK or SKF that is not the
// last.
Bytes write_message(const Header& header, std::span<const Payload> payloads);

// A chain, as it is sealed. Empty for no payloads, and if they have no encoding.
Bytes write_payloads(std::span<const Payload> payloads);
// What stands in the Next Payload field before this chain; None for an empty one.
PayloadType first_payload_type(std::span<const Payload> payloads);

// Where the two parts of a sealed message lie. RFC 5282 §5.1, RFC 7383 §2.5: the associated data
// run from the IKE header to the end of the SK generic header, or of the SKF fragment header; the
// body follows and ends the message. A separate integrity check value covers the message up to
// itself.
struct SealedLayout {
    std::size_t associated_octets = 0;
    std::size_t body_octets = 0;

    View associated(View datagram) const { return datagram.first(associated_octets); }
    View body(View datagram) const { return datagram.subspan(associated_octets, body_octets); }
    bool operator==(const SealedLayout&) const = default;
};

// Of a message that parse_message() gave; nothing if it is not sealed.
std::optional<SealedLayout> sealed_layout(const Message& message);

// The associated data of a message to be sealed: IKE header and SK generic header, with lengths as
// if `body_octets` octets followed. Append the body and the message is whole. With `body_octets`
// the size of the plaintext it is also the A part of IntAuth, RFC 9242 §3.3.2. Empty if too long.
Bytes write_sealed_prefix(const Header& header, PayloadType first_inner, std::size_t body_octets);
// The same for one fragment. RFC 7383 §2.5: `first_inner` is written into fragment 1 only.
Bytes write_fragment_prefix(const Header& header, PayloadType first_inner, std::uint16_t number,
                            std::uint16_t total, std::size_t body_octets);

// The octets write_sealed_prefix() and write_fragment_prefix() give.
inline constexpr std::size_t kSealedPrefixOctets = kHeaderOctets + 4;
inline constexpr std::size_t kFragmentPrefixOctets = kHeaderOctets + 8;

}  // namespace xfrmd::ike
