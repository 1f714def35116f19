// SPDX-License-Identifier: Apache-2.0
// The kernel's SAs and policies without the daemon: in the shape of its replies, but without the
// owners, whom only the daemon knows.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "netlink/model/kernel.h"

namespace xfrmd::cli {

enum class KernelTable : std::uint8_t { Sas, Policies };

// Hands out {"sa":{…}} or {"policy":{…}} for each entry, on a line with its newline, until `take`
// says false. Needs CAP_NET_ADMIN.
std::expected<void, xfrm::KernelError> for_each_reply(
    KernelTable table, const std::function<bool(const std::string& line)>& take);

}  // namespace xfrmd::cli
