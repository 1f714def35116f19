// SPDX-License-Identifier: Apache-2.0
// From ranges to what the kernel compares: prefixes, and ports under masks.
#include <algorithm>

#include "ike/policy/address_steps.h"
#include "ike/policy/traffic_selector.h"

namespace xfrmd::ike {

namespace {

using xfrm::PortMask;
using xfrm::Prefix;
using xfrm::Selector;

constexpr bool is_icmp(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

// A range of 16-bit numbers as the fewest aligned blocks.
std::vector<PortMask> to_port_masks(std::uint16_t first, std::uint16_t last) {
    std::vector<PortMask> masks;
    std::uint32_t at = first;
    while (at <= last) {
        std::uint32_t size = 1;
        while (size < 0x10000 && at % (size * 2) == 0 && at + size * 2 - 1 <= last) size *= 2;
        masks.push_back({static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(0x10000 - size)});
        at += size;
    }
    return masks;
}

std::vector<PortMask> port_masks_of(const AddressRange& range) {
    // OPAQUE: the kernel sees port 0 where it cannot read one (later fragments).
    if (range.opaque_ports()) return {PortMask::exactly(0)};
    return to_port_masks(range.port_first, range.port_last);
}

struct PortPair {
    PortMask source;
    PortMask destination;
};

// Half of a type * 256 + code block as the 16-bit number the kernel compares.
PortMask icmp_part(unsigned value, unsigned mask) {
    if (mask == 0) return PortMask::any();
    return {static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(0xff00 | mask)};
}

// The kernel has the type of an ICMP packet in the source port and its code in the destination port, whichever way the
// packet goes; IKE has both in one number, in the selectors of either end.
std::vector<PortPair> icmp_pairs(const AddressRange& local, const AddressRange& remote) {
    const auto both = intersect({.first = local.first, .last = local.first,
                                 .port_first = local.port_first, .port_last = local.port_last},
                                {.first = local.first, .last = local.first,
                                 .port_first = remote.port_first, .port_last = remote.port_last});
    if (!both) return {};
    if (both->opaque_ports()) return {{PortMask::exactly(0), PortMask::exactly(0)}};
    std::vector<PortPair> pairs;
    for (const PortMask& block : to_port_masks(both->port_first, both->port_last))
        pairs.push_back({icmp_part(block.port >> 8, block.mask >> 8),
                         icmp_part(block.port & 0xff, block.mask & 0xff)});
    return pairs;
}

std::vector<PortPair> port_pairs(std::uint8_t protocol, const AddressRange& local, const AddressRange& remote) {
    if (is_icmp(protocol)) return icmp_pairs(local, remote);
    std::vector<PortPair> pairs;
    for (const PortMask& source : port_masks_of(local))
        for (const PortMask& destination : port_masks_of(remote)) pairs.push_back({source, destination});
    return pairs;
}

// Adds the selectors of one pair of ranges; false as soon as there are too many.
bool add_selectors(const AddressRange& local, const AddressRange& remote, std::size_t selectors_max,
                   std::vector<Selector>& selectors) {
    if (!meet(local, remote)) return true;
    const std::uint8_t protocol = local.protocol != 0 ? local.protocol : remote.protocol;
    const auto sources = to_prefixes(local);
    const auto destinations = to_prefixes(remote);
    const auto pairs = port_pairs(protocol, local, remote);
    for (const Prefix& source : sources) {
        for (const Prefix& destination : destinations) {
            for (const PortPair& ports : pairs) {
                const Selector selector{source, destination, protocol, ports.source, ports.destination, 0};
                if (std::ranges::contains(selectors, selector)) continue;
                if (selectors.size() == selectors_max) return false;
                selectors.push_back(selector);
            }
        }
    }
    return true;
}

}  // namespace

std::vector<Prefix> to_prefixes(const AddressRange& range) {
    std::vector<Prefix> prefixes;
    if (range.first.family() != range.last.family()) return prefixes;
    for (std::optional<xfrm::Address> at = range.first; at && *at <= range.last;) {
        Prefix widest = Prefix::host(*at);
        while (widest.length > 0) {
            const auto wider = Prefix::make(*at, widest.length - 1U);
            if (!wider || wider->first() != *at || wider->last() > range.last) break;
            widest = *wider;
        }
        prefixes.push_back(widest);
        at = successor(widest.last());
    }
    return prefixes;
}

std::expected<std::vector<Selector>, std::string> to_selectors(const TrafficSelectorList& local,
                                                               const TrafficSelectorList& remote,
                                                               std::size_t selectors_max) {
    std::vector<Selector> selectors;
    for (const AddressRange& source : local)
        for (const AddressRange& destination : remote)
            if (!add_selectors(source, destination, selectors_max, selectors))
                return std::unexpected{"the traffic selectors " + to_string(local) + " to " + to_string(remote) +
                                       " need more than " + std::to_string(selectors_max) +
                                       " kernel policies; use whole prefixes and fewer port ranges"};
    return selectors;
}

}  // namespace xfrmd::ike
