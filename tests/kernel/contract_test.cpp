// SPDX-License-Identifier: Apache-2.0
// The kernel contract on the kernel that this program runs on.
#include <catch2/catch_test_macros.hpp>

#include "tests/kernel/kernel_contract.h"
#include "tests/kernel/linux_kernel.h"

namespace xfrmd::kernel_tests {

TEST_CASE("Linux keeps the kernel contract for policies", "[kernel]") {
    for (const auto& scenario : kernel_contract::scenarios()) {
        if (scenario.needs != kernel_contract::Needs::Policies) continue;
        DYNAMIC_SECTION(scenario.name) {
            LinuxKernel kernel;
            scenario.run(kernel);
        }
    }
}

TEST_CASE("Linux keeps the kernel contract for security associations", "[kernel][esp]") {
    LinuxKernel::require_esp();
    for (const auto& scenario : kernel_contract::scenarios()) {
        if (scenario.needs != kernel_contract::Needs::SecurityAssociations) continue;
        DYNAMIC_SECTION(scenario.name) {
            LinuxKernel kernel;
            scenario.run(kernel);
        }
    }
}

}  // namespace xfrmd::kernel_tests
