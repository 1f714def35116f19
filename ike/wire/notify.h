// SPDX-License-Identifier: Apache-2.0
// The Notify, Delete and Vendor ID payloads. RFC 7296 §3.10 to §3.12.
#pragma once

#include <vector>

#include "ike/wire/decode_error.h"
#include "ike/wire/notify_types.h"
#include "ike/wire/transform_ids.h"
#include "ike/wire/writer.h"
#include "netlink/model/ids.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

struct Notify {
    static constexpr PayloadType kType = PayloadType::Notify;

    ProtocolId protocol = ProtocolId::None;  // None unless about the SA `spi` names
    Bytes spi;
    NotifyType type = NotifyType::InvalidSyntax;
    Bytes data;

    static Decoded<Notify> parse(View body);
    void write(Writer& out) const;
    bool operator==(const Notify&) const = default;
};

struct Delete {
    static constexpr PayloadType kType = PayloadType::Delete;

    ProtocolId protocol = ProtocolId::Ike;
    // The SPIs the sender receives on (ESP, AH). None for IKE: it means the IKE SA the message is
    // in.
    std::vector<xfrm::EspSpi> spis;

    static Decoded<Delete> parse(View body);
    void write(Writer& out) const;
    bool operator==(const Delete&) const = default;
};

struct VendorId {
    static constexpr PayloadType kType = PayloadType::VendorId;

    Bytes data;

    static Decoded<VendorId> parse(View body);
    void write(Writer& out) const;
    bool operator==(const VendorId&) const = default;
};

}  // namespace xfrmd::ike
