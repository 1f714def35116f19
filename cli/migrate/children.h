// SPDX-License-Identifier: Apache-2.0
// A pair of policies, `out` and its `in` twin, as the child of a connection.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/migrate/model.h"
#include "cli/migrate/policy.h"

namespace xfrmd::migrate {

// The two hosts between which a policy protects.
struct Ends {
    std::optional<xfrm::Address> local;  // nothing: whatever address of ours packets have
    xfrm::Address remote;
};

// Why no connection can be made of a policy.
struct Refusal {
    std::string why;  // a sentence
    // A connection with serve_acquires can negotiate for it while it stays in the kernel.
    bool can_be_served = false;
};

// As they are, if they can be those of a connection.
[[nodiscard]] std::expected<Ends, Refusal> checked(const Ends& ends);

// Of an outbound policy.
[[nodiscard]] std::expected<Ends, Refusal> ends_of(const Policy& out);

// Without name and algorithms.
[[nodiscard]] std::expected<Child, Refusal> child_of(const Policy& out);

// True if traffic may pass in clear where there is no SA: a request of level use.
[[nodiscard]] bool may_be_clear(const Policy& policy);

}  // namespace xfrmd::migrate
