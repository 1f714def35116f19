// SPDX-License-Identifier: Apache-2.0
// One request over a socket of its own, waited for. For start-up and tools. Not a public header.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string_view>

#include "netlink/socket.h"

namespace xfrmd::netlink {

// False if it was not readable in time.
bool wait_readable(int fd, std::chrono::steady_clock::time_point until);
KernelError timed_out();

// Hands each part of the answer to `take`, and Again, until the answer ends or `take` says false.
// Refusals are told about `object` ("dump of own addresses"). ETIMEDOUT if the kernel says nothing
// for `silence_max`.
std::expected<void, KernelError> converse(Bus bus, Message message, std::string_view object,
                                          std::chrono::milliseconds silence_max,
                                          const std::function<bool(const Reply&)>& take);

}  // namespace xfrmd::netlink
