// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/connection_change.h"

namespace xfrmd::ike {

namespace {

void take_lifetimes(const Connection& from, Connection& to) {
    to.liveness_interval = from.liveness_interval;
    to.ike_rekey = from.ike_rekey;
    to.reauthenticate = from.reauthenticate;
    if (from.served && to.served) to.served->rekey = from.served->rekey;
    for (std::size_t i = 0; i < to.children.size() && i < from.children.size(); ++i)
        to.children[i].rekey = from.children[i].rekey;
}

}  // namespace

ConnectionChange change_between(const Connection& former, const Connection& wanted) {
    Connection alike = wanted;
    alike.origin = former.origin;
    // It follows the routes, but for one that has come or gone.
    const bool routed = former.local.is_unspecified() == wanted.local.is_unspecified();
    if (!wanted.local_fixed && routed) alike.local = former.local;
    if (alike == former) return ConnectionChange::None;
    take_lifetimes(former, alike);
    return alike == former ? ConnectionChange::Lifetimes : ConnectionChange::Everything;
}

}  // namespace xfrmd::ike
