// SPDX-License-Identifier: Apache-2.0
// What other processes have used, from /proc.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <span>

namespace xfrmd::bench {

struct Usage {
    double processor_seconds = 0;  // of user and system, all threads
    double resident_octets = 0;
};

// The sum over all of them; a process that is gone counts as nothing.
[[nodiscard]] Usage usage_of(std::span<const pid_t> processes);

// Processor time of a whole guest, in seconds, as the machine below it counts it: without what others
// took from it. Asks by a file "ask" in a folder that both see; somebody outside removes it and puts
// the number into "answer" (tests/bench/run_bench). Nothing if nobody does so within some seconds.
[[nodiscard]] std::optional<double> guest_seconds(const std::filesystem::path& folder);

}  // namespace xfrmd::bench
