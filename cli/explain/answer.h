// SPDX-License-Identifier: Apache-2.0
// What becomes of the packet: one step for each lookup on its way. Pure.
#pragma once

#include <optional>
#include <vector>

#include "cli/exit_code.h"
#include "cli/explain/survey.h"
#include "netlink/lookup/inbound.h"
#include "netlink/lookup/outbound.h"

namespace xfrmd::explain {

// Whether the packet may come in.
struct Arrival {
    xfrm::Direction direction = xfrm::Direction::In;  // or Forward
    // Of the packet in clear, and of the packet as its policy wants it. The latter is there if the
    // former is not let in and all SAs that it takes are there.
    lookup::Inbound in_clear;
    std::optional<lookup::Inbound> as_wanted;
    lookup::Expectations expected;

    [[nodiscard]] lookup::Cause cause() const {
        return as_wanted ? as_wanted->cause : in_clear.cause;
    }
    [[nodiscard]] const lookup::PolicyChoice& policy() const { return in_clear.policy; }
};

struct Answer {
    lookup::Verdict verdict = lookup::Verdict::Clear;
    lookup::Cause cause = lookup::Cause::NoPolicy;
    bool cause_is_outbound = false;  // it is that of `departure`
    // What stands first on the packet's way stands first here, but for a packet from this host to
    // itself, which leaves before it arrives.
    std::optional<Arrival> arrival;
    std::optional<lookup::Outbound> departure;
};

// Pointers in the answer lead into `survey`.
[[nodiscard]] Answer answer(const Survey& survey);

[[nodiscard]] cli::ExitCode exit_code_of(lookup::Verdict verdict);

}  // namespace xfrmd::explain
