// SPDX-License-Identifier: Apache-2.0
// Which policy decides about a packet, and why the others do not. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "netlink/lookup/flow.h"

namespace xfrmd::lookup {

// Why a policy of the right direction does not decide about a packet.
enum class PolicyLost : std::uint8_t {
    Position,  // another one of the same priority comes first
    Priority,  // another one has a lower number
    Mark,
    IfId,
    Interface,
    SourcePort,
    DestinationPort,
    Protocol,
    Source,       // the destination fits
    Destination,  // the source fits
};

struct LosingPolicy {
    const xfrm::StoredPolicy* policy = nullptr;
    PolicyLost why = PolicyLost::Priority;
};

struct PolicyChoice {
    const xfrm::StoredPolicy* winner = nullptr;  // nothing: the default policy decides
    // Those of which at least one address fits; who came closest stands first.
    std::vector<LosingPolicy> losers;
    // Another one of the same priority may win: the kernel does not tell enough about the order in
    // which they entered its table. So it is when one of them has been replaced, or has an index
    // that somebody chose.
    bool uncertain = false;
};

// The policies of sockets do not take part; they are asked before these. Pointers lead into
// `tables`.
PolicyChoice choose_policy(const Flow& flow, xfrm::Direction direction, const Tables& tables);

// Whether a policy is in the table of this direction: neither a socket's nor a sub-policy.
bool is_of(const xfrm::StoredPolicy& policy, xfrm::Direction direction);
// Whether it drops what it is for.
bool blocks(const xfrm::StoredPolicy& policy);

}  // namespace xfrmd::lookup
