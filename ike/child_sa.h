// SPDX-License-Identifier: Apache-2.0
// One CHILD_SA: what was agreed, what the kernel holds of it, and the policies that ask for it.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ike/crypto/keymat.h"
#include "ike/crypto/suite.h"
#include "ike/event.h"
#include "ike/io.h"
#include "ike/policy/connection.h"
#include "ike/policy/traffic_selector.h"
#include "ike/snapshot.h"
#include "netlink/model/kernel.h"

namespace xfrmd::ike {

// IPComp inside a child, which the kernel has SAs of its own for. Their SPIs are CPIs of 16 bits. RFC 3173 §2.1
struct CompressionSas {
    xfrm::SaId inbound;
    xfrm::SaId outbound;
};

struct ChildSa {
    std::string name;
    ChildPhase phase = ChildPhase::Active;
    Role role = Role::Initiator;  // ours in the exchange that made it
    xfrm::Mode mode = xfrm::Mode::Transport;
    xfrm::ReqId reqid;
    EspSuite suite;
    xfrm::SaId inbound;    // the peer sends with this
    xfrm::SaId outbound;   // we send with this
    std::optional<CompressionSas> compression;
    TrafficSelectorList local;
    TrafficSelectorList remote;
    bool encapsulated = false;
    Path path;             // where the kernel has it; the ports count if it is encapsulated
    Time placed;           // since when
    Time since;
    std::uint64_t packets_seen = 0;  // inbound, at the last look: liveness follows traffic

    std::optional<xfrm::EspSpi> replaces;             // our inbound SPI of the child it was made to replace
    std::vector<xfrm::SaSpec> outbound_to_come;       // AwaitingSwitch: not in the kernel yet
    std::optional<RequestId> switching;               // the kernel is asked to take it
    std::optional<RequestId> looking;                 // the kernel is asked whether the peer sends with it
    std::optional<Time> rekey_at;
    std::optional<Time> expires_at;
    bool announced = false;                           // people were told that it is up, and not that it ended
    std::optional<Time> phase_ends_at;                // when we do not wait any longer for the peer, or for packets

    // All SAs of one direction, and of both: the outbound ones first, as they are to be removed.
    [[nodiscard]] std::vector<xfrm::SaId> inbound_sas() const;
    [[nodiscard]] std::vector<xfrm::SaId> outbound_sas() const;
    [[nodiscard]] std::vector<xfrm::SaId> all_sas() const;
    // 0: it does not compress.
    [[nodiscard]] xfrm::EspSpi inbound_cpi() const { return compression ? compression->inbound.spi : xfrm::EspSpi{}; }

    // What the kernel should have of it.
    [[nodiscard]] bool has_inbound() const { return phase != ChildPhase::Deleting; }
    [[nodiscard]] bool has_outbound() const {
        return phase == ChildPhase::Active || phase == ChildPhase::Superseded;
    }
    // It carries traffic, or will as soon as the peer lets it.
    [[nodiscard]] bool is_in_use() const {
        return phase == ChildPhase::Active || phase == ChildPhase::AwaitingSwitch;
    }
};

// The kernel's SAs for `child`, the inbound ones first; those replace the SPIs that were reserved. `role`: ours in the exchange
// that made the keys. `acquire_sequence`: of the acquire this answers, or 0.
[[nodiscard]] xfrm::InstallSas install_request(const ChildSa& child, const ChildKeys& keys, Role role,
                                               const Child& wanted, std::uint32_t acquire_sequence);

// RFC 3948: the ends of the UDP flow are those of IKE.
[[nodiscard]] xfrm::UdpEncapsulation encapsulation(const Path& path, bool outwards);

// The other child of the bundle, as it is configured; null if `child` is in none.
[[nodiscard]] const Child* find_partner(const Connection& connection, const Child& child);

// out, in and (tunnel) forward for every pair of selectors: what makes clear packets of a protected peer be dropped and
// the first packet raise an acquire. Those of a bundle stand with its inner child. Error: a sentence.
[[nodiscard]] std::expected<std::vector<xfrm::PolicySpec>, std::string> policies_for(
    const Connection& connection, const Child& child);


// The selector that the SA itself must be limited to, if any: what narrowing has left, where that is less than the policies ask
// for and one pair; and in transport mode through a NAT the two hosts. A NAT may get another address, and what came from there
// out of the SA would be answered in clear, since the policies are for the address that it had.
[[nodiscard]] std::optional<xfrm::Selector> narrowed_selector(const ChildSa& child, const Child& wanted);

}  // namespace xfrmd::ike
