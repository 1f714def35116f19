// SPDX-License-Identifier: Apache-2.0
// A network namespace of its own for every test, with the world that the kernel contract describes.
#pragma once

#include <string>

#include "netlink/model/address.h"

namespace xfrmd::kernel_tests {

// Moves the calling thread into a fresh network namespace whose interface "lan0" (a veth without
// neighbours) owns 192.0.2.1/24 and 2001:db8::1/64, and where an unanswered acquire lapses after
// one second. Empty on success, otherwise what failed.
std::string enter_fresh_network();

// Writes one of the namespace's sysctls ("net/core/xfrm_acq_expires").
bool set_sysctl(const std::string& name, const std::string& value);

// Sends one UDP datagram to port 9. What becomes of it is not reported: being dropped is part of
// the game.
void send_datagram(const xfrm::Address& destination);

// Waits until the interface passes packets on: what is sent in the first moment after `link set up` is lost. False after ten
// seconds in vain.
bool wait_for_link(const std::string& interface);

// Runs the `ip` command, quietly; true if it succeeded.
bool ip(const std::string& arguments);

}  // namespace xfrmd::kernel_tests
