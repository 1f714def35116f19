// SPDX-License-Identifier: Apache-2.0
// Children whose traffic is the same or overlaps without a winner.
#pragma once

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

}  // namespace xfrmd::daemon
