// SPDX-License-Identifier: Apache-2.0
// IP packets as octets: made for a flow, put through SAs as a peer would, and read back from the
// wire. ESP is that of the null cipher without integrity, so that no cipher is needed to make one
// or to look into one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "netlink/lookup/flow.h"
#include "netlink/model/octets.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::kernel_tests {

// The key of every AH SA, for hmac(sha1) truncated to 96 bits.
Bytes ah_key();

// What follows the transport header of every packet: which case it belongs to.
Bytes tag_octets(std::uint32_t tag);

// The tag at the end of these octets.
std::optional<std::uint32_t> tag_of(View octets);

// The packet of a flow, with its tag. Protocols without ports get eight octets of no meaning.
Bytes make_packet(const lookup::Flow& flow, std::uint32_t tag);
// From the transport header on, for raw sockets that add the IP header themselves.
Bytes make_payload(const lookup::Flow& flow, std::uint32_t tag);

// The packet after this SA has been applied to it; the null cipher or hmac(sha1).
Bytes protect(const Bytes& packet, const xfrm::StoredSa& sa);

// A packet as it was seen.
struct SeenPacket {
    std::vector<xfrm::EspSpi> spis;  // of the ESP and AH headers, the outermost first
    lookup::Flow inner;              // addresses, protocol and ports
    std::optional<std::uint32_t> tag;
};

// Nothing if it is no IP packet, or ends too early.
std::optional<SeenPacket> read_packet(View packet);

}  // namespace xfrmd::kernel_tests
