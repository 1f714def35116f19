// SPDX-License-Identifier: Apache-2.0
// What keeps strangers from costing us anything: stateless cookies and counts of half-open IKE SAs. RFC 7296 §2.6.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <map>
#include <optional>

#include "ike/ids.h"
#include "ike/policy/connection.h"
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

// Counts responder IKE SAs whose peer is not authenticated yet.
class HalfOpenCount {
  public:
    void add(const xfrm::Address& remote);
    void remove(const xfrm::Address& remote);
    [[nodiscard]] std::uint32_t total() const { return total_; }
    [[nodiscard]] std::uint32_t from(const xfrm::Address& remote) const;

  private:
    std::uint32_t total_ = 0;
    std::map<xfrm::Address, std::uint32_t> by_address_;
};

// What to do with a new IKE_SA_INIT request.
enum class Admission : std::uint8_t { Accept, AskForCookie, Refuse };
[[nodiscard]] Admission admit(const HalfOpenCount& count, const Limits& limits,
                              const xfrm::Address& remote, bool cookie_verified);

}  // namespace xfrmd::ike
