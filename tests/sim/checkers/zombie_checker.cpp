// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/zombie_checker.h"

#include <algorithm>

namespace xfrmd::sim {

namespace {

bool waits_for_time(const ike::IkeSa& sa) {
    // Keepalives go on for ever and end nothing.
    for (std::size_t i = 0; i < sa.timers.size(); ++i)
        if (sa.timers[i] && static_cast<ike::Timer>(i) != ike::Timer::Keepalive) return true;
    return false;
}

bool waits_for_job(const ike::Core& core, const ike::IkeSa& sa) {
    return std::ranges::any_of(core.jobs, [&](const auto& job) { return job.second == sa.self; });
}

bool waits_for_kernel(const ike::Core& core, const ike::IkeSa& sa) {
    return std::ranges::any_of(core.kernel_requests, [&](const auto& request) {
        const auto* who = std::get_if<ike::SaHandle>(&request.second.who);
        return who != nullptr && *who == sa.self;
    });
}

// Whether it stays is decided where its predecessor's own rekey ends; that one waits for something itself.
bool waits_for_predecessor(ike::Core& core, const ike::IkeSa& sa) {
    return sa.predecessor && core.ike_sas.find(*sa.predecessor) != nullptr;
}

}  // namespace

std::optional<std::string> check_no_zombies(ike::Core& core) {
    std::optional<std::string> found;
    core.ike_sas.for_each([&](const ike::IkeSa& sa) {
        if (found || waits_for_time(sa) || waits_for_job(core, sa) || waits_for_kernel(core, sa) ||
            waits_for_predecessor(core, sa))
            return;
        found = std::string{"an IKE SA waits for nothing: "} + ike::state_name(sa.state) + " of \"" + sa.connection + "\"";
    });
    return found;
}

}  // namespace xfrmd::sim
