// SPDX-License-Identifier: Apache-2.0
// What is wanted is replaced as a whole; what did not change in it goes on.
#pragma once

#include "ike/core.h"

namespace xfrmd::ike {

// Replaces what is wanted. New policies go in before old ones come out; connections that did not change keep
// everything, and those that changed in some children keep the others. The command is answered when the kernel has answered
// about every policy.
void configure(Core& core, CommandId id, Configure what);
// One reply less to wait for; answers the Configure command if it was the last.
void configure_answered(Core& core, CommandId id);

}  // namespace xfrmd::ike
