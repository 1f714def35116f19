// SPDX-License-Identifier: Apache-2.0
// The children of a connection from their sections: what traffic they are for, and how it is protected.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

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
// The most children of one connection, those made by split_children counted each.
inline constexpr std::size_t kChildrenMax = 256;

// The children of the connection between these ends, in the order of the file; all but their
// reqids. Nothing if there are mistakes.
[[nodiscard]] std::optional<std::vector<ike::Child>> build_children(
    const ConnectionSection& connection, const xfrm::Address& local, const xfrm::Address& remote,
    Diagnostics& diagnostics);

}  // namespace xfrmd::daemon
