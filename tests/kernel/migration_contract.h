// SPDX-License-Identifier: Apache-2.0
// How a kernel moves SAs to other ends, and which own address it would send from.
#pragma once

#include "tests/kernel/kernel_contract.h"

namespace xfrmd::kernel_contract {

std::span<const Scenario> migration_scenarios();

}  // namespace xfrmd::kernel_contract
