// SPDX-License-Identifier: Apache-2.0
// The peer gets packets of an SA that it does not have. RFC 7296 §1.5: inside an IKE SA its word is worth a check.
#include <catch2/catch_test_macros.hpp>

#include "ike/child_offer.h"
#include "ike/core.h"
#include "ike/sealed_message.h"
#include "ike/wire/messages.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

const ChildSa& child_of_alice(Pair& pair) { return ike_sa_of(pair.alice).children.front(); }

Notify invalid_spi(Bytes data) {
    Notify notify = make_notify(NotifyType::InvalidSpi);
    notify.data = std::move(data);
    return notify;
}

// Bob says so in the IKE SA.
void complain(Pair& pair, Bytes data) {
    Core& core = core_of(*pair.bob.host);
    IkeSa& sa = ike_sa_of(pair.bob);
    sa.outgoing = outgoing::Asking{};
    send_request(core, sa, ExchangeType::Informational, std::array<Payload, 1>{invalid_spi(std::move(data))});
    Effects effects = std::exchange(core.effects, {});
    for (Effect& effect : effects)
        if (auto* transmit = std::get_if<Transmit>(&effect))
            pair.input(pair.alice, Datagram{{transmit->path.remote, transmit->path.local, transmit->path.encapsulated},
                                            std::move(transmit->octets)});
}

// As bob knows the SA that alice sends with.
Bytes spi_in_use(Pair& pair) { return spi_octets(child_of_alice(pair).outbound.spi); }

// Bob has lost his child, as if somebody had taken it out of his kernel and his daemon.
void lose_child(Pair& pair) {
    IkeSa& sa = ike_sa_of(pair.bob);
    xfrm::RemoveSas gone;
    for (const ChildSa& child : sa.children) gone.sas.insert(gone.sas.end(), {child.inbound, child.outbound});
    static_cast<void>(pair.bob.kernel.run(std::move(gone)));
    sa.children.clear();
}

}  // namespace

TEST_CASE("a child that the peer does not have any more is made again", "[ike][invalid_spi]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(20s);
    const Bytes lost = spi_in_use(pair);
    lose_child(pair);
    complain(pair, lost);
    pair.pass(10s);
    CHECK(pair.both_up());
    CHECK(spi_in_use(pair) != lost);
    CHECK(pair.alice.kernel_sas() == 2);
    CHECK(pair.bob.kernel_sas() == 2);
}

TEST_CASE("a child that the peer has after all gets new keys, and no packet is lost", "[ike][invalid_spi]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(20s);
    const Bytes before = spi_in_use(pair);
    complain(pair, before);
    pair.pass(10s);
    CHECK(spi_in_use(pair) != before);
    CHECK(count<ChildRekeyed>(pair.alice) == 1);
    CHECK(count<ChildDown>(pair.alice) == 0);
}

TEST_CASE("a peer that complains all the time gets new keys once in ten seconds", "[ike][invalid_spi]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(20s);
    for (int i = 0; i < 100; ++i) {
        complain(pair, spi_in_use(pair));
        pair.pass(1s);
    }
    CHECK(count<ChildRekeyed>(pair.alice) >= 5);
    CHECK(count<ChildRekeyed>(pair.alice) <= 11);
}

TEST_CASE("nothing follows from a complaint about what was just made, is going, or is not there", "[ike][invalid_spi]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    complain(pair, spi_in_use(pair));  // its packets may have been faster than its SA
    complain(pair, {0, 0, 0, 1});
    complain(pair, {});
    complain(pair, Bytes(5, 1));
    complain(pair, spi_octets(child_of_alice(pair).inbound.spi));
    pair.pass(20s);
    CHECK(count<ChildRekeyed>(pair.alice) == 0);
    const Bytes old = spi_in_use(pair);
    pair.input(pair.alice, rekey(false, true));
    complain(pair, old);
    pair.pass(20s);
    CHECK(count<ChildRekeyed>(pair.alice) == 1);
    CHECK(pair.both_up());
}

TEST_CASE("outside of an IKE SA INVALID_SPI is counted, and never answered", "[ike][invalid_spi]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(20s);
    const auto [initiator, responder] = std::pair{ike_sa_of(pair.alice).initiator_spi, ike_sa_of(pair.alice).responder_spi};
    const auto sent = pair.alice.sent.size();
    std::uint64_t told = 0;
    // With any SPIs, those of the IKE SA too; as the initiator or not.
    for (const auto& [left, right] : {std::pair{IkeSpi{0}, IkeSpi{0}}, {IkeSpi{7}, IkeSpi{9}}, {IkeSpi{7}, IkeSpi{0}}, {initiator, responder}})
        for (const bool from_initiator : {true, false}) {
            Header header;
            header.initiator_spi = left;
            header.responder_spi = right;
            header.exchange = ExchangeType::Informational;
            header.initiator = from_initiator;
            const auto octets = write_message(header, std::array<Payload, 1>{invalid_spi(spi_in_use(pair))});
            pair.input(pair.alice, Datagram{{{pair.alice.address, 500}, {pair.bob.address, 500}, false}, octets});
            CHECK(pair.alice.dropped(Dropped::UnprotectedHint) == ++told);
        }
    pair.pass(5s);
    CHECK(pair.alice.sent.size() == sent);
    CHECK(count<ChildRekeyed>(pair.alice) == 0);
    CHECK(pair.both_up());
}

}  // namespace xfrmd::test
