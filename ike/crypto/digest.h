// SPDX-License-Identifier: Apache-2.0
// SHA-1, for the two places where IKEv2 wants it as a name, not for security.
#pragma once

#include <array>
#include <cstdint>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

// RFC 7296 §2.23 (NAT detection) and §3.7 (names of certification authorities).
[[nodiscard]] std::array<std::uint8_t, 20> sha1(View octets);

}  // namespace xfrmd::ike
