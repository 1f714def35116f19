// SPDX-License-Identifier: Apache-2.0
// [limits] and [ike]: what holds for the whole host, whoever the peer is.
#pragma once

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/document.h"
#include "ike/policy/connection.h"

namespace xfrmd::daemon {

// Each reads what is written into `limits`, or into `options`, and leaves the rest as it is. A value out of its range is
// told.
void read_limits(const Value& table, ike::Limits& limits, Diagnostics& diagnostics);
void read_ike_options(const Value& table, ike::IkeOptions& options, Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
