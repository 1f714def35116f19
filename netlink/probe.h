// SPDX-License-Identifier: Apache-2.0
// What this kernel can do, found out by trying: SAs between addresses that route nowhere, made and
// removed again.
#pragma once

#include <string>
#include <vector>

#include "netlink/kernel.h"

namespace xfrmd::netlink {

// One thing that was tried.
struct Offer {
    xfrm::Family family = xfrm::Family::V4;
    xfrm::IpsecProtocol protocol = xfrm::IpsecProtocol::Esp;
    std::vector<std::string> algorithms;  // the kernel's names
    std::string missing;                  // what to load; empty if the kernel has it
    bool available() const { return missing.empty(); }
};

// Tries ESP with AES-GCM, ChaCha20-Poly1305 and AES-CBC with HMAC-SHA2, and AH with HMAC-SHA2, each
// for IPv4 and IPv6. Run it at start-up: the first SA of a boot makes the kernel load its modules,
// which takes a second or more that no handshake should wait for. An error is one that says nothing
// about algorithms (EPERM).
std::expected<std::vector<Offer>, xfrm::KernelError> probe(Kernel& kernel);

}  // namespace xfrmd::netlink
