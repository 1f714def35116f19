// SPDX-License-Identifier: Apache-2.0
// The kernel's numbers that the lookup knows by name. Not a public header.
#pragma once

#include <cstddef>
#include <cstdint>

namespace xfrmd::lookup {

inline constexpr std::uint8_t kTransportMode = 0;  // XFRM_MODE_TRANSPORT
inline constexpr std::uint8_t kTunnelMode = 1;     // XFRM_MODE_TUNNEL
inline constexpr std::uint8_t kBeetMode = 4;       // XFRM_MODE_BEET

inline constexpr std::uint8_t kAh = 51;         // IPPROTO_AH
inline constexpr std::uint8_t kOutboundSa = 2;  // XFRM_SA_DIR_OUT

// Policies may have XFRM_MAX_DEPTH templates; a packet meets an error from so many on.
inline constexpr std::size_t kTemplatesMax = 6;

// Modes whose SAs run between the ends that the template names.
constexpr bool has_ends(std::uint8_t mode) {
    return mode == kTunnelMode || mode == kBeetMode;
}

}  // namespace xfrmd::lookup
