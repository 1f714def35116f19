// SPDX-License-Identifier: Apache-2.0
// What the kernel does with a packet on its way out. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "netlink/lookup/flow.h"
#include "netlink/lookup/policy_choice.h"
#include "netlink/lookup/sa_choice.h"
#include "netlink/lookup/verdict.h"

namespace xfrmd::lookup {

// What became of one template of the policy.
struct Resolution {
    enum class State : std::uint8_t {
        Found,
        Passed,   // optional, and there is no SA
        Missing,  // ends the search
        Untried,  // behind one that is missing
    };
    const xfrm::StoredTemplate* wanted = nullptr;
    // The ends of the SA that is wanted.
    xfrm::Address source;
    xfrm::Address destination;
    State state = State::Untried;
    SaChoice choice;
    // An acquire is sent for it.
    bool asked_for = false;
};

struct Outbound {
    Cause cause = Cause::NoPolicy;
    PolicyChoice policy;
    // One for each template of the winner, the innermost first.
    std::vector<Resolution> templates;
    // What the packet would meet may differ: see PolicyChoice and SaChoice.
    bool uncertain = false;

    [[nodiscard]] Verdict verdict() const { return verdict_of(cause); }
    // The SAs that are applied, the innermost first; empty unless protected.
    [[nodiscard]] std::vector<const xfrm::StoredSa*> sas() const;
};

// Pointers in the result lead into `tables`.
Outbound explain_outbound(const Flow& flow, const Tables& tables, const OutboundFacts& facts);

}  // namespace xfrmd::lookup
