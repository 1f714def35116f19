// SPDX-License-Identifier: Apache-2.0
// What traffic a child is for: the words of `protect`, the traffic selectors made from them, and
// which child's policies win where two overlap.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ike/policy/traffic_selector.h"
#include "netlink/model/address.h"

namespace xfrmd::daemon {

// One item of `protect`.
//
//     "any"            everything
//     "tcp", "47"      one protocol, by name or number
//     "icmp"           ICMP or ICMPv6, as the addresses are
//     "tcp/5432"       a service of the peer: from any port of ours to port 5432 there, and back
//     "tcp/5432 here"  a service of ours: from any port there to our port 5432, and back
//     "udp/8000-8010"  a range of ports
//     "icmp/8"         one type of ICMP (for IPv4), any code, whoever sends it
//     "icmpv6/1.4"     one type and code of ICMPv6
struct TrafficItem {
    // Both: an ICMP type and code, which belongs to neither end.
    enum class Ports : std::uint8_t { All, There, Here, Both };

    std::uint8_t protocol = 0;  // 0 = any
    bool icmp_of_the_family = false;
    Ports ports = Ports::All;
    std::uint16_t port_first = 0;     // for ICMP type * 256 + code
    std::uint16_t port_last = 65535;
};

struct TrafficError {
    std::string text;
    std::string hint;
};

[[nodiscard]] std::expected<TrafficItem, TrafficError> parse_traffic_item(std::string_view text);

// The two items, by position, that cannot stand in one child: it carries every pair of its local
// and remote selectors, so one port there and one port here of the same protocol together would
// protect all of that protocol. Nothing: all is well.
[[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> widening_pair(
    std::span<const TrafficItem> items);

struct TrafficSelectors {
    ike::TrafficSelectorList local;
    ike::TrafficSelectorList remote;
};

// The items between these networks; no items = everything. A network without a partner of its family
// gives nothing.
[[nodiscard]] TrafficSelectors traffic_selectors(std::span<const ike::AddressRange> local,
                                                 std::span<const ike::AddressRange> remote,
                                                 std::span<const TrafficItem> items);

// The priority of a child's policies; the lower number wins in the kernel, so the more specific has
// the lower one:
//     100000 + 4 * width + (0 with ports, 1 with a protocol, 2 with neither)
// `width` is the number of address bits left open at both ends together, of the widest pair of
// selectors, with the bits of IPv4 counted four times: 0 between two hosts, 256 for everything.
// Both ends of a connection compute the same number, since neither side of a pair is favoured.
[[nodiscard]] std::uint32_t policy_priority(const TrafficSelectors& selectors);

}  // namespace xfrmd::daemon
