// SPDX-License-Identifier: Apache-2.0
// Connections that cannot be negotiated yet because this host has no address or route towards their
// peer. The core blocks their traffic until then.
#pragma once

#include <map>
#include <string>

#include "daemon/configuration/load.h"

namespace xfrmd::daemon {

// Why there is no address of ours towards a peer, for people.
using Unroutable = std::map<xfrm::Address, std::string>;

// Warns of each connection that waits for an address of ours, with `waits_for_network`.
void warn_of_held_back(LoadedConfiguration& loaded, const Unroutable& unroutable);

}  // namespace xfrmd::daemon
