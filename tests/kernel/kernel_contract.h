// SPDX-License-Identifier: Apache-2.0
// The contract between us and an XFRM kernel, as scenarios. The real kernel and the simulator's
// kernel model run the same ones, so that the model cannot drift from what Linux does.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "netlink/model/kernel.h"

namespace xfrmd::kernel_contract {

// The world every scenario starts in: no SA, no policy, no event pending. The host under test owns
// 192.0.2.1/24 and 2001:db8::1/64; 192.0.2.2, 192.0.2.3 and 2001:db8::2 are on the link.
class KernelUnderTest {
  public:
    virtual ~KernelUnderTest() = default;

    // Carries out one request and waits for its result.
    virtual xfrm::KernelResult run(xfrm::KernelRequest request) = 0;

    // The XFRM events since the last call, oldest first. What a previous call of run(), pass_time()
    // or send_packet() caused is among them.
    virtual std::vector<xfrm::KernelEvent> events() = 0;

    // Lets so much time go by: the real kernel sleeps, the model moves its clock and runs its
    // timers.
    virtual void pass_time(std::chrono::milliseconds duration) = 0;

    // The host under test sends one UDP datagram to port 9 of this address. Whether it leaves, in
    // clear or protected, or is dropped, is the kernel's affair.
    virtual void send_packet(const xfrm::Address& destination) = 0;

    // How long a reserved SPI or an unanswered acquire stays (net.core.xfrm_acq_expires); at least
    // 1 s.
    virtual std::chrono::seconds reservation_lifetime() = 0;
};

// What a scenario needs of the kernel. A kernel without ESP still keeps policies.
enum class Needs : std::uint8_t { Policies, SecurityAssociations };

// One clause of the contract. `run` checks with Catch2's REQUIRE and CHECK.
struct Scenario {
    std::string_view name;  // a sentence
    Needs needs = Needs::SecurityAssociations;
    void (*run)(KernelUnderTest& kernel) = nullptr;
};

// All of them. Each wants a fresh kernel. Typical use, in one TEST_CASE:
//     for (const Scenario& scenario : scenarios())
//         DYNAMIC_SECTION(scenario.name) { FreshKernel kernel; scenario.run(kernel); }
std::vector<Scenario> scenarios();

}  // namespace xfrmd::kernel_contract
