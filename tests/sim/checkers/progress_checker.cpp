// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/progress_checker.h"

namespace xfrmd::sim {

namespace {

constexpr std::size_t kTicksAtOnceMax = 20;

}  // namespace

std::optional<std::string> ProgressChecker::stepped(ike::Time now, const ike::Host& host, bool was_tick) {
    if (!was_tick) return std::nullopt;
    ticks_ = now == last_tick_ ? ticks_ + 1 : 1;
    last_tick_ = now;
    if (ticks_ <= kTicksAtOnceMax) return std::nullopt;
    const auto deadline = host.next_deadline();
    return std::string{"the host asks for one tick after another: "} + (deadline ? deadline->why : "for nothing");
}

}  // namespace xfrmd::sim
