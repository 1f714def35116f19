// SPDX-License-Identifier: Apache-2.0
// Whether the kernel takes a packet that came in, and through which SAs it would. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/lookup/flow.h"
#include "netlink/lookup/policy_choice.h"
#include "netlink/lookup/sa_choice.h"
#include "netlink/lookup/verdict.h"

namespace xfrmd::lookup {

// The SAs that a packet came through, in the order of their opening: the outermost first.
using SecurityPath = std::vector<const xfrm::StoredSa*>;

struct Inbound {
    Cause cause = Cause::NoPolicy;
    PolicyChoice policy;
    // The template that was not met, by its place in the policy; the last ones are met first.
    std::optional<std::size_t> unmet;

    [[nodiscard]] Verdict verdict() const { return verdict_of(cause); }
    [[nodiscard]] bool uncertain() const { return policy.uncertain; }
};

// `direction` is In or Forward, `flow` the packet as it is when all SAs of `path` are taken off.
// Pointers in the result lead into `tables`.
Inbound check_inbound(const Flow& flow, xfrm::Direction direction, const SecurityPath& path,
                      const Tables& tables, const InboundFacts& facts);

// What one template of a policy asks of a packet that comes in.
struct Expectation {
    const xfrm::StoredTemplate* wanted = nullptr;
    // The ends between which a peer would protect the packet.
    xfrm::Address source;
    xfrm::Address destination;
    const xfrm::StoredSa* sa = nullptr;  // the youngest that serves
    // The others with this destination; who came closest stands first.
    std::vector<LosingSa> losers;
};

// What a policy asks of a packet: one for each template, the innermost first.
struct Expectations {
    std::vector<Expectation> templates;

    // The SAs through which a peer that protects the packet so sends it, the outermost first.
    [[nodiscard]] SecurityPath path() const;
    // A template that is required has no SA.
    [[nodiscard]] bool lacks_any() const;
};

// Takes the youngest SA for each template. Pointers lead into `tables`.
Expectations expectations(const Flow& flow, const xfrm::StoredPolicy& policy, const Tables& tables);

}  // namespace xfrmd::lookup
