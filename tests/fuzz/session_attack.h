// SPDX-License-Identifier: Apache-2.0
// The hand of the attacker in the session fuzzer: takes the keys of any IKE SA that east and west
// share, and says in it what the input spells out.
#pragma once

#include <optional>
#include <vector>

#include "ike/wire/payload.h"
#include "tests/fuzz/byte_source.h"
#include "tests/sim/insider.h"
#include "tests/sim/scene.h"

namespace xfrmd::fuzz {

class SessionAttack {
  public:
    explicit SessionAttack(sim::Scene& scene);

    // How west's own host behaves: bit 0, its messages are altered; bit 1, nothing of it is sent;
    // the rest, how.
    void set_manners(std::uint8_t octet);
    // One datagram for east. Octets: which IKE SA; request, response or none of both; exchange; how
    // far the message id is off; then the payloads.
    void say(ByteSource& input);

  private:
    Bytes behave(ike::Core& core, Bytes sent);
    void learn(ike::Core& core, View octets);
    ike::IkeSa* any_ike_sa(ByteSource& input);
    ike::MessageCipher* cipher_for(ike::IkeSa& sa);
    std::vector<ike::Payload> payloads(ByteSource& input, ike::IkeSa& sa);
    ike::Payload payload(ByteSource& input, ike::IkeSa& sa);
    ike::Payload notification(ByteSource& input, xfrm::EspSpi spi);
    xfrm::EspSpi any_spi(ByteSource& input, ike::IkeSa& sa);
    void deliver(const ike::IkeSa& sa, Bytes octets);

    sim::Scene& scene_;
    std::optional<sim::Insider> insider_;
    bool is_silent_ = false;
    std::vector<ike::Payload> heard_;  // of both hosts: to be said again where it does not belong
    std::vector<Bytes> datagrams_;     // to be sent again as they are
};

}  // namespace xfrmd::fuzz
