// SPDX-License-Identifier: Apache-2.0
// How a child is protected: protocol, algorithms, replay window, lifetime.
#pragma once

#include <optional>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/sections.h"
#include "ike/policy/connection.h"

namespace xfrmd::daemon {

// Fills that part of `child`. What `own` (of the child) leaves out is as `shared` (of its connection)
// says, then as by default. A connection without [[….child]] has the same for both. Mistakes are
// told.
void build_protection(const ProtectionSection& own, const ProtectionSection& shared,
                      ike::Child& child, Diagnostics& diagnostics);

// serve_acquires = true: with which algorithms. Mistakes are told.
[[nodiscard]] ike::Served build_served(const ProtectionSection& section, Diagnostics& diagnostics);

// transforms = ["esp", "ah"]: the child with AH that goes around `inner`, which then is one of a
// bundle. `local` and `remote` are the ends of the connection. Nothing if there is to be none, or
// mistakes are told by build_protection().
[[nodiscard]] std::optional<ike::Child> build_outer(const ProtectionSection& own,
                                                    const ProtectionSection& shared,
                                                    ike::Child& inner, const xfrm::Address& local,
                                                    const xfrm::Address& remote,
                                                    Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
