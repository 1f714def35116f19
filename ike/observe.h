// SPDX-License-Identifier: Apache-2.0
// The Host's state as a Snapshot.
#pragma once

#include "ike/core.h"
#include "ike/snapshot.h"

namespace xfrmd::ike {

[[nodiscard]] Snapshot observe(Core& core);

}  // namespace xfrmd::ike
