// SPDX-License-Identifier: Apache-2.0
#include "cli/setkey/policy_order.h"

#include <algorithm>

namespace xfrmd::setkey {

using xfrm::PolicySpec;
using xfrm::PortMask;
using xfrm::Prefix;

namespace {

// Comparisons, before policies are moved without a look: some tenths of a second.
constexpr std::size_t kComparisonsMax = 20'000'000;

bool overlap(const Prefix& left, const Prefix& right) {
    return left.contains(right) || right.contains(left);
}

bool overlap(const PortMask& left, const PortMask& right) {
    return ((left.port ^ right.port) & left.mask & right.mask) == 0;
}

// 0 is any.
bool overlap(std::uint32_t left, std::uint32_t right) {
    return left == 0 || right == 0 || left == right;
}

}  // namespace

bool compete(const PolicySpec& left, const PolicySpec& right) {
    if (left.priority != right.priority || left.id.direction != right.id.direction) return false;
    const xfrm::Selector& a = left.id.selector;
    const xfrm::Selector& b = right.id.selector;
    return a.family() == b.family() && overlap(a.source, b.source) &&
           overlap(a.destination, b.destination) && overlap(a.protocol, b.protocol) &&
           overlap(a.source_port, b.source_port) &&
           overlap(a.destination_port, b.destination_port) &&
           overlap(a.interface_index, b.interface_index);
}

std::vector<bool> must_be_added_behind(std::span<const Placed> wanted) {
    std::vector<bool> behind;
    std::vector<const PolicySpec*> added;
    std::uint32_t latest_that_stays = 0;
    std::size_t comparisons = 0;
    for (const Placed& policy : wanted) {
        bool moves = !policy.since || *policy.since < latest_that_stays;
        if (!moves) {
            comparisons += added.size();
            moves = comparisons > kComparisonsMax ||
                    std::ranges::any_of(added, [&](const PolicySpec* earlier) {
                        return compete(*earlier, *policy.spec);
                    });
        }
        if (moves)
            added.push_back(policy.spec);
        else
            latest_that_stays = *policy.since;
        behind.push_back(moves);
    }
    return behind;
}

}  // namespace xfrmd::setkey
