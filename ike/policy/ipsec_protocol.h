// SPDX-License-Identifier: Apache-2.0
// ESP and AH by their numbers in IKE (RFC 7296 §3.3.1) and in IP.
#pragma once

#include <optional>

#include "ike/wire/transform_ids.h"
#include "netlink/model/ids.h"

namespace xfrmd::ike {

// None for what IKE knows no SAs of: IPComp comes with another protocol's.
[[nodiscard]] constexpr ProtocolId protocol_id(xfrm::IpsecProtocol protocol) {
    switch (protocol) {
        case xfrm::IpsecProtocol::Esp: return ProtocolId::Esp;
        case xfrm::IpsecProtocol::Ah: return ProtocolId::Ah;
        case xfrm::IpsecProtocol::Ipcomp: break;
    }
    return ProtocolId::None;
}

// Nothing for IKE itself and for what is unknown.
[[nodiscard]] constexpr std::optional<xfrm::IpsecProtocol> ipsec_protocol(ProtocolId id) {
    if (id == ProtocolId::Esp) return xfrm::IpsecProtocol::Esp;
    if (id == ProtocolId::Ah) return xfrm::IpsecProtocol::Ah;
    return std::nullopt;
}

}  // namespace xfrmd::ike
