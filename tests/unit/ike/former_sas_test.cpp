// SPDX-License-Identifier: Apache-2.0
// A restart: what a former run has left in the kernel carries the traffic until it is negotiated anew.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <utility>

#include "ike/policy/default_proposals.h"
#include "ike/wire/header.h"
#include "tests/unit/ike/pair.h"
#include "tests/unit/ike/translated.h"

namespace xfrmd::test {

namespace {

sim::Packet ping(const Peer& from, const Peer& to) {
    return {.source = from.address, .destination = to.address, .protocol = 1, .source_port = 8};
}

// A packet of `from` arrives at `to`, protected.
bool arrives(Peer& from, Peer& to) {
    const auto packet = from.kernel.output(ping(from, to));
    if (!packet) return false;
    const auto delivered = to.kernel.input(*packet);
    return delivered && delivered->was_protected;
}

struct PairThatIsUp : Pair {
    PairThatIsUp() {
        alice.connection.start = Start::OnTraffic;
        configure();
        up(alice);
        REQUIRE(both_up());
    }
};

ConnectionSnapshot link(const Peer& peer) { return peer.host->snapshot().connections.front(); }

}  // namespace

TEST_CASE("traffic passes in both directions at every step of a restart", "[ike]") {
    PairThatIsUp pair;
    const auto before = spis(pair.alice);
    std::size_t lost = 0;
    const auto probe = [&] {
        if (!arrives(pair.alice, pair.bob)) ++lost;
        if (!arrives(pair.bob, pair.alice)) ++lost;
    };
    pair.wire = [&](const Peer&, Datagram&) {
        probe();
        return true;
    };
    pair.alice.restart();
    probe();
    pair.configure(pair.alice);
    probe();
    CHECK(lost == 0);
    CHECK(pair.both_up());
    // Each sends with the new child alone.
    for (const auto& sa : pair.alice.kernel.sas())
        if (sa.spec.id.destination == pair.bob.address) CHECK_FALSE(before.contains(sa.spec.id.spi.value));
    CHECK(link(pair.alice).ike_sas.size() == 1);
}

TEST_CASE("after a restart nothing is left of the former run, at neither end", "[ike]") {
    PairThatIsUp pair;
    const auto before = spis(pair.alice);
    pair.alice.restart();
    pair.configure(pair.alice);
    CHECK(link(pair.alice).kept_sas.size() == 1);  // for packets that are late
    pair.pass(std::chrono::seconds{20});
    // Bob has learnt by alice's token that the old IKE SA is gone.
    CHECK(link(pair.bob).ike_sas.size() == 1);
    CHECK(pair.bob.kernel_sas() == 2);
    pair.pass(std::chrono::minutes{2});
    CHECK(link(pair.alice).kept_sas.empty());
    CHECK(pair.alice.kernel_sas() == 2);
    for (const std::uint32_t spi : spis(pair.alice)) CHECK_FALSE(before.contains(spi));
    CHECK(arrives(pair.alice, pair.bob));
    CHECK(arrives(pair.bob, pair.alice));
}

TEST_CASE("a passive connection that was up begins itself to be up again", "[ike]") {
    PairThatIsUp pair;
    pair.bob.restart();  // passive
    pair.configure(pair.bob);
    CHECK(pair.both_up());
    CHECK(link(pair.bob).ike_sas.front().role == Role::Initiator);
}

TEST_CASE("if the peer cannot be reached but by its own requests, its next one begins anew", "[ike]") {
    PairThatIsUp pair;
    pair.bob.restart();
    pair.wire = [&](const Peer& to, Datagram& datagram) { return &to != &pair.alice || datagram.octets[18] != 34 || datagram.octets[19] != 8; };
    pair.configure(pair.bob);
    CHECK(arrives(pair.alice, pair.bob));
    CHECK(arrives(pair.bob, pair.alice));
    // Her question is answered with the token once ours has failed.
    pair.pass(std::chrono::minutes{3});
    static_cast<void>(pair.alice.kernel.output(ping(pair.alice, pair.bob)));
    for (auto& event : pair.alice.kernel.take_events()) pair.input(pair.alice, KernelEvent{std::move(event)});
    CHECK(pair.both_up());
    pair.pass(std::chrono::minutes{1});
    CHECK(link(pair.bob).kept_sas.empty());
    CHECK(pair.bob.kernel_sas() == 2);
}

TEST_CASE("a peer that begins anew without a word of what it has lost is sent the new child soon", "[ike]") {
    PairThatIsUp pair;
    pair.bob.restart();  // with such a record it announces no INITIAL_CONTACT, but its kernel has lost all
    xfrm::RemoveSas all;
    for (const auto& sa : pair.bob.kernel.sas()) all.sas.push_back(sa.spec.id);
    REQUIRE(pair.bob.kernel.run(std::move(all)).has_value());
    // It asks for nothing after that.
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool informational = datagram.octets[18] == std::to_underlying(ExchangeType::Informational);
        const bool request = (datagram.octets[19] & 0x20) == 0;
        return &to != &pair.alice || !informational || !request;
    };
    pair.configure(pair.bob);
    pair.pass(std::chrono::seconds{2});
    CHECK(arrives(pair.alice, pair.bob));
    CHECK(arrives(pair.bob, pair.alice));
    CHECK(link(pair.alice).ike_sas.size() == 1);  // she has asked about the one that bob has lost
}

