// SPDX-License-Identifier: Apache-2.0
// What stored SAs and stored policies have in common.
#pragma once

#include <cstdint>
#include <string>

#include "netlink/model/secret.h"

namespace xfrmd::xfrm {

// XFRMA_SEC_CTX: the label of a security module. Domain 1 is Linux's modules, algorithm 1 SELinux.
struct SecurityContext {
    std::uint8_t domain = 0;  // "doi"
    std::uint8_t algorithm = 0;
    // Octets of the label as the kernel counts them, with the NUL at its end; 0 where we ask for it.
    std::uint16_t length = 0;
    std::string label;  // without that
    auto operator<=>(const SecurityContext&) const = default;
};

// XFRMA_OFFLOAD_DEV: which device takes the work. `flags` are XFRM_OFFLOAD_….
struct Offload {
    std::uint32_t interface_index = 0;
    std::uint8_t flags = 0;
    auto operator<=>(const Offload&) const = default;
};

// An attribute of a message that nothing else is known of. Who knows what it holds: its octets are
// kept, like keys, only for those who ask for keys.
struct OtherAttribute {
    std::uint16_t type = 0;
    std::size_t size = 0;
    Secret octets;
};

}  // namespace xfrmd::xfrm
