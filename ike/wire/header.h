// SPDX-License-Identifier: Apache-2.0
// The IKE header, RFC 7296 §3.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ike/ids.h"
#include "ike/wire/decode_error.h"
#include "ike/wire/payload_type.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// RFC 7296 §3.1, RFC 9242, RFC 9370. Other values are carried as they are.
enum class ExchangeType : std::uint8_t {
    IkeSaInit = 34,
    IkeAuth = 35,
    CreateChildSa = 36,
    Informational = 37,
    IkeIntermediate = 43,
    IkeFollowupKe = 44,
};

inline constexpr std::size_t kHeaderOctets = 28;
inline constexpr std::uint8_t kMajorVersion = 2;

struct Header {
    IkeSpi initiator_spi;
    IkeSpi responder_spi;
    PayloadType next_payload = PayloadType::None;
    std::uint8_t major = kMajorVersion;
    std::uint8_t minor = 0;
    ExchangeType exchange = ExchangeType::IkeSaInit;
    bool initiator = false;     // I: the sender is the original initiator of the IKE SA
    bool version_flag = false;  // V: the sender could speak a higher major version
    bool response = false;      // R
    MessageId message_id;
    std::uint32_t length = 0;   // of the whole message, this header included

    bool operator==(const Header&) const = default;
};

// Reads the first 28 octets, whatever the version, exchange and length say: an answer about a wrong
// version needs the other fields. Reserved flag bits are ignored. Error: Truncated.
Decoded<Header> parse_header(View datagram);

// All fields as they stand, reserved bits zero.
void write_header(Writer& out, const Header& header);

}  // namespace xfrmd::ike
