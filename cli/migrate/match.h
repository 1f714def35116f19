// SPDX-License-Identifier: Apache-2.0
// Which remote and which sainfo racoon would have taken.
#pragma once

#include <optional>

#include "cli/migrate/policy.h"
#include "cli/racoon/configuration.h"
#include "netlink/model/address.h"

namespace xfrmd::migrate {

// The traffic of one child, seen from this host.
struct Traffic {
    xfrm::Prefix local;
    xfrm::Prefix remote;
    std::uint8_t protocol = 0;
    std::optional<std::uint16_t> local_port;
    std::optional<std::uint16_t> remote_port;
};

[[nodiscard]] Traffic traffic_of(const Policy& out);

// The block of this address, else the anonymous one. Null: none.
[[nodiscard]] const racoon::Remote* find_remote(const racoon::Configuration& configuration,
                                                const xfrm::Address& peer);

// racoon compares exactly: a network that contains another one is not it. Both ends named come
// before one, one before none. Null: none.
[[nodiscard]] const racoon::Sainfo* find_sainfo(const racoon::Configuration& configuration,
                                                const Traffic& traffic,
                                                const racoon::Remote& remote);

}  // namespace xfrmd::migrate
