// SPDX-License-Identifier: Apache-2.0
// Who the hosts are: addresses, configuration, credentials, and the traffic that is theirs. Each has a connection to
// each other one.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ike/auth/credentials.h"
#include "ike/policy/connection.h"
#include "netlink/model/policy_spec.h"
#include "tests/sim/model/packet.h"
#include "tests/sim/options.h"

namespace xfrmd::sim {

// Hosts are numbered from 0. Of two the lower one is the east end of their connection: Options names things by end.
using HostIndex = std::size_t;
inline constexpr std::size_t kHostsMax = 5;
const char* host_name(HostIndex host);

struct Site {
    HostIndex host = 0;
    std::string name;
    xfrm::Address address;                  // for IKE and ESP, as the host itself has it
    xfrm::Address public_address;           // the same as the others see it: that of its NAT, if there is one
    std::vector<xfrm::Address> addresses;   // all of its own, the inner one of a tunnel too
    xfrm::Address traffic;                  // where its probes come from
    xfrm::Address other_traffic;            // the same for the second child, which protects TCP between hosts
    xfrm::Address public_traffic;           // where the others send theirs: in transport mode a NAT changes that, too
    xfrm::Address public_other_traffic;
    std::shared_ptr<const ike::Configuration> configuration;  // what is protected, whoever installs the policies
    std::set<std::string> served;           // the connections whose policies somebody else installs
    std::vector<xfrm::PolicySpec> others_policies;  // those, as they are from the start
    std::unique_ptr<ike::CredentialStore> credentials;
};

Site make_site(const Options& options, HostIndex host);

// What the daemon is told of a connection whose policies it only serves.
ike::Connection as_pattern(const ike::Connection& connection);

// The connection that wants this packet protected when it leaves the site (or arrives there, `inbound`); null if none.
const ike::Connection* protector(const ike::Configuration& configuration, const Packet& packet, bool inbound);

// The same configuration with something changed in every connection that does not keep the ends from agreeing: in every other one
// of these only in the children after the first.
std::shared_ptr<const ike::Configuration> changed(const ike::Configuration& configuration);

// Seconds since 1970 at the start of each simulation.
std::int64_t wall_seconds_at_start();

}  // namespace xfrmd::sim
