// SPDX-License-Identifier: Apache-2.0
// Why octets from a peer are not a message: one closed list, with a sentence for people.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "ike/wire/payload_type.h"

namespace xfrmd::ike {

enum class DecodeFault : std::uint8_t {
    Truncated,                   // a field reaches past the end
    TrailingOctets,              // something stands after the last field
    BadLength,                   // a length the type does not allow
    BadCount,                    // a count that contradicts what follows, or zero where one is needed
    BadValue,                    // a value the field does not allow
    LengthMismatch,              // the header's length is not the datagram's
    TooLong,                     // more octets than limits.h allows
    TooMany,                     // more elements than limits.h allows
    UnsupportedMajorVersion,     // not IKEv2
    UnsupportedCriticalPayload,  // RFC 7296 §2.5: unknown, and marked critical
    SealedPayloadNotLast,        // RFC 7296 §3.14: SK or SKF must end the message
    SealedPayloadInside,         // SK or SKF within a sealed chain
    MissingPayload,              // required in this exchange
    DuplicatePayload,            // more often than this exchange allows
    UnexpectedPayload,           // contradicts the other payloads of the message
};

struct DecodeError {
    DecodeFault fault = DecodeFault::Truncated;
    // The payload the fault is in or about; None while still in the header.
    PayloadType payload = PayloadType::None;

    bool operator==(const DecodeError&) const = default;
};

template <class T>
using Decoded = std::expected<T, DecodeError>;

// A fault as the error of a Decoded; the chain walk adds the payload's type.
constexpr std::unexpected<DecodeError> refuse(DecodeFault fault,
                                              PayloadType payload = PayloadType::None) {
    return std::unexpected{DecodeError{fault, payload}};
}

// One sentence without the payload, such as "a field reaches past the end".
std::string_view explain(DecodeFault fault);
// The same with the payload's name in front: "KE payload: a field reaches past the end".
std::string to_string(const DecodeError& error);

}  // namespace xfrmd::ike
