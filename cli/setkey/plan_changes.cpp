// SPDX-License-Identifier: Apache-2.0
// What the kernel is asked for, and in which order:
//
// 1. SAs that are there anew, behind the removals of those in their places: policies that want them
//    find them;
// 2. new and replaced policies, before those that go: what both cover is never without;
// 3. policies that go;
// 4. SAs that go and do not come again: until here a refusal costs them nothing. (Those that went
//    before are put back from what the kernel told of them.)
#include <algorithm>

#include "cli/setkey/plan.h"
#include "cli/setkey/policy_order.h"

namespace xfrmd::setkey {

namespace change = netlink::change;
using xfrm::PolicyId;
using xfrm::PolicySpec;

namespace {

constexpr std::uint32_t kPriorityLast = 0xffffffff;

void put(Plan::Changes& to, netlink::Change change, Origin origin) {
    to.changes.push_back(std::move(change));
    to.origins.push_back(origin);
}

PolicyId stored_id(const TablePolicy& policy) {
    PolicyId id = policy.spec.id;
    id.selector = policy.stored_selector;
    return id;
}

bool protects(const PolicySpec& policy) {
    return policy.action == xfrm::PolicyAction::Block ||
           std::ranges::any_of(policy.templates,
                               [](const xfrm::Template& t) { return !t.optional; });
}

// The same policy beside its place, as a step on its way behind the others of its priority. While
// it is there it counts more if it protects and less if it does not, so that nothing leaves in
// clear for it.
PolicySpec aside(PolicySpec policy) {
    const bool up = protects(policy) ? policy.priority > 0 : policy.priority == kPriorityLast;
    policy.priority += up ? -1 : 1;
    return policy;
}

}  // namespace

Plan::Changes Plan::take_changes() {
    Changes all;
    put_sa_removals(all, true);
    put_sas(all);
    put_policies(all);
    put_policy_removals(all);
    put_sa_removals(all, false);
    return all;
}

// ---- SAs --------------------

// The kernel takes an SA with another mark for the same.
bool Plan::is_in_the_way(const SaKey& key) const {
    for (auto at = sas_.lower_bound({key.destination, key.protocol, key.spi, {}}); at != sas_.end();
         ++at) {
        const SaKey& other = at->first;
        if (other.destination != key.destination || other.protocol != key.protocol ||
            other.spi != key.spi)
            return false;
        if (at->second.wanted) return true;
    }
    return false;
}

void Plan::put_sa_removals(Changes& to, bool in_the_way) {
    for (auto& [key, entry] : sas_) {
        if (!entry.before || !entry.removed || is_in_the_way(key) != in_the_way) continue;
        put(to,
            change::RemoveSa{
                {entry.before->source, key.destination, key.protocol, key.spi, key.mark}},
            entry.origin);
        entry.before.reset();
        entry.removed = false;
    }
}

void Plan::put_sas(Changes& to) {
    for (auto& [key, entry] : sas_) {
        if (!entry.wanted) continue;
        auto spec = *std::exchange(entry.wanted, std::nullopt);
        const bool replaces = std::exchange(entry.replaces, false);
        entry.before = TableSa{entry.source, false};
        entry.removed = false;
        if (replaces)
            put(to, change::ReplaceSa{std::move(spec)}, entry.origin);
        else
            put(to, change::AddSa{std::move(spec)}, entry.origin);
    }
}

// ---- policies --------------------

void Plan::put_policies(Changes& to) {
    std::vector<PolicyEntry*> anew;
    for (auto& [id, entry] : policies_) {
        if (!entry.now || entry.origin == 0) continue;
        if (entry.is_anew)
            anew.push_back(&entry);
        else
            put_policy(entry, false, to);
    }
    std::ranges::sort(anew, {}, &PolicyEntry::turn);

    std::vector<Placed> wanted;
    for (const PolicyEntry* entry : anew) {
        // A policy with another priority is put behind those that have it already.
        const bool may_stay = entry->before && entry->before->spec.priority == entry->now->priority;
        wanted.push_back({&*entry->now, may_stay ? entry->since : std::nullopt});
    }
    const std::vector<bool> behind = must_be_added_behind(wanted);
    for (std::size_t i = 0; i < anew.size(); ++i) {
        put_policy(*anew[i], behind[i], to);
        anew[i]->is_anew = false;
    }
}

void Plan::put_policy(PolicyEntry& entry, bool behind, Changes& to) {
    const PolicySpec& now = *entry.now;
    const bool in_place = entry.before && entry.before->is_in_place_of(now);
    const bool same_priority = in_place && entry.before->spec.priority == now.priority;
    if (!entry.since || behind || !same_priority) entry.since = next_since_++;
    if (!in_place) return put(to, change::AddPolicy{now}, entry.origin);
    if (behind && same_priority) put(to, change::ReplacePolicy{aside(now)}, entry.origin);
    if (behind || !entry.before->is(now)) put(to, change::ReplacePolicy{now}, entry.origin);
}

void Plan::put_policy_removals(Changes& to) {
    for (auto& [id, entry] : policies_) {
        const bool goes = entry.before && (!entry.now || !entry.before->is_in_place_of(*entry.now));
        if (goes && (!entry.now || entry.origin != 0))
            put(to, change::RemovePolicy{stored_id(*entry.before)}, entry.origin);
        if (!entry.now) {
            entry.before.reset();
            entry.since.reset();
        } else if (entry.origin != 0) {
            entry.before = TablePolicy{*entry.now, id.selector, false};
        }
    }
}

}  // namespace xfrmd::setkey
