// SPDX-License-Identifier: Apache-2.0
// Names of the IP protocols that people ask about; a host without /etc/protocols has them, too.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xfrmd::explain {

struct ProtocolName {
    std::uint8_t number = 0;
    std::string_view name;
};

// Of several names of one protocol the first is shown.
inline constexpr auto kProtocolNames = std::to_array<ProtocolName>({
    {1, "icmp"},
    {4, "ipip"},
    {6, "tcp"},
    {17, "udp"},
    {41, "ipv6"},
    {47, "gre"},
    {50, "esp"},
    {51, "ah"},
    {58, "icmp6"},
    {58, "icmpv6"},
    {58, "ipv6-icmp"},
    {89, "ospf"},
    {132, "sctp"},
    {135, "mh"},
    {136, "udplite"},
});

constexpr std::optional<std::uint8_t> protocol_number(std::string_view name) {
    const auto* const row = std::ranges::find(kProtocolNames, name, &ProtocolName::name);
    return row == kProtocolNames.end() ? std::nullopt : std::optional{row->number};
}

// "tcp", or "protocol 99".
inline std::string protocol_text(std::uint8_t number) {
    const auto* const row = std::ranges::find(kProtocolNames, number, &ProtocolName::number);
    return row == kProtocolNames.end() ? "protocol " + std::to_string(number)
                                       : std::string{row->name};
}

}  // namespace xfrmd::explain
