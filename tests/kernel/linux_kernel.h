// SPDX-License-Identifier: Apache-2.0
// The real kernel as the contract sees it.
#pragma once

#include <chrono>
#include <vector>

#include "netlink/kernel.h"
#include "tests/kernel/kernel_contract.h"

namespace xfrmd::kernel_tests {

// Enters a fresh network namespace and opens the kernel there; fails the test if either does not
// work.
class LinuxKernel final : public kernel_contract::KernelUnderTest {
  public:
    LinuxKernel();

    xfrm::KernelResult run(xfrm::KernelRequest request) override;
    std::vector<xfrm::KernelEvent> events() override;  // those of XFRM
    void pass_time(std::chrono::milliseconds duration) override;
    void send_packet(const xfrm::Address& destination) override;
    std::chrono::seconds reservation_lifetime() override { return std::chrono::seconds{1}; }

    // Every event, routing's included, once nothing more comes for a moment.
    std::vector<xfrm::KernelEvent> all_events();
    netlink::Kernel& kernel() { return kernel_; }

    // Skips the test, visibly, on a machine whose kernel has no ESP with AES-GCM. In the lab's
    // guest, which has it, its absence is a failure.
    static void require_esp();

  private:
    static bool has_esp();
    static netlink::Kernel open();
    netlink::Kernel kernel_;
};

}  // namespace xfrmd::kernel_tests
