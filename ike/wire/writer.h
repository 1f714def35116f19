// SPDX-License-Identifier: Apache-2.0
// Writing network-order fields, with lengths and counts put in once they are known.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

// Collects octets. A number too large for its field spoils the whole writer, and finish() gives
// nothing: half a message is never sent.
class Writer {
  public:
    template <std::unsigned_integral T>
    void put(std::type_identity_t<T> value) {
        for (std::size_t i = sizeof(T); i-- > 0;)
            octets_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    void u8(std::uint8_t value) { octets_.push_back(value); }
    void u16(std::uint16_t value) { put<std::uint16_t>(value); }
    void u32(std::uint32_t value) { put<std::uint32_t>(value); }
    void u64(std::uint64_t value) { put<std::uint64_t>(value); }
    void zeros(std::size_t count);
    void bytes(View view);

    // A size as a field of type T.
    template <std::unsigned_integral T>
    void count(std::size_t value) {
        if (value > std::numeric_limits<T>::max()) spoil();
        put<T>(static_cast<T>(value));
    }

    // Writes `value` over the field of type T at `position`.
    template <std::unsigned_integral T>
    void patch(std::size_t position, std::size_t value) {
        if (value > std::numeric_limits<T>::max()) spoil();
        for (std::size_t i = 0; i < sizeof(T); ++i)
            octets_[position + i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
    }

    // Makes finish() give nothing: what was asked for has no encoding.
    void spoil() { spoilt_ = true; }

    std::size_t size() const { return octets_.size(); }
    // All octets; empty if something did not fit its field.
    Bytes finish() && { return spoilt_ ? Bytes{} : std::move(octets_); }

  private:
    Bytes octets_;
    bool spoilt_ = false;
};

}  // namespace xfrmd::ike
