// SPDX-License-Identifier: Apache-2.0
// Connections that cannot be negotiated yet because this host has no address or route towards their
// peer. The core blocks their traffic until then.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/configuration/load.h"

namespace xfrmd::daemon {

// Why there is no address of ours towards a peer, for people.
using Unroutable = std::map<xfrm::Address, std::string>;

// As in LoadEnvironment.
using LocalAddressFor = std::function<std::expected<xfrm::Address, std::string>(const xfrm::Address& remote)>;

// Of a configuration that was loaded before: wherever an address of ours leads to a peer by now, it takes the place of the one that
// was not known. Not where two connections would come to be for the same traffic, which the loader refuses. Why others go on to wait.
[[nodiscard]] Unroutable take_addresses(std::vector<ike::Connection>& connections,
                                        const LocalAddressFor& local_address_for);

// Warns of each connection that waits for an address of ours, with `waits_for_network`.
void warn_of_held_back(LoadedConfiguration& loaded, const Unroutable& unroutable);

}  // namespace xfrmd::daemon
