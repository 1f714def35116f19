// SPDX-License-Identifier: Apache-2.0
// A peer made by hand: it has the keys of an IKE SA with one host, and says in it what no host of
// ours would.
#pragma once

#include <string_view>
#include <vector>

#include "ike/crypto/keymat.h"
#include "ike/crypto/message_cipher.h"
#include "ike/wire/messages.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

// Takes the place of the other host of the pair. Whatever the victim sends is kept, not delivered.
class Outsider {
  public:
    Outsider(Pair& pair, Peer& victim);

    // IKE_SA_INIT with the victim as responder, or as initiator; `proposal` in words, one choice
    // only. The keys are there afterwards.
    void initiate(std::string_view proposal);
    void respond(std::string_view proposal);

    // Sends a request, or the response to the victim's last request, under the next message id.
    void say(ExchangeType exchange, std::vector<Payload> payloads);
    // Another message id than the next.
    void say(ExchangeType exchange, MessageId id, std::vector<Payload> payloads);

    // What the victim has said since; nothing if it was silent.
    [[nodiscard]] std::vector<Payload> heard();
    [[nodiscard]] std::size_t unheard() const { return sent_.size(); }
    // Sends a datagram as it is.
    void throw_at_victim(Bytes octets);

    // Uses the keys that come of an additional key exchange too.
    void switch_keys(View shared_secret);
    [[nodiscard]] Bytes share_of(KeyExchangeMethod method);  // and keeps the private one
    [[nodiscard]] Secret agree(KeyExchangeMethod method, View peer_share);

  private:
    [[nodiscard]] bool initiator() const { return role_ == Role::Initiator; }
    void take_keys(IkeKeys keys);

    Pair& pair_;
    Peer& victim_;
    Role role_ = Role::Initiator;
    IkeSuite suite_;
    IkeSpi initiator_spi_{0x1111};
    IkeSpi responder_spi_{0x2222};
    Bytes initiator_nonce_ = Bytes(32, 7);
    Bytes responder_nonce_ = Bytes(32, 9);
    Secret private_share_;
    Secret sk_d_;
    std::optional<MessageCipher> sealing_;
    std::optional<MessageCipher> opening_;
    MessageId next_{1};
    sim::SimulatedRandom random_{sim::Prng{99}};
    std::vector<Datagram> sent_;
};

}  // namespace xfrmd::test
