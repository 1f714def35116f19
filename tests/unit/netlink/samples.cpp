// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netlink/samples.h"

#include <memory>
#include <optional>
#include <string>

namespace xfrmd::netlink::tests {

namespace {

std::optional<unsigned> digit(char character) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto at = kDigits.find(character);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(at);
}

void read_exactly(View octets, const std::function<void(View)>& read) {
    const auto copy = std::make_unique<std::uint8_t[]>(octets.size());
    std::ranges::copy(octets, copy.get());
    read(View{copy.get(), octets.size()});
}

}  // namespace

Bytes from_hex(std::string_view text) {
    Bytes octets;
    std::optional<unsigned> high;
    bool comment = false;
    for (const char character : text) {
        if (character == '#') comment = true;
        if (character == '\n') comment = false;
        const auto value = comment ? std::nullopt : digit(character);
        if (!value) continue;
        if (high) octets.push_back(static_cast<std::uint8_t>(*high << 4 | *value));
        high = high ? std::nullopt : value;
    }
    return octets;
}

std::string hex(View octets) {
    return to_hex(octets);
}

nlmsghdr header_of(const Message& message) {
    return read_structure<nlmsghdr>(message.view()).value();
}

View payload_of(const Message& message) {
    return message.view().subspan(sizeof(nlmsghdr));
}

Bytes attribute(std::uint16_t type, View value) {
    nlattr head{};
    head.nla_type = type;
    head.nla_len = static_cast<std::uint16_t>(sizeof head + value.size());
    Bytes octets = to_bytes(octets_of(head));
    append(octets, value);
    octets.resize((octets.size() + 3) & ~std::size_t{3});
    return octets;
}

void damage_everywhere(View octets, const std::function<void(View)>& read) {
    for (std::size_t length = 0; length <= octets.size(); ++length)
        read_exactly(octets.first(length), read);
    Bytes damaged = to_bytes(octets);
    for (std::size_t place = 0; place < damaged.size(); ++place) {
        const std::uint8_t whole = damaged[place];
        for (const unsigned value : {0x00u, 0x01u, 0x7fu, 0xffu}) {
            damaged[place] = static_cast<std::uint8_t>(value);
            read_exactly(damaged, read);
        }
        damaged[place] = whole;
    }
}

xfrm::Address address(std::string_view text) {
    return xfrm::Address::parse(text).value();
}
xfrm::Prefix prefix(std::string_view text) {
    return xfrm::Prefix::parse(text).value();
}

}  // namespace xfrmd::netlink::tests
