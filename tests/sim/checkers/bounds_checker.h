// SPDX-License-Identifier: Apache-2.0
// Whatever peers do, a host keeps within the limits of its configuration and within reason.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "ike/core.h"

namespace xfrmd::sim {

// After a step. `outstanding`: jobs and kernel requests that the driver still owes an answer.
[[nodiscard]] std::optional<std::string> check_bounds(ike::Core& core, const ike::Effects& effects,
                                                      std::size_t outstanding);

}  // namespace xfrmd::sim
