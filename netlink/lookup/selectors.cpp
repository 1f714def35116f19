// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/selectors.h"

#include <algorithm>
#include <array>

namespace xfrmd::lookup {

using namespace xfrm;

namespace {

// TCP, UDP, SCTP, UDP-Lite; ICMP, ICMPv6; MH; GRE.
constexpr std::array<std::uint8_t, 8> kWithPorts{6, 17, 132, 136, 1, 58, 135, 47};

bool under(const PortMask& mask, std::uint16_t port) {
    return ((port ^ mask.port) & mask.mask) == 0;
}

// A stored prefix may have bits past its length.
bool within(const Prefix& prefix, const Address& address) {
    const auto masked = Prefix::make(prefix.address, prefix.length);
    return masked && masked->contains(address);
}

}  // namespace

std::optional<Mismatch> mismatch(const Selector& selector, const Flow& flow) {
    if (selector.family() != flow.family()) return Mismatch::Family;
    if (!takes_destination(selector, flow)) return Mismatch::Destination;
    if (!takes_source(selector, flow)) return Mismatch::Source;
    if (selector.protocol != 0 && selector.protocol != flow.protocol) return Mismatch::Protocol;
    const bool ports = std::ranges::contains(kWithPorts, flow.protocol);
    if (!under(selector.destination_port, ports ? flow.destination_port : 0))
        return Mismatch::DestinationPort;
    if (!under(selector.source_port, ports ? flow.source_port : 0)) return Mismatch::SourcePort;
    if (selector.interface_index != 0 && selector.interface_index != flow.interface_index)
        return Mismatch::Interface;
    return std::nullopt;
}

bool takes_source(const Selector& selector, const Flow& flow) {
    return within(selector.source, flow.source);
}

bool takes_destination(const Selector& selector, const Flow& flow) {
    return within(selector.destination, flow.destination);
}

bool takes(const StoredSa& sa, const Flow& flow) {
    return !sa.selector || !mismatch(*sa.selector, flow);
}

bool fits(const Mark& mark, std::uint32_t value) {
    return (value & mark.mask) == mark.value;
}

}  // namespace xfrmd::lookup
