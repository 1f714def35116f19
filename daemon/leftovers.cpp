// SPDX-License-Identifier: Apache-2.0
// Which SAs of the kernel a former run left.
#include "daemon/leftovers.h"

#include <map>

namespace xfrmd::daemon {

xfrm::RemoveSas leftovers(const std::vector<xfrm::SaInfo>& present,
                          const ike::Configuration& configuration) {
    std::map<xfrm::ReqId, const ike::Connection*> ours;
    for (const ike::Connection& connection : configuration.connections)
        for (const ike::Child& child : connection.children) ours[child.reqid] = &connection;

    xfrm::RemoveSas removal;
    for (const xfrm::SaInfo& sa : present) {
        const auto found = ours.find(sa.spec.reqid);
        if (sa.spec.reqid.value == 0 || found == ours.end()) continue;
        const xfrm::SaId& id = sa.spec.id;
        const xfrm::Address& peer = found->second->remote;
        // A reqid alone is a small number that somebody else may have chosen too.
        if (id.source == peer || id.destination == peer) removal.sas.push_back(id);
    }
    return removal;
}

}  // namespace xfrmd::daemon
