// SPDX-License-Identifier: Apache-2.0
// Packets of the simulated data plane: what an application sends, and what is seen of it on the wire.
#pragma once

#include <cstdint>
#include <variant>

#include "netlink/model/address.h"
#include "netlink/model/ids.h"
#include "netlink/model/octets.h"

namespace xfrmd::sim {

// An application's packet. For ICMP the ports hold type and code, as in xfrm::Selector.
struct Packet {
    xfrm::Address source;
    xfrm::Address destination;
    std::uint8_t protocol = 17;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint64_t probe = 0;  // which probe this is, for the oracle

    bool operator==(const Packet&) const = default;
};

// An ESP packet. Nothing is encrypted in the model; `protection` is a digest of keys, algorithms and the use of extended
// sequence numbers, and only an SA with the same one can open it.
struct EspPacket {
    xfrm::Address source;       // outer
    xfrm::Address destination;
    xfrm::EspSpi spi;
    std::uint64_t sequence = 0;
    xfrm::Mode mode = xfrm::Mode::Transport;
    bool encapsulated = false;  // in UDP
    Bytes protection;
    Packet inner;

    bool operator==(const EspPacket&) const = default;
};

using WirePacket = std::variant<Packet, EspPacket>;

}  // namespace xfrmd::sim
