// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/connection_change.h"

#include <algorithm>

namespace xfrmd::ike {

namespace {

const Child* find(const Connection& connection, const std::string& child) {
    const auto found = std::ranges::find(connection.children, child, &Child::name);
    return found == connection.children.end() ? nullptr : &*found;
}

void take_lifetimes(const Connection& from, Connection& to) {
    to.liveness_interval = from.liveness_interval;
    to.ike_rekey = from.ike_rekey;
    to.reauthenticate = from.reauthenticate;
    if (from.served && to.served) to.served->rekey = from.served->rekey;
}

bool is_alike_but_for_lifetimes(const Child& left, Child right) {
    right.rekey = left.rekey;
    return left == right;
}

// Names of children of `left`, and of what is bundled with them.
void add_differing(const Connection& left, const Connection& right, std::set<std::string>& names) {
    for (const Child& child : left.children) {
        const Child* other = find(right, child.name);
        if (other != nullptr && is_alike_but_for_lifetimes(child, *other)) continue;
        names.insert(child.name);
        if (child.bundle) names.insert(child.bundle->partner);
    }
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
    alike.children = former.children;
    if (alike != former) return ConnectionChange::Everything;
    const std::set<std::string> changed = changed_children(former, wanted);
    if (changed.empty()) return ConnectionChange::Lifetimes;
    const bool some_stay = std::ranges::any_of(wanted.children, [&](const Child& child) { return !changed.contains(child.name); });
    return some_stay && former.local == wanted.local ? ConnectionChange::Children : ConnectionChange::Everything;
}

std::set<std::string> changed_children(const Connection& former, const Connection& wanted) {
    std::set<std::string> names;
    add_differing(former, wanted, names);
    add_differing(wanted, former, names);
    return names;
}

}  // namespace xfrmd::ike
