// SPDX-License-Identifier: Apache-2.0
// Other tools that write racoon's configuration and policies: which they are, and what to do with
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/migrate/facts.h"

namespace xfrmd::migrate {

// By its text: racoon-tool.conf of Debian, ifcfg-ipsecN and keys-ipsecN of Red Hat,
// /etc/config/racoon of OpenWrt. Nothing: none of them, or one that says nothing.
[[nodiscard]] std::optional<FrontEnd> recognise_front_end(const std::string& file,
                                                          std::string_view text);

}  // namespace xfrmd::migrate
