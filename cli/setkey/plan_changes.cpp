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
    up ? --policy.priority : ++policy.priority;
    return policy;
}

}  // namespace

std::vector<Plan::Step> Plan::steps() {
    Steps all;
    put_sa_removals(all, true);
    put_sas(all);
    put_policies(all);
    put_policy_removals(all);
    put_sa_removals(all, false);
    return all;
}

netlink::Change Plan::change(const Step& step) {
    using enum Step::Kind;
    if (step.sa_ != nullptr) {
        auto& [key, entry] = *step.sa_;
        if (step.kind_ == RemoveSa)
            return change::RemoveSa{
                {entry.before->source, key.destination, key.protocol, key.spi, key.mark}};
        if (step.kind_ == AddSa) return change::AddSa{std::move(*entry.wanted)};
        return change::ReplaceSa{std::move(*entry.wanted)};
    }
    const PolicyEntry& entry = step.policy_->second;
    if (step.kind_ == RemovePolicy) return change::RemovePolicy{stored_id(*entry.before)};
    if (step.kind_ == AddPolicy) return change::AddPolicy{*entry.now};
    return change::ReplacePolicy{step.kind_ == MoveAside ? aside(*entry.now) : *entry.now};
}

void Plan::done() {
    for (auto& [key, entry] : sas_) {
        if (entry.removed) entry.before.reset();
        if (entry.wanted) entry.before = TableSa{entry.source};
        entry.wanted.reset();
        entry.removed = entry.replaces = false;
    }
    for (auto& [id, entry] : policies_) {
        entry.is_anew = false;
        if (!entry.now) {
            entry.before.reset();
            entry.since.reset();
        } else if (entry.origin != 0) {
            entry.before =
                std::make_unique<TablePolicy>(TablePolicy{*entry.now, id.selector, false});
        }
    }
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

void Plan::put_sa_removals(Steps& to, bool in_the_way) {
    for (SaItem& item : sas_) {
        const SaEntry& entry = item.second;
        if (entry.before && entry.removed && is_in_the_way(item.first) == in_the_way)
            to.push_back({Step::Kind::RemoveSa, item});
    }
}

void Plan::put_sas(Steps& to) {
    for (SaItem& item : sas_)
        if (item.second.wanted)
            to.push_back({item.second.replaces ? Step::Kind::ReplaceSa : Step::Kind::AddSa, item});
}

// ---- policies --------------------

void Plan::put_policies(Steps& to) {
    std::vector<PolicyItem*> anew;
    for (PolicyItem& item : policies_) {
        if (!item.second.now || item.second.origin == 0) continue;
        if (item.second.is_anew)
            anew.push_back(&item);
        else
            put_policy(item, false, to);
    }
    std::ranges::sort(anew, {}, [](const PolicyItem* item) { return item->second.turn; });

    std::vector<Placed> wanted;
    for (const PolicyItem* item : anew) {
        // A policy with another priority is put behind those that have it already.
        const PolicyEntry& entry = item->second;
        const bool may_stay = entry.before && entry.before->spec.priority == entry.now->priority;
        wanted.push_back({&*entry.now, may_stay ? entry.since : std::nullopt});
    }
    const std::vector<bool> behind = must_be_added_behind(wanted);
    for (std::size_t i = 0; i < anew.size(); ++i) put_policy(*anew[i], behind[i], to);
}

void Plan::put_policy(PolicyItem& item, bool behind, Steps& to) {
    PolicyEntry& entry = item.second;
    const PolicySpec& now = *entry.now;
    const bool in_place = entry.before && entry.before->is_in_place_of(now);
    const bool same_priority = in_place && entry.before->spec.priority == now.priority;
    if (!entry.since || behind || !same_priority) entry.since = next_since_++;
    if (!in_place) return to.push_back({Step::Kind::AddPolicy, item});
    if (behind && same_priority) to.push_back({Step::Kind::MoveAside, item});
    if (behind || !entry.before->is(now)) to.push_back({Step::Kind::ReplacePolicy, item});
}

void Plan::put_policy_removals(Steps& to) {
    for (PolicyItem& item : policies_) {
        const PolicyEntry& entry = item.second;
        const bool goes = entry.before && (!entry.now || !entry.before->is_in_place_of(*entry.now));
        if (goes && (!entry.now || entry.origin != 0))
            to.push_back({Step::Kind::RemovePolicy, item});
    }
}

}  // namespace xfrmd::setkey
