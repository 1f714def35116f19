// SPDX-License-Identifier: Apache-2.0
// One security policy as it is asked of the kernel, or read back from it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/model/ids.h"
#include "netlink/model/lifetime.h"
#include "netlink/model/selector.h"
#include "netlink/model/stored_parts.h"

namespace xfrmd::xfrm {

enum class PolicyAction : std::uint8_t { Allow, Block };

// One transform that a packet must have had (in, forward) or will get (out).
struct Template {
    Address source;       // tunnel ends, or the hosts themselves in transport mode
    Address destination;
    IpsecProtocol protocol = IpsecProtocol::Esp;
    Mode mode = Mode::Transport;
    ReqId reqid{};
    EspSpi spi{};         // 0 = any
    bool optional = false;  // "level use": pass without an SA too
    auto operator<=>(const Template&) const = default;
};

// The kernel's key of a policy.
struct PolicyId {
    Selector selector;
    Direction direction = Direction::Out;
    Mark mark{};
    IfId if_id{};
    std::optional<SecurityContext> security_context = std::nullopt;
    auto operator<=>(const PolicyId&) const = default;
};

struct PolicySpec {
    PolicyId id;
    PolicyAction action = PolicyAction::Allow;
    std::uint32_t priority = 0;  // lowest number wins
    std::vector<Template> templates;  // empty and Allow = pass in clear; at most 6 (XFRM_MAX_DEPTH)
    auto operator<=>(const PolicySpec&) const = default;
};

struct PolicyInfo {
    PolicySpec spec;
    std::uint32_t index = 0;  // the kernel's own number
    LifetimeUsage usage;
};

}  // namespace xfrmd::xfrm
