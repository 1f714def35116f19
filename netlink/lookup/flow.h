// SPDX-License-Identifier: Apache-2.0
// What is asked of the kernel's lookup, and what decides it: one packet, the two tables, and the
// few facts beside them. Values only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "netlink/model/address.h"
#include "netlink/model/default_policies.h"
#include "netlink/model/ids.h"
#include "netlink/model/stored_policy.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::lookup {

// One packet as the lookup sees it: what stands in its headers when nothing protects it. Ports in
// host byte order.
struct Flow {
    xfrm::Address source;
    xfrm::Address destination;
    std::uint8_t protocol = 0;
    // ICMP: the type. GRE: the upper half of the key. MH: its type.
    std::uint16_t source_port = 0;
    // ICMP: the code. GRE: the lower half of the key.
    std::uint16_t destination_port = 0;
    std::uint32_t mark = 0;
    // Of the xfrm interface that it goes through; 0 = none.
    xfrm::IfId if_id{};
    // The one that a selector's interface is compared with: where the packet leaves, or the
    // loopback interface when it is for this host. 0 for what this host sends over IPv6 from a
    // socket that is not bound to an interface.
    std::uint32_t interface_index = 0;

    xfrm::Family family() const { return destination.family(); }
    auto operator<=>(const Flow&) const = default;
};

// Both tables, each in the order of a dump: the youngest first.
struct Tables {
    std::span<const xfrm::StoredPolicy> policies;
    std::span<const xfrm::StoredSa> sas;
    xfrm::DefaultPolicies defaults;
    // Buckets of the kernel's table of SAs (XFRM_MSG_GETSADINFO), a power of two; 8 in a fresh
    // network namespace.
    std::uint32_t sa_buckets = 8;
    // Seconds since 1970: SAs past a soft limit of time are the second choice.
    std::uint64_t now = 0;
};

// The way between the ends of a tunnel, from a route lookup.
struct TunnelPath {
    xfrm::Address source;  // unspecified = the kernel chooses
    xfrm::Address destination;
    bool reachable = false;  // there is a route, and `source` may be used on it
    xfrm::Address chosen;    // the source that the kernel takes where the template names none
};

// What decides the way out, beside the tables.
struct OutboundFacts {
    // The packet leaves by the loopback interface: the default policy does not apply to it.
    bool loopback = false;
    // The packet came from another host.
    bool forwarded = false;
    // net.ipv4.conf.{all,INTERFACE}.disable_xfrm of the interface that the packet leaves by. There
    // is none for IPv6.
    bool xfrm_disabled = false;
    // Somebody listens for acquires.
    bool key_manager = true;
    // One for each pair of ends of the policies' tunnel templates, and of the SAs that may serve
    // them; a missing one counts as reachable.
    std::vector<TunnelPath> paths{};
};

// What decides whether a packet may come in, beside the tables.
struct InboundFacts {
    // net.ipv{4,6}.conf.{all,INTERFACE}.disable_policy of the interface by which the packet came
    // in; for an IPv6 packet to this host, of the one that owns the address.
    bool policy_disabled = false;
};

}  // namespace xfrmd::lookup
