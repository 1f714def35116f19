// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/progress_checker.h"

namespace xfrmd::sim {

namespace {

constexpr std::size_t kTicksAtOnceMax = 20;
constexpr std::size_t kEffectsMax = 200;
constexpr std::size_t kIkeSasMax = 200;

bool has_ike_sas(const ike::Snapshot& snapshot) {
    if (!snapshot.unassigned.empty()) return true;
    for (const ike::ConnectionSnapshot& connection : snapshot.connections)
        if (!connection.ike_sas.empty()) return true;
    return false;
}

}  // namespace

std::optional<std::string> ProgressChecker::stepped(ike::Time now, const ike::Host& host, bool was_tick,
                                                    const ike::Effects& effects, std::size_t outstanding) {
    if (effects.size() > kEffectsMax) return "one step had " + std::to_string(effects.size()) + " effects";
    if (was_tick) {
        ticks_ = now == last_tick_ ? ticks_ + 1 : 1;
        last_tick_ = now;
        if (ticks_ > kTicksAtOnceMax) return std::string{"the host asks for one tick after another: "} + host.next_deadline()->why;
    }
    const ike::Snapshot snapshot = host.snapshot();
    if (!host.next_deadline() && outstanding == 0 && has_ike_sas(snapshot))
        return "an IKE SA waits for nothing:\n" + std::to_string(snapshot.statistics.ike_sas);
    if (snapshot.statistics.ike_sas > kIkeSasMax) return "too many IKE SAs";
    return std::nullopt;
}

}  // namespace xfrmd::sim
