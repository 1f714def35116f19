// SPDX-License-Identifier: Apache-2.0
#include "netlink/model/neighbour_discovery.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace xfrmd::xfrm {

std::vector<PolicySpec> neighbour_discovery_policies() {
    constexpr std::uint8_t kIcmpV6 = 58;
    constexpr std::uint32_t kBeforeEverything = 1;
    constexpr std::array<std::uint16_t, 2> kTypes{135, 136};  // solicitation, advertisement
    constexpr PortMask kCode{0, 0x00ff};                      // a code has no more bits
    std::vector<PolicySpec> policies;
    for (const std::uint16_t type : kTypes) {
        for (const auto direction : {Direction::Out, Direction::In}) {
            PolicySpec policy;
            policy.id.selector.source = Prefix::any(Family::V6);
            policy.id.selector.destination = Prefix::any(Family::V6);
            policy.id.selector.protocol = kIcmpV6;
            policy.id.selector.source_port = PortMask::exactly(type);
            policy.id.selector.destination_port = kCode;
            policy.id.direction = direction;
            policy.priority = kBeforeEverything;
            policies.push_back(std::move(policy));
        }
    }
    return policies;
}

bool is_neighbour_discovery(const PolicySpec& policy) {
    static const std::vector<PolicySpec> kOurs = neighbour_discovery_policies();
    return std::ranges::contains(kOurs, policy);
}

}  // namespace xfrmd::xfrm
