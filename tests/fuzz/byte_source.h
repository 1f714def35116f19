// SPDX-License-Identifier: Apache-2.0
// Takes decisions off the input of a fuzzer, one after another; zeros once it is used up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "netlink/model/octets.h"

namespace xfrmd::fuzz {

class ByteSource {
  public:
    explicit ByteSource(View octets) : rest_{octets} {}

    [[nodiscard]] bool is_empty() const { return rest_.empty(); }
    [[nodiscard]] View rest() const { return rest_; }

    std::uint8_t octet() {
        const View taken = take(1);
        return taken.empty() ? std::uint8_t{0} : taken.front();
    }
    std::uint32_t number() {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) value = value << 8 | octet();
        return value;
    }
    // From 0 to bound - 1; bound is 1 to 256.
    std::size_t below(std::size_t bound) { return octet() % bound; }
    // One of these; there is at least one.
    template <class Range>
    decltype(auto) any(Range&& choices) {
        return choices[below(choices.size())];
    }
    // As many as there are, at most `count`.
    View take(std::size_t count) {
        const View taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

  private:
    View rest_;
};

}  // namespace xfrmd::fuzz
