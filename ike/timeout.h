// SPDX-License-Identifier: Apache-2.0
// What happens when an IKE SA's time has come.
#pragma once

#include <optional>

#include "ike/core.h"

namespace xfrmd::ike {

// Runs every timer of the IKE SA that is due. The IKE SA may be gone afterwards.
void on_timeout(Core& core, IkeSa& sa);

// The earliest timer of all and its name.
[[nodiscard]] std::optional<Deadline> earliest_deadline(Core& core);

}  // namespace xfrmd::ike
