// SPDX-License-Identifier: Apache-2.0
// Traffic selectors as sets of traffic: intersection and the step to the kernel's selectors. RFC 7296 §2.9, §3.13.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "netlink/model/address.h"
#include "netlink/model/selector.h"

namespace xfrmd::ike {

// One end's traffic: an inclusive range of addresses, a protocol (0 = any) and an inclusive range of ports.
// For ICMP the ports hold type and code as RFC 7296 §3.13.1 has them (type * 256 + code). OPAQUE is start 65535, end 0.
struct AddressRange {
    xfrm::Address first;
    xfrm::Address last;
    std::uint8_t protocol = 0;
    std::uint16_t port_first = 0;
    std::uint16_t port_last = 65535;

    auto operator<=>(const AddressRange&) const = default;
    bool all_ports() const { return port_first == 0 && port_last == 65535; }
    bool opaque_ports() const { return port_first == 65535 && port_last == 0; }
    // "10.1.0.0/16", "10.1.0.0/16[tcp/80]", "10.0.0.1-10.0.0.9".
    std::string to_string() const;
    // The whole prefix, any protocol and port.
    static AddressRange of(const xfrm::Prefix& prefix);
    // If the range is exactly one prefix: that prefix.
    std::optional<xfrm::Prefix> as_prefix() const;
};

using TrafficSelectorList = std::vector<AddressRange>;

// The most entries that narrow() grants.
inline constexpr std::size_t kNarrowedMax = 64;

// "10.1.0.0/16, 10.2.0.1/32[tcp/80]", for people.
[[nodiscard]] std::string to_string(const TrafficSelectorList& list);

// What both want; nothing if the two are disjoint.
[[nodiscard]] std::optional<AddressRange> intersect(const AddressRange& left, const AddressRange& right);

// True if a packet may go from the one to the other: they are of one family and of one protocol, or one is of any.
[[nodiscard]] bool meet(const AddressRange& local, const AddressRange& remote);

// RFC 7296 §2.9: what the responder grants of `offered`, limited to `wanted`. Keeps the order of `offered`, drops what is
// covered by an earlier entry. Empty = TS_UNACCEPTABLE. At most kNarrowedMax entries.
[[nodiscard]] TrafficSelectorList narrow(const TrafficSelectorList& offered, const TrafficSelectorList& wanted);

// True if every part of `inner` lies in some entry of `outer`. False too if that would take more work to find out than a
// peer's selectors are worth.
[[nodiscard]] bool covers(const TrafficSelectorList& outer, const TrafficSelectorList& inner);

// The range as the fewest prefixes that cover it exactly.
[[nodiscard]] std::vector<xfrm::Prefix> to_prefixes(const AddressRange& range);

// The kernel's selectors, seen from us outwards (source = local), for all pairs of local and remote that can match a packet
// (same family, compatible protocol). Ranges of addresses become prefixes and ranges of ports become port/mask pairs.
// Error: a sentence, if more than `selectors_max` would be needed.
[[nodiscard]] std::expected<std::vector<xfrm::Selector>, std::string> to_selectors(
    const TrafficSelectorList& local, const TrafficSelectorList& remote, std::size_t selectors_max);

}  // namespace xfrmd::ike
