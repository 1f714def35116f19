// SPDX-License-Identifier: Apache-2.0
// How the kernel model moves SAs to other ends.
#include <algorithm>
#include <cerrno>
#include <ranges>
#include <utility>

#include "tests/sim/model/kernel_model.h"

namespace xfrmd::sim {

using namespace xfrm;

namespace {

std::unexpected<KernelError> refuse(int error_number, const char* what) {
    return std::unexpected{KernelError{error_number, what}};
}

bool is_meant(const SaSpec& sa, const Migration& migration) {
    return sa.id.source == migration.source && sa.id.destination == migration.destination &&
           sa.id.protocol == migration.protocol && sa.mode == migration.mode && sa.reqid == migration.reqid;
}

// net/xfrm/xfrm_policy.c, migrate_tmpl_match()
bool is_meant(const Template& wanted, const Migration& migration) {
    return wanted.protocol == migration.protocol && wanted.mode == migration.mode &&
           wanted.reqid == migration.reqid &&
           (wanted.mode == Mode::Transport ||
            (wanted.source == migration.source && wanted.destination == migration.destination));
}

}  // namespace

KernelResult KernelModel::carry_out(const Migrate& request) {
    KernelResult result = Done{};
    for (const Migration& migration : request.migrations)
        if (auto moved = migrate(migration); !moved && result) result = std::unexpected{moved.error()};
    return result;
}

// net/xfrm/xfrm_policy.c, xfrm_migrate()
std::expected<void, KernelError> KernelModel::migrate(const Migration& migration) {
    if (migration.new_source.is_unspecified() || migration.new_destination.is_unspecified())
        return refuse(EINVAL, "the new ends must be addresses");
    const auto policy = std::ranges::find(policies_, migration.policy,
                                          [](const PolicyInfo& info) { return info.spec.id; });
    if (policy == policies_.end()) return refuse(ENOENT, "no such policy");
    const bool asks = std::ranges::any_of(policy->spec.templates,
                                          [&](const Template& wanted) { return is_meant(wanted, migration); });
    if (!asks) return refuse(ENODATA, "the policy does not ask for this");
    if (auto moved = move_sa(migration); !moved) return moved;
    for (Template& wanted : policy->spec.templates) {
        if (!is_meant(wanted, migration) || wanted.mode == Mode::Transport) continue;
        wanted.source = migration.new_source;
        wanted.destination = migration.new_destination;
    }
    return {};
}

// The youngest one between the former ends, whatever its state. What moved counts as the youngest from then on.
std::expected<void, KernelError> KernelModel::move_sa(const Migration& migration) {
    const auto youngest = std::ranges::find_if(
        sas_ | std::views::reverse, [&](const Sa& sa) { return is_meant(sa.spec, migration); });
    if (youngest == sas_.rend()) return {};
    if (youngest->larval) return refuse(ENODATA, "an SA without keys cannot move");
    SaId to = youngest->spec.id;
    to.source = migration.new_source;
    to.destination = migration.new_destination;
    const Sa* in_the_way = find(to);
    if (in_the_way != nullptr && in_the_way != &*youngest) return refuse(ENODATA, "its SPI is taken there");
    Sa moved = std::move(*youngest);
    sas_.erase(std::next(youngest).base());
    moved.spec.id = to;
    if (migration.encapsulation) moved.spec.encapsulation = migration.encapsulation;
    sas_.push_back(std::move(moved));
    return {};
}

KernelResult KernelModel::carry_out(const FindSource& request) {
    const auto own = std::ranges::find(own_addresses_, request.destination.family(), &Address::family);
    if (own == own_addresses_.end()) return refuse(ENETUNREACH, "no way there");
    return *own;
}

}  // namespace xfrmd::sim
