// SPDX-License-Identifier: Apache-2.0
// Children whose traffic is the same or overlaps without a winner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/sections.h"
#include "ike/policy/connection.h"

namespace xfrmd::daemon {

// The kernel keeps one policy for a selector, so the same traffic in two children is a mistake.
// Where two overlap with the same priority, which one wins depends on the order of loading: that is
// warned about.
void check_overlaps(const std::vector<ike::Connection>& connections, const Sections& sections,
                    Diagnostics& diagnostics);

// The same of connections whose files are not at hand. What two of them have in common, as the loader would tell it, if it
// would refuse them: `connections "a" and "b" are for the same traffic: …`.
[[nodiscard]] std::optional<std::string> same_traffic(const std::vector<ike::Connection>& connections);

}  // namespace xfrmd::daemon
