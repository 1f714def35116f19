// SPDX-License-Identifier: Apache-2.0
// What the kernel's refusals mean, in words that say what to do.
#pragma once

#include <string>
#include <string_view>

#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// One refusal as the kernel states it.
struct Refusal {
    int error_number = 0;  // a positive errno
    std::string text;      // extack, may be empty
    bool lost = false;  // the answer was lost (overrun): whether the request took effect is unknown
};

// "ESP SA 192.0.2.1 -> 192.0.2.2 SPI 0x00001000"
std::string name_of(const xfrm::SaId& id);
// "out policy 10.1.0.0/16 -> 10.2.0.0/16"
std::string name_of(const xfrm::PolicyId& id);

// Names the object and, where the kernel lacks a protocol or an algorithm, the module that has it.
xfrm::KernelError explain(const Refusal& refusal, const xfrm::SaSpec& spec);
xfrm::KernelError explain(const Refusal& refusal, const xfrm::PolicySpec& spec);
xfrm::KernelError explain(const Refusal& refusal, const xfrm::AllocateSpi& request);
// For the migration of what this policy asks for.
xfrm::KernelError explain_migration(const Refusal& refusal, const xfrm::PolicyId& policy);
// For a request about `object` ("the dump of all SAs").
xfrm::KernelError explain(const Refusal& refusal, std::string_view object);

// Which module and which kernel option provide an algorithm by its kernel name; empty if not known.
std::string module_of(std::string_view algorithm);

}  // namespace xfrmd::netlink
