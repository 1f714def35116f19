// SPDX-License-Identifier: Apache-2.0
// Lets through so many at once, then one in a while, and counts the others.
#pragma once

#include <cstddef>
#include <optional>

#include "ike/time.h"

namespace xfrmd::daemon {

class RateLimit {
  public:
    // At first, and after a quiet time, `burst` in a row; then one in each `interval`.
    RateLimit(std::size_t burst, ike::Duration interval)
        : burst_{burst}, left_{burst}, interval_{interval} {}

    // Nothing if this one is one too many; otherwise how many were too many since the last that was
    // not.
    [[nodiscard]] std::optional<std::size_t> admit(ike::Time now);

  private:
    std::size_t burst_;
    std::size_t left_;
    ike::Duration interval_;
    ike::Time refilled_{};
    std::size_t refused_ = 0;
};

}  // namespace xfrmd::daemon
