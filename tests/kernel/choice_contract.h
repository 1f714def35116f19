// SPDX-License-Identifier: Apache-2.0
// A part of the contract of kernel_contract.h: which SA a packet takes.
#pragma once

#include "tests/kernel/kernel_contract.h"

namespace xfrmd::kernel_contract {

std::span<const Scenario> choice_scenarios();

}  // namespace xfrmd::kernel_contract
