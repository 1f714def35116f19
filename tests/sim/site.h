// SPDX-License-Identifier: Apache-2.0
// Who the two hosts are: addresses, configuration, credentials, and the traffic that is theirs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ike/auth/credentials.h"
#include "ike/policy/connection.h"
#include "tests/sim/model/packet.h"
#include "tests/sim/options.h"

namespace xfrmd::sim {

enum class Side : std::uint8_t { East, West };
constexpr Side other(Side side) { return side == Side::East ? Side::West : Side::East; }

struct Site {
    std::string name;
    xfrm::Address address;                  // for IKE and ESP
    std::vector<xfrm::Address> addresses;   // all of its own, the inner one of a tunnel too
    xfrm::Address traffic;                  // where its probes come from
    std::shared_ptr<const ike::Configuration> configuration;
    std::unique_ptr<ike::CredentialStore> credentials;
};

Site make_site(const Options& options, Side side);

// Whether the configuration wants this packet protected when it leaves the site (or arrives there, `inbound`).
bool wants_protection(const ike::Configuration& configuration, const Packet& packet, bool inbound);

// Seconds since 1970 at the start of each simulation.
std::int64_t wall_seconds_at_start();

}  // namespace xfrmd::sim
