// SPDX-License-Identifier: Apache-2.0
// A NAT in front of one host: mappings and filters as RFC 4787 names them, that expire, and may be lost at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "ike/time.h"
#include "tests/sim/model/network.h"
#include "tests/sim/prng.h"

namespace xfrmd::sim {

// RFC 4787 §4.1 and §5: what of the other end a mapping, or a filter, depends on.
enum class NatDependence : std::uint8_t { EndpointIndependent, AddressDependent, AddressAndPortDependent };

struct NatBehaviour {
    NatDependence mapping = NatDependence::EndpointIndependent;
    NatDependence filtering = NatDependence::AddressAndPortDependent;
    ike::Duration lifetime = std::chrono::minutes{2};  // without a packet from inside, RFC 4787 §4.3
    bool keeps_ports = false;                          // while they are free
};

class Nat {
  public:
    // The host inside has `inside`, and is seen as `outside`.
    Nat(Prng prng, NatBehaviour behaviour, xfrm::Address inside, xfrm::Address outside);

    // A frame on its way out, as it leaves the NAT. Nothing: it does not pass, as ESP that is not in UDP.
    std::optional<Frame> outward(ike::Time now, Frame frame);
    // A frame for the outside address, as the host inside gets it. Nothing: filtered.
    std::optional<Frame> inward(ike::Time now, Frame frame);
    // Forgets every mapping, as after a restart: what comes next gets another port.
    void rebind();

    [[nodiscard]] const xfrm::Address& outside() const { return outside_; }
    [[nodiscard]] const xfrm::Address& inside() const { return inside_; }

  private:
    struct Mapping {
        std::uint16_t inside_port = 0;
        xfrm::Endpoint remote;  // whom it was made for
        std::map<xfrm::Endpoint, ike::Time> sent_to;
        ike::Time refreshed;
    };

    static bool alike(NatDependence dependence, const xfrm::Endpoint& left, const xfrm::Endpoint& right);
    void expire(ike::Time now);
    std::uint16_t port_for(ike::Time now, std::uint16_t inside_port, const xfrm::Endpoint& remote);

    Prng prng_;
    NatBehaviour behaviour_;
    xfrm::Address inside_;
    xfrm::Address outside_;
    std::map<std::uint16_t, Mapping> mappings_;  // by outside port
};

}  // namespace xfrmd::sim
