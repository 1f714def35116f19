// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/runner.h"

#include <algorithm>

namespace xfrmd::sim {

Outcome run(std::uint64_t seed) { return Simulation{draw_options(seed), false}.run(); }

std::string report(std::uint64_t seed, const Outcome& failed, std::size_t lines_max) {
    const Options options = draw_options(seed);
    const Outcome again = Simulation{options, true}.run();
    std::string text = "seed " + std::to_string(seed) + ": " + failed.violation.value_or("no violation") + "\n";
    if (again.violation != failed.violation)
        text += "NOT REPRODUCED, the second run says: " + again.violation.value_or("no violation") + "\n";
    text += "options: " + describe(options) + "\n";
    const std::size_t from = again.ladder.size() > lines_max ? again.ladder.size() - lines_max : 0;
    if (from > 0) text += "(" + std::to_string(from) + " lines before these)\n";
    for (std::size_t i = from; i < again.ladder.size(); ++i) text += again.ladder[i] + "\n";
    return text + "replay with: ./dev sim --seeds 1 --from " + std::to_string(seed) + " --ladder\n";
}

std::optional<std::string> check_determinism(std::uint64_t seed, const Outcome& first) {
    const Outcome second = run(seed);
    if (second.digest != first.digest) return "two runs sent different octets";
    if (second.unseed != first.unseed) return "two runs drew different random numbers";
    return std::nullopt;
}

}  // namespace xfrmd::sim
