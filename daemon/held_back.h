// SPDX-License-Identifier: Apache-2.0
// Connections that cannot be loaded yet because this host has no address or route towards their
// peer. They must not keep the others from being protected.
#pragma once

#include <map>
#include <string>

#include "daemon/configuration/load.h"

namespace xfrmd::daemon {

// Why there is no address of ours towards a peer, for people.
using Unroutable = std::map<xfrm::Address, std::string>;

// Takes out the connections whose local address is unspecified, and warns of each with
// `waits_for_network`.
[[nodiscard]] LoadedConfiguration hold_back(LoadedConfiguration loaded,
                                            const Unroutable& unroutable);

}  // namespace xfrmd::daemon
