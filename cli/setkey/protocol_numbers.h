// SPDX-License-Identifier: Apache-2.0
// IP protocols by name, so that a text means the same on a host without /etc/protocols.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xfrmd::setkey {

namespace ip {
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kGre = 47;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kMobilityHeader = 135;
inline constexpr std::uint8_t kAnyOfPfKey = 255;  // IPSEC_PROTO_ANY

// Types and codes stand in the place of ports.
constexpr bool has_types(std::uint8_t protocol) {
    return protocol == kIcmp || protocol == kIcmpv6 || protocol == kMobilityHeader;
}
// "any" includes some that have ports.
constexpr bool may_have_ports(std::uint8_t protocol) {
    return std::ranges::contains(std::to_array<std::uint8_t>({0, 6, 17, 33, 132, 136}), protocol);
}
}  // namespace ip

struct ProtocolNumber {
    std::string_view name;
    std::uint8_t number;
};

// IANA's names and those of setkey, as far as people use them.
inline constexpr auto kProtocolNumbers = std::to_array<ProtocolNumber>({
    {"icmp", 1},      {"igmp", 2},
    {"ip4", 4},       {"ipencap", 4},
    {"tcp", 6},       {"egp", 8},
    {"igp", 9},       {"udp", 17},
    {"dccp", 33},     {"ipv6", 41},
    {"rsvp", 46},     {"gre", 47},
    {"esp", 50},      {"ah", 51},
    {"icmp6", 58},    {"ipv6-icmp", 58},
    {"icmpv6", 58},   {"ospf", 89},
    {"ipip", 94},     {"pim", 103},
    {"ipcomp", 108},  {"vrrp", 112},
    {"l2tp", 115},    {"sctp", 132},
    {"mh", 135},      {"mobility-header", 135},
    {"udplite", 136},
});

constexpr std::optional<std::uint8_t> protocol_number(std::string_view name) {
    const auto found = std::ranges::find(kProtocolNumbers, name, &ProtocolNumber::name);
    return found == kProtocolNumbers.end() ? std::nullopt : std::optional{found->number};
}

}  // namespace xfrmd::setkey
