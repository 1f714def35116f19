// SPDX-License-Identifier: Apache-2.0
// IP addresses, prefixes and UDP end points as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netlink/model/octets.h"

namespace xfrmd::xfrm {

enum class Family : std::uint8_t { V4, V6 };

// One IP address in network byte order; an IPv4 address uses the first four octets, the rest are zero.
class Address {
  public:
    // The unspecified IPv4 address, 0.0.0.0.
    constexpr Address() = default;
    static constexpr Address v4(std::uint32_t host_order) {
        Address a;
        for (std::size_t i = 0; i < 4; ++i)
            a.octets_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
        return a;
    }
    static constexpr Address v6(const std::array<std::uint8_t, 16>& octets) {
        Address a;
        a.family_ = Family::V6;
        a.octets_ = octets;
        return a;
    }
    static constexpr Address any(Family family) {
        return family == Family::V4 ? Address{} : v6({});
    }
    // From 4 or 16 octets in network order; nothing for any other length.
    static std::optional<Address> from_octets(View octets);
    // From the usual text forms, without zone or prefix; nothing if malformed.
    static std::optional<Address> parse(std::string_view text);

    constexpr Family family() const { return family_; }
    constexpr bool is_v4() const { return family_ == Family::V4; }
    constexpr unsigned bits() const { return is_v4() ? 32 : 128; }
    // 4 or 16 octets, network order.
    View octets() const { return View{octets_}.first(is_v4() ? 4 : 16); }
    bool is_unspecified() const;
    bool is_multicast() const;
    bool is_link_local() const;
    std::string to_string() const;

    auto operator<=>(const Address&) const = default;

  private:
    Family family_ = Family::V4;
    std::array<std::uint8_t, 16> octets_{};
};

// An address with the length of its prefix; bits past the prefix are zero once it came from make() or parse().
struct Prefix {
    Address address;
    std::uint8_t length = 0;

    // Clears the host bits; nothing if `length` exceeds the family's width.
    static std::optional<Prefix> make(const Address& address, unsigned length);
    // "10.0.0.0/8", "2001:db8::/32", or a bare address (full length). Host bits set: nothing.
    static std::optional<Prefix> parse(std::string_view text);
    static Prefix host(const Address& address);
    static constexpr Prefix any(Family family) { return {Address::any(family), 0}; }

    bool contains(const Address& other) const;
    bool contains(const Prefix& other) const;
    Address first() const { return address; }
    Address last() const;
    std::string to_string() const;

    auto operator<=>(const Prefix&) const = default;
};

// A UDP end point. Port in host byte order.
struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    // "192.0.2.1:500", "[2001:db8::1]:4500".
    std::string to_string() const;
    auto operator<=>(const Endpoint&) const = default;
};

}  // namespace xfrmd::xfrm
