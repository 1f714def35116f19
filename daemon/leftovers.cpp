// SPDX-License-Identifier: Apache-2.0
// Which SAs and policies of the kernel a former run left.
#include "daemon/leftovers.h"

#include <map>

namespace xfrmd::daemon {

std::vector<ike::FormerSa> former_sas(const std::vector<xfrm::SaInfo>& present,
                                      const netlink::Holdings& recorded,
                                      const ike::Configuration& configuration) {
    std::map<xfrm::ReqId, const ike::Connection*> children;
    for (const ike::Connection& connection : configuration.connections)
        for (const ike::Child& child : connection.children) children[child.reqid] = &connection;
    // A reqid alone is a number that somebody else may have chosen too.
    const auto looks_like_ours = [&](const xfrm::SaSpec& sa) {
        const auto child = children.find(sa.reqid);
        if (child == children.end()) return false;
        const xfrm::Address& peer = child->second->remote;
        return sa.id.source == peer || sa.id.destination == peer;
    };
    std::vector<ike::FormerSa> former;
    for (const xfrm::SaInfo& sa : present)
        if (!sa.larval && (recorded.has(sa) || looks_like_ours(sa.spec)))
            former.push_back({sa.spec.id, sa.spec.reqid, sa.spec.encapsulation});
    return former;
}

xfrm::RemovePolicies orphans(const std::vector<xfrm::PolicyInfo>& present, const netlink::Holdings& former,
                             const std::set<xfrm::PolicyId>& of_this_run) {
    xfrm::RemovePolicies removal;
    for (const xfrm::PolicyInfo& policy : present)
        if (former.has(policy) && !of_this_run.contains(policy.spec.id))
            removal.policies.push_back(policy.spec.id);
    return removal;
}

}  // namespace xfrmd::daemon
