// SPDX-License-Identifier: Apache-2.0
// What keeps strangers from costing us anything: stateless cookies and counts of half-open IKE SAs. RFC 7296 §2.6.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "ike/ids.h"
#include "ike/policy/connection.h"
#include "ike/slot_map.h"
#include "ike/time.h"
#include "netlink/model/address.h"
#include "netlink/model/octets.h"
#include "netlink/model/secret.h"

namespace xfrmd::ike {

// Makes cookies and recognises its own, without remembering any.
class CookieJar {
  public:
    // What a cookie is bound to: who asks, from where, for which IKE SA.
    struct Subject {
        View nonce;
        xfrm::Endpoint remote;
        IkeSpi initiator_spi;
    };

    [[nodiscard]] Bytes make(Time now, Botan::RandomNumberGenerator& rng, const Subject& subject);
    // In constant time as far as the secret is concerned. A cookie lives from one to two periods.
    [[nodiscard]] bool verify(Time now, Botan::RandomNumberGenerator& rng, const Subject& subject,
                              View cookie);

    static constexpr Duration kPeriod = std::chrono::seconds{60};

  private:
    struct Key {
        std::uint8_t version = 0;
        Secret secret;
    };
    void rotate(Time now, Botan::RandomNumberGenerator& rng);
    static Bytes bake(const Key& key, const Subject& subject);

    std::optional<Time> rotated_;
    Key current_;
    Key previous_;
};

// IPv4 /24, IPv6 /56: what one site or one customer has, so that a flood from it counts as one.
[[nodiscard]] xfrm::Prefix network_of(const xfrm::Address& remote);

// Responder IKE SAs whose peer is not authenticated yet, by the network they came from.
class HalfOpenTable {
  public:
    void add(SaHandle sa, const xfrm::Address& remote);
    void remove(SaHandle sa);
    [[nodiscard]] std::size_t total() const { return entries_.size(); }
    [[nodiscard]] std::size_t from_network_of(const xfrm::Address& remote) const;

    // The IKE SA that has to go before one more from `remote` may come, if any: the oldest of that network where the
    // network has its full share, else the oldest of the network that has most. So nobody shuts out others.
    [[nodiscard]] std::optional<SaHandle> to_displace(const Limits& limits, const xfrm::Address& remote) const;

  private:
    struct Entry {
        xfrm::Prefix network;
        std::uint64_t number = 0;
    };
    using Network = std::map<std::uint64_t, SaHandle>;  // oldest first

    [[nodiscard]] std::optional<SaHandle> oldest_of(const xfrm::Prefix& network) const;

    std::map<SaHandle, Entry> entries_;
    std::map<xfrm::Prefix, Network> networks_;
    std::set<std::pair<std::size_t, xfrm::Prefix>> by_size_;  // the network that has most comes last
    std::uint64_t last_number_ = 0;
};

// Whether a new IKE_SA_INIT request from there must prove its address first. RFC 7296 §2.6
[[nodiscard]] bool wants_cookie(const HalfOpenTable& half_open, const Limits& limits,
                                const xfrm::Address& remote);

}  // namespace xfrmd::ike