TEST_CASE("a peer that answers a renewed connection sends with the new child when it knows that we can receive", "[ike]") {
    PairThatIsUp pair;
    pair.alice.restart();
    // The answer to IKE_AUTH is lost: alice cannot have the new child, and bob goes on with the old one.
    bool lose = true;
    pair.wire = [&](const Peer& to, Datagram& datagram) { return !(lose && &to == &pair.alice && datagram.octets[18] == 35); };
    pair.configure(pair.alice);
    CHECK(arrives(pair.bob, pair.alice));
    CHECK(arrives(pair.alice, pair.bob));
    lose = false;
    pair.pass(std::chrono::seconds{2});
    CHECK(pair.both_up());
    CHECK(arrives(pair.bob, pair.alice));
}

TEST_CASE("what serves no child of ours is taken out", "[ike]") {
    PairThatIsUp pair;
    pair.alice.restart();
    SECTION("its child is gone") { pair.alice.connection.children.front().reqid = {4711}; }
    SECTION("its peer is elsewhere") {
        pair.alice.connection.remote = xfrm::Address::v4(0xc0000263);
        pair.alice.connection.children.front().remote = {AddressRange::of(xfrm::Prefix::host(pair.alice.connection.remote))};
    }
    pair.configure(pair.alice);
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("while a peer does not answer, it is tried again, and its traffic goes on", "[ike]") {
    PairThatIsUp pair;
    pair.alice.restart();
    pair.wire = [&](const Peer&, Datagram&) { return false; };
    pair.configure(pair.alice);
    pair.pass(std::chrono::minutes{10});
    CHECK(link(pair.alice).kept_sas.size() == 2);
    CHECK(pair.alice.kernel.output(ping(pair.alice, pair.bob)));
    CHECK((link(pair.alice).next_attempt || !link(pair.alice).ike_sas.empty()));
    pair.pass(std::chrono::minutes{55});
    CHECK(link(pair.alice).kept_sas.empty());
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("a peer that fails to prove who it is keeps nothing", "[ike]") {
    PairThatIsUp pair;
    pair.alice.restart();
    pair.alice.credentials = CredentialStore{};
    REQUIRE(pair.alice.credentials.add_secret("link", Secret{as_view("another secret of some length")}));
    pair.configure(pair.alice);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK_FALSE(arrives(pair.alice, pair.bob));
}

// Seed 801: it was told of the restart, and has none of them any more.
TEST_CASE("a peer that refuses the child keeps nothing", "[ike]") {
    PairThatIsUp pair;
    pair.alice.restart();
    pair.alice.connection.children.front().proposals = {parse_proposal(ProtocolId::Esp, "aes256gcm16").value()};
    pair.bob.connection.children.front().proposals = {parse_proposal(ProtocolId::Esp, "aes128gcm16").value()};
    pair.wire = [](const Peer&, Datagram&) { return false; };
    pair.configure(pair.bob);
    pair.wire = [](const Peer&, Datagram&) { return true; };
    pair.configure(pair.alice);
    CHECK(pair.alice.failure()->reason == Reason::NoProposalChosen);
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("Down, and a connection that is taken away or changed, take them out", "[ike]") {
    PairThatIsUp pair;
    pair.alice.restart();
    pair.wire = [&](const Peer&, Datagram&) { return false; };
    pair.configure(pair.alice);
    REQUIRE(link(pair.alice).kept_sas.size() == 2);
    SECTION("Down") { pair.down(pair.alice); }
    SECTION("taken away") {
        pair.input(pair.alice, Command{CommandId{500}, Configure{std::make_shared<Configuration>()}});
    }
    SECTION("changed") {
        pair.alice.connection.children.front().mode = xfrm::Mode::Tunnel;
        pair.configure(pair.alice);
    }
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("the kernel ends an SA whose daemon is gone", "[ike]") {
    PairThatIsUp pair;
    const auto& limits = pair.alice.kernel.sas().front().spec.limits;
    CHECK(limits.hard_add_seconds > 3600);
    CHECK(limits.hard_add_seconds < 3600 + 900);
    CHECK(limits.soft_add_seconds < limits.hard_add_seconds);
}

TEST_CASE("a peer behind a NAT is asked through it, where its traffic comes from", "[ike]") {
    Translated nat;
    nat.bring_up();
    Pair& pair = nat.pair;
    const auto before = spis(pair.bob);
    pair.bob.restart();
    pair.bob.sent.clear();
    pair.configure(pair.bob);
    REQUIRE_FALSE(pair.bob.sent.empty());
    CHECK(pair.bob.sent.front().path == Path{{pair.bob.address, 4500}, {nat.alice_outside, 20'000}, true});
    CHECK(nat.passes(pair.alice));
    CHECK(nat.passes(pair.bob));
    CHECK(pair.both_up());
    CHECK(link(pair.bob).ike_sas.size() == 1);
    CHECK(nat.ike_sa(pair.bob).remote == xfrm::Endpoint{nat.alice_outside, 20'000});
    CHECK(nat.port_in_kernel(true) == 20'000);
    CHECK(spis(pair.bob) != before);
}

}  // namespace xfrmd::test
