// SPDX-License-Identifier: Apache-2.0
// Packets of the simulated data plane: what an application sends, and what is seen of it on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

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

// What one SA has put around a packet. Nothing is encrypted in the model; `protection` is a digest of keys, algorithms
// and the use of extended sequence numbers, and only an SA with the same one can open it.
struct IpsecHeader {
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    xfrm::Address source{};  // of the IP header in front of it
    xfrm::Address destination{};
    xfrm::EspSpi spi{};
    std::uint64_t sequence = 0;  // IPComp has none
    xfrm::Mode mode = xfrm::Mode::Transport;
    Bytes protection{};

    bool operator==(const IpsecHeader&) const = default;
};

struct UdpPorts {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
    bool operator==(const UdpPorts&) const = default;
};

struct IpsecPacket {
    std::vector<IpsecHeader> headers;  // outermost first, at least one
    std::optional<UdpPorts> udp;       // around the outermost one
    Packet inner;

    [[nodiscard]] const xfrm::Address& source() const { return headers.front().source; }
    [[nodiscard]] const xfrm::Address& destination() const { return headers.front().destination; }
    bool operator==(const IpsecPacket&) const = default;
};

using WirePacket = std::variant<Packet, IpsecPacket>;

xfrm::Address source_of(const WirePacket& packet);
xfrm::Address destination_of(const WirePacket& packet);

}  // namespace xfrmd::sim
