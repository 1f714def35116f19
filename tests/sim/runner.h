// SPDX-License-Identifier: Apache-2.0
// Runs seeds and reports what went wrong, in words that lead to the cause.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/simulation.h"

namespace xfrmd::sim {

Outcome run(std::uint64_t seed);

// Runs the failing seed again and tells: what is wrong, its options, the end of its ladder, the command to see it all.
std::string report(std::uint64_t seed, const Outcome& failed, std::size_t lines_max);

// Runs the seed twice; what differs between the two.
std::optional<std::string> check_determinism(std::uint64_t seed, const Outcome& first);

}  // namespace xfrmd::sim
