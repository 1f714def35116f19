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

// This address of ours leads to the peer by now: it takes the place of the one that was not known, wherever that stands.
void take_address(ike::Connection& connection, const xfrm::Address& local);

// Warns of each connection that waits for an address of ours, with `waits_for_network`.
void warn_of_held_back(LoadedConfiguration& loaded, const Unroutable& unroutable);

}  // namespace xfrmd::daemon
