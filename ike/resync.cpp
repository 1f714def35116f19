// SPDX-License-Identifier: Apache-2.0
#include "ike/resync.h"

#include <algorithm>
#include <set>
#include <utility>

namespace xfrmd::ike {

namespace {

// A dump of all SAs for each packet that a narrowed child does not serve would be too much.
constexpr Duration kLookAgain = std::chrono::seconds{10};

}  // namespace

void begin_resync(Core& core) {
    core.resync = Resync{core.request_kernel({std::monostate{}, {}, false, {}}, xfrm::DumpSas{}), core.now};
}

void look_for_loss(Core& core) {
    if (core.resync || (core.looked_for_loss && core.now - *core.looked_for_loss < kLookAgain)) return;
    core.looked_for_loss = core.now;
    begin_resync(core);
}

std::vector<xfrm::SaExpired> lost_expiries(Core& core, RequestId id, const xfrm::KernelResult& result) {
    if (!core.resync || core.resync->request != id) return {};
    const Time asked = std::exchange(core.resync, std::nullopt)->asked;
    const auto* dump = result ? std::get_if<std::vector<xfrm::SaInfo>>(&*result) : nullptr;
    if (dump == nullptr) return {};
    std::set<xfrm::SaId> held;
    for (const xfrm::SaInfo& info : *dump)
        if (!info.larval) held.insert(info.spec.id);
    std::vector<xfrm::SaExpired> lost;
    core.ike_sas.for_each([&](const IkeSa& sa) {
        for (const ChildSa& child : sa.children) {
            // What was installed after the question may rightly be missing in the answer.
            if (child.since > asked || child.placed > asked || sa.relocating) continue;
            const auto is_gone = [&](const xfrm::SaId& sa_id) { return !held.contains(sa_id); };
            if ((child.has_inbound() && std::ranges::any_of(child.inbound_sas(), is_gone)) ||
                (child.has_outbound() && std::ranges::any_of(child.outbound_sas(), is_gone)))
                lost.push_back({child.inbound, child.reqid, child.mode, true, {}});
        }
    });
    return lost;
}

}  // namespace xfrmd::ike
