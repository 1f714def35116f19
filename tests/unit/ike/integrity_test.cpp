// SPDX-License-Identifier: Apache-2.0
// Each bit of the integrity check value of each sealed message of every exchange, changed on the
// way.
#include <catch2/catch_test_macros.hpp>

#include <set>

#include "ike/core.h"
#include "tests/unit/ike/every_exchange.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kIcvBits = 128;  // of AES-GCM with 16 octets, RFC 5282 §8

// Sends each datagram with each bit of its integrity check value changed before it sends it as it
// is.
class Forger {
  public:
    explicit Forger(Pair& pair) : pair_{pair} {
        pair.wire = [this](const Peer& to, Datagram& datagram) {
            forge_all(&to == &pair_.alice ? pair_.alice : pair_.bob, datagram);
            return true;
        };
    }

    std::set<ExchangeType> exchanges;
    std::uint64_t forged = 0;

  private:
    void forge_all(Peer& victim, const Datagram& datagram) {
        const auto header = parse_header(datagram.octets);
        const bool is_sealed = header->next_payload == PayloadType::Encrypted ||
                               header->next_payload == PayloadType::EncryptedFragment;
        if (!is_sealed || is_forging_) return;
        exchanges.insert(header->exchange);
        const std::uint64_t before = victim.dropped(Dropped::IntegrityFailed);
        forged += kIcvBits;
        let_agree(victim, datagram);
        for (std::size_t bit = 1; bit < kIcvBits; ++bit) {
            const Effects effects = victim.host->step(pair_.now, with_bit_changed(datagram, bit));
            REQUIRE(effects.empty());
        }
        CHECK(victim.dropped(Dropped::IntegrityFailed) == before + kIcvBits);
    }

    // A responder has no keys before the first message that is sealed: for this one it works them
    // out, and then sees that the message is none of its peer's.
    void let_agree(Peer& victim, const Datagram& datagram) {
        const std::size_t sas = victim.kernel_sas();
        is_forging_ = true;
        pair_.input(victim, with_bit_changed(datagram, 0));
        is_forging_ = false;
        CHECK(victim.kernel_sas() == sas);
    }

    static Datagram with_bit_changed(Datagram datagram, std::size_t bit) {
        datagram.octets[datagram.octets.size() - 1 - bit / 8] ^=
            static_cast<std::uint8_t>(1U << bit % 8);
        return datagram;
    }

    Pair& pair_;
    bool is_forging_ = false;
};

}  // namespace

TEST_CASE("no bit of an integrity check value may change, in any exchange", "[ike][negative]") {
    HybridPair pair;
    Forger forger{pair};
    pair.up(pair.alice);
    renew(pair);
    pair.down(pair.alice);
    CHECK(pair.alice.kernel_sas() + pair.bob.kernel_sas() == 0);
    CHECK(forger.exchanges == std::set{ExchangeType::IkeAuth, ExchangeType::CreateChildSa,
                                       ExchangeType::Informational, ExchangeType::IkeIntermediate,
                                       ExchangeType::IkeFollowupKe});
    CHECK(pair.alice.dropped(Dropped::IntegrityFailed) +
              pair.bob.dropped(Dropped::IntegrityFailed) ==
          forger.forged);
}

}  // namespace xfrmd::test
