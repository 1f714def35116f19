// SPDX-License-Identifier: Apache-2.0
// Traffic as boxes: a range of addresses by a range of ports, for one protocol or for all.
#include "ike/policy/traffic_selector.h"

#include <algorithm>
#include <array>

#include "ike/policy/address_steps.h"

namespace xfrmd::ike {

namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpV6 = 58;

// While a range is cut: each cut may make three pieces of one.
constexpr std::size_t kPiecesMax = 1024;

struct ProtocolName {
    std::uint8_t number;
    std::string_view name;
};
constexpr auto kProtocolNames = std::to_array<ProtocolName>({
    {0, "any"}, {kIcmp, "icmp"}, {6, "tcp"}, {17, "udp"}, {kIcmpV6, "icmpv6"}, {132, "sctp"},
});

std::string protocol_text(std::uint8_t protocol) {
    const auto at = std::ranges::find(kProtocolNames, protocol, &ProtocolName::number);
    return at == kProtocolNames.end() ? std::to_string(protocol) : std::string{at->name};
}

// A port, or for ICMP "type.code".
std::string port_text(std::uint8_t protocol, std::uint16_t port) {
    if (protocol != kIcmp && protocol != kIcmpV6) return std::to_string(port);
    return std::to_string(port >> 8) + "." + std::to_string(port & 0xff);
}

std::string ports_text(const AddressRange& range) {
    if (range.all_ports()) return "";
    if (range.opaque_ports()) return "/opaque";
    const bool icmp = range.protocol == kIcmp || range.protocol == kIcmpV6;
    const bool whole_type = range.port_first >> 8 == range.port_last >> 8 &&
                            (range.port_first & 0xff) == 0 && (range.port_last & 0xff) == 0xff;
    if (icmp && whole_type) return "/" + std::to_string(range.port_first >> 8);
    std::string text = "/" + port_text(range.protocol, range.port_first);
    if (range.port_first != range.port_last) text += "-" + port_text(range.protocol, range.port_last);
    return text;
}

struct Ports {
    std::uint16_t first = 0;
    std::uint16_t last = 65535;
};

// RFC 7296 §3.13.1, RFC 4301 §4.4.1.1: OPAQUE stands for ports that cannot be read; ANY takes it in, a range does not.
std::optional<Ports> intersect_ports(const AddressRange& left, const AddressRange& right) {
    if (left.all_ports()) return Ports{right.port_first, right.port_last};
    if (right.all_ports()) return Ports{left.port_first, left.port_last};
    if (left.opaque_ports() || right.opaque_ports()) {
        if (left.opaque_ports() && right.opaque_ports()) return Ports{65535, 0};
        return std::nullopt;
    }
    const Ports both{std::max(left.port_first, right.port_first), std::min(left.port_last, right.port_last)};
    if (both.first > both.last) return std::nullopt;
    return both;
}

bool contains(const AddressRange& outer, const AddressRange& inner) {
    return intersect(outer, inner) == inner;
}

// Adds what is left of `from` once `taken` is cut out of it. Empty cuts add nothing.
void subtract(const AddressRange& from, const AddressRange& taken, std::vector<AddressRange>& rest) {
    const auto common = intersect(from, taken);
    // A part of one protocol cannot be cut out of "any": the remainder would have no name.
    if (!common || common->protocol != from.protocol || (from.all_ports() && common->opaque_ports())) {
        rest.push_back(from);
        return;
    }
    AddressRange piece = from;
    if (from.first < common->first) {
        piece.last = *predecessor(common->first);
        rest.push_back(piece);
    }
    if (common->last < from.last) {
        piece.first = *successor(common->last);
        piece.last = from.last;
        rest.push_back(piece);
    }
    if (from.opaque_ports()) return;
    piece.first = common->first;
    piece.last = common->last;
    if (from.port_first < common->port_first) {
        piece.port_first = from.port_first;
        piece.port_last = static_cast<std::uint16_t>(common->port_first - 1);
        rest.push_back(piece);
    }
    if (common->port_last < from.port_last) {
        piece.port_first = static_cast<std::uint16_t>(common->port_last + 1);
        piece.port_last = from.port_last;
        rest.push_back(piece);
    }
}

}  // namespace

std::string AddressRange::to_string() const {
    const auto prefix = as_prefix();
    std::string text = prefix ? prefix->to_string() : first.to_string() + "-" + last.to_string();
    if (protocol != 0 || !all_ports()) text += "[" + protocol_text(protocol) + ports_text(*this) + "]";
    return text;
}

AddressRange AddressRange::of(const xfrm::Prefix& prefix) {
    return {.first = prefix.first(), .last = prefix.last()};
}

std::optional<xfrm::Prefix> AddressRange::as_prefix() const {
    if (first.family() != last.family()) return std::nullopt;
    for (unsigned length = 0; length <= first.bits(); ++length) {
        const auto prefix = xfrm::Prefix::make(first, length);
        if (prefix && prefix->first() == first && prefix->last() == last) return prefix;
    }
    return std::nullopt;
}

std::string to_string(const TrafficSelectorList& list) {
    std::string text;
    for (const AddressRange& range : list) {
        if (!text.empty()) text += ", ";
        text += range.to_string();
    }
    return text;
}

std::optional<AddressRange> intersect(const AddressRange& left, const AddressRange& right) {
    if (left.first.family() != right.first.family()) return std::nullopt;
    if (left.protocol != 0 && right.protocol != 0 && left.protocol != right.protocol) return std::nullopt;
    const auto ports = intersect_ports(left, right);
    if (!ports) return std::nullopt;
    AddressRange both{.first = std::max(left.first, right.first),
                      .last = std::min(left.last, right.last),
                      .protocol = left.protocol != 0 ? left.protocol : right.protocol,
                      .port_first = ports->first,
                      .port_last = ports->last};
    if (both.last < both.first) return std::nullopt;
    return both;
}

bool meet(const AddressRange& local, const AddressRange& remote) {
    return local.first.family() == remote.first.family() &&
           (local.protocol == 0 || remote.protocol == 0 || local.protocol == remote.protocol);
}

TrafficSelectorList narrow(const TrafficSelectorList& offered, const TrafficSelectorList& wanted) {
    TrafficSelectorList granted;
    for (const AddressRange& offer : offered) {
        for (const AddressRange& want : wanted) {
            const auto both = intersect(offer, want);
            if (!both) continue;
            const auto covers_it = [&](const AddressRange& earlier) { return contains(earlier, *both); };
            if (std::ranges::any_of(granted, covers_it)) continue;
            if (granted.size() == kNarrowedMax) return granted;
            granted.push_back(*both);
        }
    }
    return granted;
}

bool covers(const TrafficSelectorList& outer, const TrafficSelectorList& inner) {
    for (const AddressRange& part : inner) {
        std::vector<AddressRange> left{part};
        for (const AddressRange& cover : outer) {
            std::vector<AddressRange> rest;
            for (const AddressRange& piece : left) subtract(piece, cover, rest);
            if (rest.size() > kPiecesMax) return false;
            left = std::move(rest);
        }
        if (!left.empty()) return false;
    }
    return true;
}

}  // namespace xfrmd::ike
