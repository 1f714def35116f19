// SPDX-License-Identifier: Apache-2.0
// What traffic a child of a connection is for, from its section.
#pragma once

#include <optional>

#include "daemon/configuration/diagnostics.h"
#include "daemon/configuration/sections.h"
#include "daemon/configuration/traffic.h"
#include "ike/policy/connection.h"
#include "netlink/model/address.h"

namespace xfrmd::daemon {

// The name of the child of a connection that has no [[….child]].
inline constexpr std::string_view kOnlyChild = "main";
// The most policies that one child may need in each direction.
inline constexpr std::size_t kSelectorsMax = 256;

// The one child of the connection between these ends: name, mode, selectors and priority. Nothing
// if it has mistakes.
[[nodiscard]] std::optional<ike::Child> build_child(const ConnectionSection& connection,
                                                    const xfrm::Address& local,
                                                    const xfrm::Address& remote,
                                                    Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
