// SPDX-License-Identifier: Apache-2.0
// Reading network-order fields: a fixed part by compile-time offsets, the rest by a cursor that
// cannot overrun.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ike/wire/decode_error.h"
#include "netlink/model/octets.h"

namespace xfrmd::ike {

// The fixed part of a structure. Field offsets are checked when this compiles.
template <std::size_t kSize>
class Fixed {
  public:
    explicit constexpr Fixed(std::span<const std::uint8_t, kSize> octets) : octets_{octets} {}

    // The unsigned number of type T that starts at octet kOffset, in host byte order.
    template <std::unsigned_integral T, std::size_t kOffset>
    constexpr T at() const {
        static_assert(kOffset + sizeof(T) <= kSize, "the field lies outside of the fixed part");
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8 | octets_[kOffset + i];
        return static_cast<T>(value);
    }

  private:
    std::span<const std::uint8_t, kSize> octets_;
};

class Reader {
  public:
    explicit constexpr Reader(View octets) : rest_{octets} {}

    // The next kSize octets, or DecodeFault::Truncated.
    template <std::size_t kSize>
    constexpr Decoded<Fixed<kSize>> fixed() {
        if (rest_.size() < kSize) return refuse(DecodeFault::Truncated);
        const Fixed<kSize> part{rest_.template first<kSize>()};
        rest_ = rest_.subspan(kSize);
        return part;
    }

    // The next `count` octets, or DecodeFault::Truncated.
    constexpr Decoded<View> take(std::size_t count) {
        if (rest_.size() < count) return refuse(DecodeFault::Truncated);
        const View part = rest_.first(count);
        rest_ = rest_.subspan(count);
        return part;
    }

    // Everything that is left.
    constexpr View rest() {
        const View part = rest_;
        rest_ = {};
        return part;
    }

    constexpr std::size_t remaining() const { return rest_.size(); }
    constexpr bool done() const { return rest_.empty(); }

  private:
    View rest_;
};

}  // namespace xfrmd::ike
