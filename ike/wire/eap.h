// SPDX-License-Identifier: Apache-2.0
// The Extensible Authentication Protocol payload. RFC 7296 §3.16.
#pragma once

#include <cstdint>

#include "ike/wire/decode_error.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// RFC 3748 §4
enum class EapCode : std::uint8_t { Request = 1, Response = 2, Success = 3, Failure = 4 };

struct Eap {
    static constexpr PayloadType kType = PayloadType::Eap;

    // A whole EAP message. A parsed one is at least 4 octets long, and its length field is its
    // length.
    Bytes message;

    EapCode code() const { return message.empty() ? EapCode::Failure : EapCode{message[0]}; }

    static Decoded<Eap> parse(View body);
    void write(Writer& out) const;
    bool operator==(const Eap&) const = default;
};

}  // namespace xfrmd::ike
