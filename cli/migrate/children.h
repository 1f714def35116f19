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

// Of an outbound policy. The error is a sentence why xfrmd cannot make a connection of it.
[[nodiscard]] std::expected<Ends, std::string> ends_of(const Policy& out);

// Without name and algorithms; the error as above.
[[nodiscard]] std::expected<Child, std::string> child_of(const Policy& out);

// True if traffic may pass in clear where there is no SA: a request of level use.
[[nodiscard]] bool may_be_clear(const Policy& policy);

}  // namespace xfrmd::migrate
