// SPDX-License-Identifier: Apache-2.0
// When SAs are made anew, as it is written.
#pragma once

#include <optional>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/sections.h"
#include "ike/policy/lifetimes.h"
#include "ike/time.h"

namespace xfrmd::daemon {

// rekey = { time = "1h", bytes = "64GiB", packets = 1000000 }; what is left out is as by default.
// Mistakes are told.
[[nodiscard]] ike::RekeyLimits rekey_limits(const RekeySection& section, Diagnostics& diagnostics);

// "4h", or "never", which is zero. `what` names it in sentences: "ike_rekey". Nothing if it is
// refused with a diagnostic.
[[nodiscard]] std::optional<ike::Duration> lifetime(const Text& written, std::string_view what,
                                                    Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
