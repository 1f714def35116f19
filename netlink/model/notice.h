// SPDX-License-Identifier: Apache-2.0
// Everything that the kernel's XFRM tells without being asked, for who watches it. KernelEvent has
// the part of it that the daemon acts on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::xfrm {

namespace notice {

// A packet hit a policy and found no SA.
struct Acquire {
    std::uint32_t sequence = 0;
    std::uint8_t protocol = 0;  // of the SA that is wanted
    EspSpi spi{};
    Address source;
    Address destination;
    Selector packet;
    StoredPolicy policy;
};

enum class Change : std::uint8_t { Added, Updated, Deleted };

struct SaChanged {
    Change change = Change::Added;
    StoredSa sa;
};

// Its algorithms are not told.
struct SaExpired {
    StoredSa sa;
    bool hard = false;
};

struct SasFlushed {
    std::uint8_t protocol = 0;  // 255 = ESP, AH and IPComp; 0 = all
};

struct PolicyChanged {
    Change change = Change::Added;
    StoredPolicy policy;
};

struct PolicyExpired {
    StoredPolicy policy;
    bool hard = false;
};

struct PoliciesFlushed {
    std::uint8_t type = 0;  // XFRM_POLICY_TYPE_…
};

// What becomes of packets that no policy is about: XFRM_USERPOLICY_…, 1 block, 2 accept.
struct DefaultsChanged {
    std::uint8_t in = 0;
    std::uint8_t forward = 0;
    std::uint8_t out = 0;
};

// Sequence numbers and counters of an SA, told as often as was asked for (XFRM_MSG_NEWAE).
struct CountersTold {
    Address source;
    Address destination;
    std::uint8_t protocol = 0;
    EspSpi spi{};
    Mark mark{};
    ReqId reqid{};
    std::uint32_t flags = 0;  // XFRM_AE_…: what is told, and why
    std::optional<ReplayState> replay;
    std::optional<LifetimeUsage> usage;
    std::optional<std::uint32_t> replay_threshold;  // packets
    std::optional<std::uint32_t> timer_threshold;   // tenths of a second
};

// A packet of Mobile IPv6 that found no state.
struct Report {
    std::uint8_t protocol = 0;
    Selector packet;
    std::optional<Address> care_of;
};

// The ends of one template, and of its SA, moved.
struct MigrationStep {
    std::uint8_t protocol = 0;
    std::uint8_t mode = 0;
    ReqId reqid{};
    Address old_source;
    Address old_destination;
    Address new_source;
    Address new_destination;
    auto operator<=>(const MigrationStep&) const = default;
};
struct Migrated {
    Selector selector;
    std::uint8_t direction = 0;
    std::uint8_t type = 0;
    std::vector<MigrationStep> steps;
    std::optional<StoredEncapsulation> encapsulation;
};

// Packets of an SA of ESP in UDP come from elsewhere.
struct MappingChanged {
    Address destination;
    std::uint8_t protocol = 0;
    EspSpi spi{};
    Mark mark{};
    ReqId reqid{};
    Endpoint before;
    Endpoint after;
};

// A message that is not known, or one that cannot be read.
struct Other {
    std::uint16_t type = 0;  // XFRM_MSG_…
    std::size_t size = 0;    // octets of its payload
    std::string why;         // empty for an unknown type
};

// The kernel had more to tell than was read in time.
struct Lost {};

}  // namespace notice

using Notice =
    std::variant<notice::Acquire, notice::SaChanged, notice::SaExpired, notice::SasFlushed,
                 notice::PolicyChanged, notice::PolicyExpired, notice::PoliciesFlushed,
                 notice::DefaultsChanged, notice::CountersTold, notice::Report, notice::Migrated,
                 notice::MappingChanged, notice::Other, notice::Lost>;

}  // namespace xfrmd::xfrm
