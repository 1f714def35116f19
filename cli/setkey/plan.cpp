// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/plan.h"

#include <algorithm>
#include <format>
#include <utility>

#include "netlink/errors.h"
#include "netlink/model/neighbour_discovery.h"

namespace xfrmd::setkey {

using xfrm::PolicyId;
using xfrm::PolicySpec;
using xfrm::ReqId;
using xfrm::SaId;

namespace {

// Where PF_KEY begins to number the requests of level unique; up to 16383 people number them.
constexpr std::uint32_t kUniqueReqidFirst = 0x4000;

SaId id_of(const SaKey& key, const xfrm::Address& source) {
    return {source, key.destination, key.protocol, key.spi, key.mark};
}

PolicyId forward(PolicyId id) {
    id.direction = xfrm::Direction::Forward;
    return id;
}

std::unexpected<PlanRefusal> exists(const std::string& name, bool is_owned) {
    return std::unexpected{PlanRefusal{name + ": exists already",
                                       is_owned ? ""
                                                : "somebody else has installed it; with "
                                                  "--flush-all flush and spdflush remove it, too"}};
}

std::unexpected<PlanRefusal> missing(const std::string& name) {
    return std::unexpected{PlanRefusal{name + ": does not exist", ""}};
}

std::unexpected<PlanRefusal> kept(const std::string& name, const std::string& keeper) {
    return std::unexpected{PlanRefusal{
        std::format("{}: belongs to xfrmd's connection {}", name, keeper),
        std::format("xfrmctl down {} ends its SAs; --direct changes tables without asking xfrmd",
                    keeper.substr(0, keeper.find('/')))}};
}

}  // namespace

Plan::Plan(Tables tables, const Owned& owned, FlushScope scope, Keepers keepers)
    : reqids_{std::move(tables.reqids)},
      keepers_{std::move(keepers)},
      next_reqid_{kUniqueReqidFirst},
      scope_{scope} {
    for (const auto& [key, sa] : tables.sas) {
        const std::string* const keeper = keeper_of(sa.reqid);
        sas_[key] = {.before = sa,
                     .present = true,
                     .wanted = {},
                     .is_owned = keeper == nullptr && owned.sas.contains(key),
                     .keeper = keeper,
                     .source = sa.source};
    }
    for (auto& [id, policy] : tables.policies) {
        PolicyEntry& entry = policies_[id];
        entry.now = policy.spec;
        entry.keeper = keeper_of(policy.spec);
        entry.before = std::make_unique<TablePolicy>(std::move(policy));
    }
    for (const auto& [id, since] : owned.policies) {
        const auto entry = policies_.find(id);
        // What was ours may have been replaced since by a connection's, which has the same id.
        if (entry == policies_.end() || entry->second.keeper != nullptr) continue;
        entry->second.is_owned = true;
        entry->second.since = since;
        next_since_ = std::max(next_since_, since + 1);
    }
}

const std::string* Plan::keeper_of(ReqId reqid) const {
    const auto keeper = keepers_.connections.find(reqid);
    return keeper == keepers_.connections.end() ? nullptr : &keeper->second;
}

const std::string* Plan::keeper_of(const PolicySpec& policy) const {
    static const std::string kDiscovery{xfrm::kNeighbourDiscovery};
    if (keepers_.neighbour_discovery && xfrm::is_neighbour_discovery(policy)) return &kDiscovery;
    for (const xfrm::Template& wanted : policy.templates)
        if (const std::string* const keeper = keeper_of(wanted.reqid)) return keeper;
    return nullptr;
}

Plan::Taken Plan::take(Action action, Origin origin) {
    return std::visit([&](auto& kind) { return take_action(kind, origin); }, action);
}

// ---- SAs --------------------

Plan::Taken Plan::take_action(action::AddSa& add, Origin origin) {
    SaEntry& entry = sas_[SaKey::of(add.spec.id)];
    if (entry.present && !add.update) return exists(netlink::name_of(add.spec.id), entry.is_owned);
    if (!entry.present && add.update) return missing(netlink::name_of(add.spec.id));
    if (entry.keeper != nullptr) return kept(netlink::name_of(add.spec.id), *entry.keeper);
    entry.replaces = add.update && entry.before && !entry.removed;
    entry.present = entry.is_owned = true;
    entry.source = add.spec.id.source;
    entry.wanted = std::move(add.spec);
    entry.origin = origin;
    return PlanNote{};
}

void Plan::remove(SaEntry& entry, Origin origin) {
    entry.present = entry.is_owned = entry.replaces = false;
    entry.removed = true;
    entry.wanted.reset();
    entry.origin = origin;
}

Plan::Taken Plan::take_action(action::RemoveSa& gone, Origin origin) {
    const auto entry = sas_.find(SaKey::of(gone.id));
    if (entry == sas_.end() || !entry->second.present) return missing(netlink::name_of(gone.id));
    if (entry->second.keeper != nullptr)
        return kept(netlink::name_of(gone.id), *entry->second.keeper);
    remove(entry->second, origin);
    return PlanNote{};
}

Plan::Taken Plan::take_action(action::RemoveSasBetween& gone, Origin origin) {
    for (auto& [key, entry] : sas_) {
        if (!entry.present || key.destination != gone.destination ||
            key.protocol != gone.protocol || entry.source != gone.source)
            continue;
        if (entry.keeper != nullptr)
            return kept(netlink::name_of(id_of(key, entry.source)), *entry.keeper);
        remove(entry, origin);
    }
    return PlanNote{};
}

Plan::Taken Plan::take_action(action::FlushSas& gone, Origin origin) {
    PlanNote note;
    for (auto& [key, entry] : sas_) {
        if (!entry.present || (gone.protocol && key.protocol != *gone.protocol)) continue;
        flush(entry, origin, note);
    }
    return note;
}

template <class Entry>
void Plan::flush(Entry& entry, Origin origin, PlanNote& note) const {
    if (!entry.is_owned && scope_ == FlushScope::Owned)
        ++note.left_alone;
    else if (entry.keeper != nullptr)
        ++note.kept;
    else
        remove(entry, origin);
}

void Plan::reserved(const SaId& id) {
    sas_[SaKey::of(id)] = {.before = TableSa{id.source, true},
                           .present = true,
                           .wanted = {},
                           .is_owned = true,
                           .source = id.source};
}

bool Plan::has_sa(const SaKey& key) const {
    const auto entry = sas_.find(key);
    return entry != sas_.end() && entry->second.present;
}

// ---- policies --------------------

Plan::Taken Plan::take_action(action::AddPolicy& add, Origin origin) {
    number_unique(add);
    if (!add.copy_to_forward) return add_policy(std::move(add.spec), add.update, false, origin);
    PolicySpec copy = add.spec;
    copy.id = forward(std::move(copy.id));
    auto taken = add_policy(std::move(add.spec), add.update, false, origin);
    if (!taken) return taken;
    return add_policy(std::move(copy), add.update, true, origin);
}

// A policy for forwarded packets that somebody has written counts more than the copy of an `in`
// policy that is made for them, whichever comes first.
Plan::Taken Plan::add_policy(PolicySpec spec, bool update, bool is_copy, Origin origin) {
    PolicyEntry& entry = policies_[spec.id];
    const bool is_of_this_text = entry.now && entry.origin != 0;
    if (is_copy && is_of_this_text && !entry.is_copy && !update) return PlanNote{};
    const bool over_copy = !is_copy && is_of_this_text && entry.is_copy;
    if (entry.now && !update && !over_copy)
        return exists(netlink::name_of(spec.id), entry.is_owned);
    if (entry.now && entry.keeper != nullptr) return kept(netlink::name_of(spec.id), *entry.keeper);
    if (!entry.now) {
        entry.is_anew = true;
        entry.turn = next_turn_++;
    }
    entry.now = std::move(spec);
    entry.is_copy = is_copy;
    entry.is_owned = true;
    entry.origin = origin;
    return PlanNote{};
}

// The numbers that a policy had before stay, so that its SAs stay good.
void Plan::number_unique(action::AddPolicy& add) {
    const auto known = policies_.find(add.spec.id);
    const TablePolicy* const before =
        known != policies_.end() ? known->second.before.get() : nullptr;
    const bool is_alike =
        before != nullptr && before->spec.templates.size() == add.spec.templates.size();
    for (const std::size_t position : add.unique_templates) {
        xfrm::Template& wanted = add.spec.templates[position];
        if (is_alike) {
            xfrm::Template former = before->spec.templates[position];
            const ReqId reqid = std::exchange(former.reqid, ReqId{});
            if (former == wanted && reqid.value >= kUniqueReqidFirst) {
                wanted.reqid = reqid;
                continue;
            }
        }
        wanted.reqid = free_reqid();
    }
}

ReqId Plan::free_reqid() {
    while (reqids_.contains(ReqId{next_reqid_})) ++next_reqid_;
    return *reqids_.insert(ReqId{next_reqid_++}).first;
}

void Plan::remove(PolicyEntry& entry, Origin origin) {
    entry.now.reset();
    entry.is_owned = false;
    entry.origin = origin;
}

Plan::Taken Plan::take_action(action::RemovePolicy& gone, Origin origin) {
    const auto entry = policies_.find(gone.id);
    if (entry == policies_.end() || !entry->second.now) return missing(netlink::name_of(gone.id));
    if (entry->second.keeper != nullptr)
        return kept(netlink::name_of(gone.id), *entry->second.keeper);
    remove(entry->second, origin);
    if (!gone.copy_to_forward) return PlanNote{};
    const auto copy = policies_.find(forward(gone.id));
    if (copy != policies_.end() && copy->second.now && copy->second.keeper == nullptr)
        remove(copy->second, origin);
    return PlanNote{};
}

Plan::Taken Plan::take_action(action::FlushPolicies&, Origin origin) {
    PlanNote note;
    for (auto& [id, entry] : policies_) {
        if (entry.now) flush(entry, origin, note);
    }
    return note;
}

// ---- what differs --------------------

std::optional<Difference::Kind> Plan::difference_of(const PolicyEntry& entry) {
    using Kind = Difference::Kind;
    if (!entry.before) return entry.now ? std::optional{Kind::Added} : std::nullopt;
    if (!entry.now) return Kind::Removed;
    return entry.before->is(*entry.now) ? std::nullopt : std::optional{Kind::Replaced};
}

bool Plan::differs() const {
    return std::ranges::any_of(sas_,
                               [](const auto& item) {
                                   const SaEntry& entry = item.second;
                                   return entry.wanted || (entry.before && entry.removed);
                               }) ||
           std::ranges::any_of(
               policies_, [](const auto& item) { return difference_of(item.second).has_value(); });
}

std::vector<Difference> Plan::differences() const {
    using Kind = Difference::Kind;
    std::vector<Difference> all;
    for (const auto& [key, entry] : sas_) {
        if (entry.before && entry.removed)
            all.push_back({Kind::Removed, id_of(key, entry.before->source), nullptr, {}});
        if (entry.wanted)
            all.push_back({entry.replaces ? Kind::Replaced : Kind::Added,
                           id_of(key, entry.source),
                           &*entry.wanted,
                           {}});
    }
    for (const auto& [id, entry] : policies_) {
        const auto kind = difference_of(entry);
        if (!kind) continue;
        all.push_back({*kind, entry.now ? *entry.now : entry.before->spec, nullptr, {}});
        if (*kind == Kind::Replaced) all.back().before = entry.before->spec;
    }
    return all;
}

std::size_t Plan::unchanged_policies() const {
    return static_cast<std::size_t>(std::ranges::count_if(policies_, [](const auto& item) {
        const PolicyEntry& entry = item.second;
        return entry.origin != 0 && entry.before && entry.now && entry.before->is(*entry.now);
    }));
}

Owned Plan::owned() const {
    Owned owned;
    for (const auto& [key, entry] : sas_)
        if (entry.present && entry.is_owned) owned.sas[key] = entry.source;
    for (const auto& [id, entry] : policies_)
        if (entry.now && entry.is_owned) owned.policies[id] = entry.since.value_or(0);
    return owned;
}

}  // namespace xfrmd::setkey
