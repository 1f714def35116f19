// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/linux_kernel.h"

#include <catch2/catch_test_macros.hpp>

#include <poll.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>
#include <variant>

#include "netlink/probe.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using namespace std::chrono_literals;

LinuxKernel::LinuxKernel() : kernel_{open()} {
    static_cast<void>(all_events());
}

netlink::Kernel LinuxKernel::open() {
    if (const std::string failed = enter_fresh_network(); !failed.empty()) FAIL(failed);
    auto kernel = netlink::Kernel::open();
    if (!kernel) FAIL(kernel.error().what);
    return std::move(*kernel);
}

KernelResult LinuxKernel::run(KernelRequest request) {
    // Through the pipelined way, which is the daemon's.
    constexpr netlink::Kernel::Token kToken = 7;
    kernel_.submit(kToken, std::move(request));
    for (;;) {
        pollfd entry{.fd = kernel_.request_fd(), .events = POLLIN, .revents = 0};
        REQUIRE(poll(&entry, 1, 30000) == 1);
        auto completed = kernel_.on_readable();
        if (completed.empty()) continue;
        REQUIRE(completed.size() == 1);
        REQUIRE(completed.front().first == kToken);
        return std::move(completed.front().second);
    }
}

std::vector<KernelEvent> LinuxKernel::all_events() {
    std::vector<KernelEvent> events;
    std::array<pollfd, 2> entries{
        pollfd{.fd = kernel_.event_fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = kernel_.route_event_fd(), .events = POLLIN, .revents = 0}};
    while (poll(entries.data(), entries.size(), 100) > 0)
        std::ranges::move(kernel_.on_events(), std::back_inserter(events));
    return events;
}

std::vector<KernelEvent> LinuxKernel::events() {
    auto events = all_events();
    std::erase_if(events, [](const KernelEvent& event) {
        return std::holds_alternative<AddressChanged>(event) ||
               std::holds_alternative<RouteChanged>(event);
    });
    return events;
}

void LinuxKernel::pass_time(std::chrono::milliseconds duration) {
    std::this_thread::sleep_for(duration);
}

void LinuxKernel::send_packet(const Address& destination) {
    send_datagram(destination);
}

void LinuxKernel::require_esp() {
    static const bool has = has_esp();
    if (has) return;
    if (std::filesystem::exists("/lab/guest/init"))
        FAIL("the guest's kernel has no ESP with AES-GCM");
    SKIP("this machine's kernel has no ESP with AES-GCM; the lab's guest has");
}

bool LinuxKernel::has_esp() {
    LinuxKernel kernel;
    const auto offers = netlink::probe(kernel.kernel());
    if (!offers) FAIL(offers.error().what);
    return std::ranges::any_of(*offers, [](const netlink::Offer& offer) {
        return offer.available() && offer.family == Family::V4 &&
               offer.algorithms.front() == "rfc4106(gcm(aes))";
    });
}

}  // namespace xfrmd::kernel_tests
