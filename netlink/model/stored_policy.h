// SPDX-License-Identifier: Apache-2.0
// A policy as the kernel's table holds it, whole: those of sockets and sub-policies too, and what
// has no word stays a number.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/model/address.h"
#include "netlink/model/ids.h"
#include "netlink/model/lifetime.h"
#include "netlink/model/selector.h"
#include "netlink/model/stored_parts.h"

namespace xfrmd::xfrm {

struct StoredTemplate {
    Address source;
    Address destination;
    EspSpi spi{};
    std::uint8_t protocol = 0;  // IP protocol number
    std::uint8_t mode = 0;      // XFRM_MODE_…
    ReqId reqid{};
    std::uint8_t share = 0;  // XFRM_SHARE_…
    bool optional = false;
    // Which algorithms may serve it, one bit for each of PF_KEY's numbers.
    static constexpr std::uint32_t kEveryAlgorithm = 0xffffffff;
    std::uint32_t integrity_algorithms = 0;
    std::uint32_t encryption_algorithms = 0;
    std::uint32_t compression_algorithms = 0;
    auto operator<=>(const StoredTemplate&) const = default;
};

struct StoredPolicy {
    Selector selector;  // as it is stored: bits past the prefixes may be set
    // XFRM_POLICY_IN, OUT or FWD; 3 more for the policies of sockets.
    std::uint8_t direction = 0;
    std::uint32_t index = 0;
    std::uint32_t priority = 0;
    std::uint8_t action = 0;  // XFRM_POLICY_ALLOW or BLOCK
    std::uint8_t flags = 0;   // XFRM_POLICY_LOCALOK, …
    std::uint8_t share = 0;   // XFRM_SHARE_…
    std::uint8_t type = 0;    // XFRM_POLICY_TYPE_MAIN or SUB
    Mark mark{};
    IfId if_id{};
    std::vector<StoredTemplate> templates;
    LifetimeLimits limits;
    LifetimeUsage usage;  // its use_time is the last use
    std::optional<SecurityContext> security_context;
    std::optional<Offload> offload;
    std::vector<OtherAttribute> others;

    [[nodiscard]] bool is_of_a_socket() const { return direction >= 3; }
};

}  // namespace xfrmd::xfrm
