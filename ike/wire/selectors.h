// SPDX-License-Identifier: Apache-2.0
// The Traffic Selector payloads. RFC 7296 §3.13.
#pragma once

#include <cstdint>
#include <vector>

#include "ike/wire/decode_error.h"
#include "ike/wire/writer.h"
#include "netlink/model/address.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// RFC 7296 §3.13.1, RFC 9478
enum class TsType : std::uint8_t {
    Ipv4AddressRange = 7,
    Ipv6AddressRange = 8,
    SecurityLabel = 10,
};

// A range of addresses and ports, or something we do not know. The ends of a range belong to it. A
// parsed range never ends before it starts, but for the ports 65535 to 0, which say OPAQUE. For
// ICMP a port is type * 256 + code. Ports in host byte order.
struct TrafficSelector {
    TsType type = TsType::Ipv4AddressRange;
    std::uint8_t ip_protocol = 0;  // 0: any
    std::uint16_t start_port = 0;
    std::uint16_t end_port = 65535;
    xfrm::Address start;
    xfrm::Address end;
    // What follows the length in a selector that is not an address range; the fields above are then
    // unused but for `ip_protocol`, which holds the octet in its place.
    Bytes unknown;

    bool is_address_range() const {
        return type == TsType::Ipv4AddressRange || type == TsType::Ipv6AddressRange;
    }
    bool has_opaque_ports() const { return start_port == 65535 && end_port == 0; }
    bool operator==(const TrafficSelector&) const = default;
};

// An address range of the type that belongs to the addresses' family, all ports.
TrafficSelector make_selector(const xfrm::Address& start, const xfrm::Address& end,
                              std::uint8_t ip_protocol = 0);

// TSi
struct TrafficSelectorsInitiator {
    static constexpr PayloadType kType = PayloadType::TrafficSelectorsInitiator;

    std::vector<TrafficSelector> value;  // at least one

    static Decoded<TrafficSelectorsInitiator> parse(View body);
    void write(Writer& out) const;
    bool operator==(const TrafficSelectorsInitiator&) const = default;
};

// TSr
struct TrafficSelectorsResponder {
    static constexpr PayloadType kType = PayloadType::TrafficSelectorsResponder;

    std::vector<TrafficSelector> value;  // at least one

    static Decoded<TrafficSelectorsResponder> parse(View body);
    void write(Writer& out) const;
    bool operator==(const TrafficSelectorsResponder&) const = default;
};

}  // namespace xfrmd::ike
