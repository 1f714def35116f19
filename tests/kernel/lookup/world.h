// SPDX-License-Identifier: Apache-2.0
// Tables, flows and settings drawn from a seed: overlapping, contradictory and incomplete on
// purpose.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/lookup/flow.h"
#include "netlink/model/default_policies.h"
#include "netlink/model/policy_spec.h"
#include "netlink/model/sa_spec.h"
#include "tests/kernel/lookup/wire.h"
#include "tests/sim/prng.h"

namespace xfrmd::kernel_tests {

// An SA and when it claims to have been added, in seconds since 1970, so that no test waits for one
// to be older than another.
struct DrawnSa {
    xfrm::SaSpec spec;
    std::uint64_t add_time = 0;
    std::uint8_t direction = 0;  // XFRM_SA_DIR_…; 0 = none
};

struct Settings {
    xfrm::DefaultPolicies defaults;
    // By side: net.ipv4.conf.IF.disable_xfrm, net.ipv{4,6}.conf.IF.disable_policy.
    std::array<bool, 2> disable_xfrm{};
    std::array<bool, 2> disable_policy{};
};

enum class WorldKind : std::uint8_t {
    // Every policy asks for a transform of its own reqid, and none is there: who wins shows in what
    // is asked for.
    Policies,
    Everything,
};

struct World {
    WorldKind kind = WorldKind::Everything;
    // In the order of their installation; one whose id is taken replaces the policy that stands
    // there.
    std::vector<xfrm::PolicySpec> policies;
    std::vector<DrawnSa> sas;
    Settings settings;
};

// What of the draw depends on the host.
struct Interfaces {
    std::uint32_t west = 0;
    std::uint32_t east = 0;
};

World draw_world(sim::Prng& prng, const Interfaces& interfaces, std::uint64_t now);

// From where a packet comes and where it goes to; Loop: from the host to itself.
enum class Way : std::uint8_t { Out, In, Through, Loop };

// A flow of this way that one of the world's policies or SAs may be meant for; without an
// interface, which follows from the way.
lookup::Flow draw_flow(sim::Prng& prng, const World& world, Way way);

}  // namespace xfrmd::kernel_tests
