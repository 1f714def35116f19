// SPDX-License-Identifier: Apache-2.0
// What becomes of packets that no policy is for.
#pragma once

#include <compare>

#include "netlink/model/ids.h"
#include "netlink/model/policy_spec.h"

namespace xfrmd::xfrm {

// By direction; the kernel accepts them unless it is told otherwise.
struct DefaultPolicies {
    PolicyAction in = PolicyAction::Allow;
    PolicyAction out = PolicyAction::Allow;
    PolicyAction forward = PolicyAction::Allow;
    auto operator<=>(const DefaultPolicies&) const = default;

    [[nodiscard]] constexpr PolicyAction of(Direction direction) const {
        if (direction == Direction::In) return in;
        return direction == Direction::Out ? out : forward;
    }
};

}  // namespace xfrmd::xfrm
