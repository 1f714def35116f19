// SPDX-License-Identifier: Apache-2.0
// Whether the kernel takes a packet that came in, and through which SAs it would. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/lookup/flow.h"
#include "netlink/lookup/policy_choice.h"
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

// What a peer that protects the packet as its policy asks would send it through.
struct ExpectedPath {
    SecurityPath path;
    // The places of the required templates for which there is no SA.
    std::vector<std::size_t> missing;
};

// Takes the youngest SA for each template of the winner.
ExpectedPath expected_path(const Flow& flow, const xfrm::StoredPolicy& policy,
                           const Tables& tables);

}  // namespace xfrmd::lookup
