// SPDX-License-Identifier: Apache-2.0
// What other processes have used, from /proc.
#pragma once

#include <sys/types.h>

#include <span>

namespace xfrmd::bench {

struct Usage {
    double processor_seconds = 0;  // of user and system, all threads
    double resident_octets = 0;
};

// The sum over all of them; a process that is gone counts as nothing.
[[nodiscard]] Usage usage_of(std::span<const pid_t> processes);

}  // namespace xfrmd::bench
