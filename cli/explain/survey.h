// SPDX-License-Identifier: Apache-2.0
// What the host says about a packet: its tables, its routes, its settings, its counters. Everything
// that an answer follows from, read once.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/explain/question.h"
#include "netlink/lookup/flow.h"
#include "netlink/model/kernel.h"

namespace xfrmd::explain {

// From where the packet comes, and where it goes to.
enum class Journey : std::uint8_t {
    Out,      // from this host to another one
    In,       // from another one to this host
    Through,  // from one to another, by way of this host
    Loop,     // from this host to itself
};

// One counter of /proc/net/xfrm_stat.
struct Counter {
    std::string name;
    std::uint64_t value = 0;
    auto operator<=>(const Counter&) const = default;
};

struct Survey {
    Journey journey = Journey::Out;
    lookup::Flow flow;  // its interface is that of the way out, or the loopback interface
    // Names of the interfaces that the packet comes in by, and leaves by; empty where it does not.
    std::string comes_by;
    std::string leaves_by;

    std::vector<xfrm::StoredPolicy> policies;
    std::vector<xfrm::StoredSa> sas;
    xfrm::DefaultPolicies defaults;
    std::uint32_t sa_buckets = 0;
    std::uint64_t now = 0;
    // Entries of the tables that could not be read.
    std::size_t unreadable = 0;

    lookup::OutboundFacts outbound;
    lookup::InboundFacts inbound;
    // net.core.xfrm_larval_drop: packets that wait for an SA are dropped; otherwise they are kept.
    bool larval_drop = true;

    std::vector<Counter> counters;  // empty on a kernel that keeps none

    [[nodiscard]] lookup::Tables tables() const {
        return {policies, sas, defaults, sa_buckets, now};
    }
};

// Needs CAP_NET_ADMIN for the tables: EPERM. ENODEV for an interface that there is none of,
// ENETUNREACH where no route leads.
[[nodiscard]] std::expected<Survey, xfrm::KernelError> survey(const Question& question);

[[nodiscard]] std::vector<Counter> read_counters();

// How far each has moved; those that have not are left out.
[[nodiscard]] std::vector<Counter> moved(const std::vector<Counter>& before,
                                         const std::vector<Counter>& after);

}  // namespace xfrmd::explain
