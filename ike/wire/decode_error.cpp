// SPDX-License-Identifier: Apache-2.0
#include "ike/wire/decode_error.h"

#include "ike/wire/names.h"

namespace xfrmd::ike {

std::string_view explain(DecodeFault fault) {
    switch (fault) {
        case DecodeFault::Truncated: return "a field reaches past the end";
        case DecodeFault::TrailingOctets: return "octets follow after the last field";
        case DecodeFault::BadLength: return "a length that is not allowed there";
        case DecodeFault::BadCount: return "a count that contradicts what follows it";
        case DecodeFault::BadValue: return "a value that is not allowed there";
        case DecodeFault::LengthMismatch: return "the header's length is not the datagram's";
        case DecodeFault::TooLong: return "longer than we accept";
        case DecodeFault::TooMany: return "more elements than we accept";
        case DecodeFault::UnsupportedMajorVersion: return "a major version other than 2";
        case DecodeFault::UnsupportedCriticalPayload: return "critical, and not known here";
        case DecodeFault::SealedPayloadNotLast: return "an encrypted payload must end the message";
        case DecodeFault::SealedPayloadInside: return "an encrypted payload within another";
        case DecodeFault::MissingPayload: return "missing";
        case DecodeFault::DuplicatePayload: return "more often than this exchange allows";
        case DecodeFault::UnexpectedPayload: return "contradicts the other payloads";
    }
    return "malformed";
}

std::string to_string(const DecodeError& error) {
    const std::string text{explain(error.fault)};
    if (error.payload == PayloadType::None) return text;
    return name(error.payload) + " payload: " + text;
}

}  // namespace xfrmd::ike
