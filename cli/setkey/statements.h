// SPDX-License-Identifier: Apache-2.0
// From entries of the kernel's tables back to statements about them. Pure.
#pragma once

#include <string>

#include "cli/setkey/language/ast.h"
#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"

namespace xfrmd::setkey {

// An interface by its number, as -dev has it: "eth0". Whoever has no names may write the number.
using InterfaceName = std::string (*)(std::uint32_t index);
[[nodiscard]] std::string interface_number(std::uint32_t index);

[[nodiscard]] statement::Delete deletion_of(const xfrm::SaId& id);
[[nodiscard]] statement::SpdDelete deletion_of(const xfrm::PolicyId& id, InterfaceName name);
// With the algorithms but without their keys, which are empty.
[[nodiscard]] statement::Add addition_of(const xfrm::SaSpec& sa);
[[nodiscard]] statement::SpdAdd addition_of(const xfrm::PolicySpec& policy, InterfaceName name);

}  // namespace xfrmd::setkey
