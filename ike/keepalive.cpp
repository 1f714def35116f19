// SPDX-License-Identifier: Apache-2.0
#include "ike/keepalive.h"

namespace xfrmd::ike {

void postpone_keepalive(Core& core, IkeSa& sa) {
    const Duration interval = core.configuration->options.nat_keepalive;
    const bool wanted = sa.nat.local && sa.path.encapsulated && sa.is_established() && !sa.successor;
    if (wanted && interval > Duration::zero()) core.arm_in(sa, Timer::Keepalive, interval);
}

void send_keepalive(Core& core, IkeSa& sa) {
    if (!sa.is_established() || !sa.nat.local || sa.successor) return;
    core.effects.emplace_back(Keepalive{sa.path});
    postpone_keepalive(core, sa);
}

}  // namespace xfrmd::ike
