// SPDX-License-Identifier: Apache-2.0
// How long SAs live: when they are made anew, and when nothing may pass through them any more.
#pragma once

#include <chrono>
#include <cstdint>

#include "ike/time.h"
#include "netlink/model/lifetime.h"

namespace xfrmd::ike {

// When a child is made anew (the soft limits); whichever is reached first counts.
struct RekeyLimits {
    Duration time = std::chrono::hours{1};  // zero: never
    std::uint64_t bytes = 0;                // zero: no limit
    std::uint64_t packets = 0;              // zero: no limit

    bool operator==(const RekeyLimits&) const = default;
};

// The hard limit behind the soft one: long enough for a negotiation with retransmissions. Zero stays zero.
[[nodiscard]] Duration hard_time(Duration soft);

// What the kernel is to count for one of a child's two SAs. Times are the core's own; the kernel's come a little later, for
// an SA whose daemon is gone. The soft limits of the inbound SA lie
// behind those of the outbound one, so that of two peers with the same limits the one that sends begins. Without extended
// sequence numbers the packets end with the sequence numbers: RFC 4303 §3.3.3.
[[nodiscard]] xfrm::LifetimeLimits kernel_limits(const RekeyLimits& limits, bool outbound,
                                                 bool extended_sequence_numbers);

}  // namespace xfrmd::ike
