// SPDX-License-Identifier: Apache-2.0
// How a child is protected: protocol, algorithms, replay window, lifetime.
#pragma once

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/sections.h"
#include "ike/policy/connection.h"

namespace xfrmd::daemon {

// Fills that part of `child`. What `own` (of the child) leaves out is as `shared` (of its connection)
// says, then as by default. A connection without [[….child]] has the same for both. Mistakes are
// told.
void build_protection(const ProtectionSection& own, const ProtectionSection& shared,
                      ike::Child& child, Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
