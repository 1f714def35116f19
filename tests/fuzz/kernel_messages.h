// SPDX-License-Identifier: Apache-2.0
// Datagrams as the kernel sends them, of every kind that our decoders know.
#pragma once

#include <vector>

#include "netlink/model/octets.h"

namespace xfrmd::fuzz {

[[nodiscard]] std::vector<Bytes> kernel_messages();

}  // namespace xfrmd::fuzz
