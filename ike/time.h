// SPDX-License-Identifier: Apache-2.0
// The core's time: a value that comes in with each input. There is no clock behind it.
#pragma once

#include <chrono>
#include <cstdint>

namespace xfrmd::ike {

using Duration = std::chrono::microseconds;

// Tag only: it has no now(), so the core cannot ask what time it is.
struct CoreTimeline {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<CoreTimeline, Duration>;
    static constexpr bool is_steady = true;
};

// Monotonic, counted from an arbitrary origin; keeps running while the machine sleeps (CLOCK_BOOTTIME).
using Time = CoreTimeline::time_point;

// Seconds since 1970-01-01T00:00:00Z. Used for certificate validity only.
struct WallTime {
    std::int64_t seconds = 0;
};

}  // namespace xfrmd::ike
