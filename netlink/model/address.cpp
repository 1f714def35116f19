// SPDX-License-Identifier: Apache-2.0
#include "netlink/model/address.h"

#include <arpa/inet.h>

#include <charconv>

namespace xfrmd::xfrm {

namespace {

// The octets with all bits from `length` on set to `fill`.
Address with_tail(const Address& address, unsigned length, bool fill) {
    std::array<std::uint8_t, 16> octets{};
    const View from = address.octets();
    for (std::size_t i = 0; i < from.size(); ++i) {
        const unsigned kept = length > 8 * i ? std::min<unsigned>(8, length - static_cast<unsigned>(8 * i)) : 0;
        const auto mask = static_cast<std::uint8_t>(0xff00u >> kept);
        octets[i] = static_cast<std::uint8_t>((from[i] & mask) | (fill ? static_cast<std::uint8_t>(~mask) : 0));
    }
    return *Address::from_octets(View{octets}.first(from.size()));
}

}  // namespace

std::optional<Address> Address::from_octets(View octets) {
    if (octets.size() != 4 && octets.size() != 16) return std::nullopt;
    Address address;
    address.family_ = octets.size() == 4 ? Family::V4 : Family::V6;
    std::ranges::copy(octets, address.octets_.begin());
    return address;
}

std::optional<Address> Address::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
    const std::string terminated{text};
    std::array<std::uint8_t, 16> octets{};
    if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1)
        return from_octets(View{octets}.first(4));
    if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) return v6(octets);
    return std::nullopt;
}

bool Address::is_unspecified() const {
    return std::ranges::all_of(octets(), [](std::uint8_t octet) { return octet == 0; });
}

bool Address::is_multicast() const {
    return is_v4() ? (octets_[0] & 0xf0) == 0xe0 : octets_[0] == 0xff;
}

bool Address::is_link_local() const {
    return is_v4() ? octets_[0] == 169 && octets_[1] == 254
                   : octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
}

std::string Address::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text.data(), text.size());
    return text.data();
}

std::optional<Prefix> Prefix::make(const Address& address, unsigned length) {
    if (length > address.bits()) return std::nullopt;
    return Prefix{with_tail(address, length, false), static_cast<std::uint8_t>(length)};
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return host(*address);
    const std::string_view digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    const auto prefix = make(*address, length);
    if (!prefix || prefix->address != *address) return std::nullopt;
    return prefix;
}

Prefix Prefix::host(const Address& address) {
    return {address, static_cast<std::uint8_t>(address.bits())};
}

bool Prefix::contains(const Address& other) const {
    return other.family() == address.family() && with_tail(other, length, false) == address;
}

bool Prefix::contains(const Prefix& other) const {
    return other.length >= length && contains(other.address);
}

Address Prefix::last() const { return with_tail(address, length, true); }

std::string Prefix::to_string() const { return address.to_string() + "/" + std::to_string(length); }

std::string Endpoint::to_string() const {
    const std::string text = address.to_string();
    return (address.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

}  // namespace xfrmd::xfrm
