// SPDX-License-Identifier: Apache-2.0
// The order of policies. Of two that match a packet and have one priority the kernel takes the one
// that was added first, so the order of a text counts, and a policy that stays in its place from
// one run to the next may have come to stand in front of what precedes it in the text. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "netlink/model/policy_spec.h"

namespace xfrmd::setkey {

struct Placed {
    const xfrm::PolicySpec* spec = nullptr;
    // When it was added, counted by who added it; nothing if it is not there or nobody knows.
    std::optional<std::uint32_t> since;
};

// For policies in the order of a text: which of them must be added behind all others, in that
// order, so that among any two that overlap the earlier one counts. The rest may stay in its place.
[[nodiscard]] std::vector<bool> must_be_added_behind(std::span<const Placed> wanted);

// Whether a packet can match both, and neither has the better priority.
[[nodiscard]] bool compete(const xfrm::PolicySpec& left, const xfrm::PolicySpec& right);

}  // namespace xfrmd::setkey
