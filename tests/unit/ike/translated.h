// SPDX-License-Identifier: Apache-2.0
// A pair with NATs in front of its hosts: what leaves one of them has another address, and at alice's another port, too.
#pragma once

#include <cstdint>

#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

enum class BehindNat : std::uint8_t { Alice, Bob, Both };

class Translated {
  public:
    // In tunnel mode, or in transport mode if `transport` is so. Each host is configured with what it sees of the other one.
    explicit Translated(BehindNat who = BehindNat::Alice, bool transport = false, xfrm::Family family = xfrm::Family::V4);

    Pair pair;
    std::uint16_t port = 20'000;    // of alice's NAT, for all that she sends; another one: the NAT has forgotten her
    xfrm::Address alice_outside;    // that of her NAT, which may change likewise
    xfrm::Address bob_outside;      // that of his, which hands on what comes for his ports; or his own without one

    void bring_up();
    // As its host shows it.
    [[nodiscard]] const IkeSaSnapshot& ike_sa(const Peer& peer);
    // What bob's kernel has of ESP in UDP, by direction.
    [[nodiscard]] std::uint16_t port_in_kernel(bool outbound) const;
    // An application's packet through both kernels and the NATs; true if the other application gets it. In transport mode it is
    // between the hosts, whatever ends are given. Bob's host hears what his kernel says of it.
    bool passes(Peer& from, std::uint8_t protocol = 1, std::uint16_t source_port = 8, std::uint16_t destination_port = 0);

  private:
    // What the other host sends to and gets from.
    [[nodiscard]] const xfrm::Address& outside_of(const Peer& peer) const {
        return &peer == &pair.alice ? alice_outside : bob_outside;
    }
    [[nodiscard]] bool is_behind(const Peer& peer) const { return who_ == BehindNat::Both || (who_ == BehindNat::Alice) == (&peer == &pair.alice); }
    [[nodiscard]] xfrm::Endpoint outwards(const Peer& from, const xfrm::Endpoint& source) const;
    [[nodiscard]] std::optional<xfrm::Endpoint> inwards(const Peer& to, const xfrm::Endpoint& destination, bool encapsulated) const;
    [[nodiscard]] bool translate(const Peer& to, Datagram& datagram) const;

    BehindNat who_;
    bool transport_;
    Snapshot shot_;
    std::uint64_t probe_ = 0;
};

}  // namespace xfrmd::test
