// SPDX-License-Identifier: Apache-2.0
// Every IKE SA has something that will end or move it: a timer, a job, or a kernel request. RFC 7296 leaves it to us that
// none is forgotten.
#pragma once

#include <optional>
#include <string>

#include "ike/core.h"

namespace xfrmd::sim {

[[nodiscard]] std::optional<std::string> check_no_zombies(ike::Core& core);

}  // namespace xfrmd::sim
