// SPDX-License-Identifier: Apache-2.0
// The Security Association payload: proposals of transforms. RFC 7296 §3.3.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "ike/wire/decode_error.h"
#include "ike/wire/transform_ids.h"
#include "ike/wire/writer.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// An attribute we do not know: short form (a number) or long form (octets). RFC 7296 §3.3.5.
struct TransformAttribute {
    std::uint16_t type = 0;  // 15 bits
    std::variant<std::uint16_t, Bytes> value;

    bool operator==(const TransformAttribute&) const = default;
};

struct Transform {
    TransformType type = TransformType::Encryption;
    std::uint16_t id = 0;  // EncryptionId, PrfId, … according to `type`
    std::optional<std::uint16_t> key_length;  // in bits
    // RFC 7296 §3.3.6: a transform with one of these must not be chosen.
    std::vector<TransformAttribute> unknown_attributes;

    bool operator==(const Transform&) const = default;
};

struct Proposal {
    std::uint8_t number = 1;
    ProtocolId protocol = ProtocolId::Ike;
    Bytes spi;  // as on the wire: empty, 4 octets (ESP, AH) or 8 (IKE)
    std::vector<Transform> transforms;

    bool operator==(const Proposal&) const = default;
};

struct SecurityAssociation {
    static constexpr PayloadType kType = PayloadType::SecurityAssociation;

    std::vector<Proposal> proposals;  // in the sender's order of preference; at least one

    static Decoded<SecurityAssociation> parse(View body);
    void write(Writer& out) const;
    bool operator==(const SecurityAssociation&) const = default;
};

}  // namespace xfrmd::ike
