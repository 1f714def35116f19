// SPDX-License-Identifier: Apache-2.0
// How long an SA or a policy lives, and how much it has carried.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace xfrmd::xfrm {

// Limits as the kernel keeps them. Times in seconds, 0 = none; counts: kUnlimited = none.
struct LifetimeLimits {
    static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t soft_bytes = kUnlimited;
    std::uint64_t hard_bytes = kUnlimited;
    std::uint64_t soft_packets = kUnlimited;
    std::uint64_t hard_packets = kUnlimited;
    std::uint64_t soft_add_seconds = 0;
    std::uint64_t hard_add_seconds = 0;
    std::uint64_t soft_use_seconds = 0;
    std::uint64_t hard_use_seconds = 0;
    auto operator<=>(const LifetimeLimits&) const = default;
};

// Counters as the kernel reports them. Times in seconds since 1970, 0 = never.
struct LifetimeUsage {
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t add_time = 0;
    std::uint64_t use_time = 0;
    auto operator<=>(const LifetimeUsage&) const = default;
};

}  // namespace xfrmd::xfrm
