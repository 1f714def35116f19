// SPDX-License-Identifier: Apache-2.0
// Transport mode through NATs: each host knows the other one by another address than that one itself. RFC 7296 §2.23.1
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

#include "ike/core.h"
#include "tests/unit/ike/translated.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

AddressRange one_host(const xfrm::Address& address, std::uint8_t protocol = 0) {
    AddressRange range = AddressRange::of(xfrm::Prefix::host(address));
    range.protocol = protocol;
    return range;
}

bool passes_both_ways(Translated& nat) {
    return nat.passes(nat.pair.alice, kTcp, 40'000, 22) && nat.passes(nat.pair.bob, kTcp, 22, 40'000);
}

std::string last_detail(const Peer& peer) {
    for (auto event = peer.events.rbegin(); event != peer.events.rend(); ++event)
        if (const auto* failed = std::get_if<NegotiationFailed>(&*event)) return failed->detail;
    return {};
}

// Another host behind alice's NAT: her daemon is gone without a word, and `name` begins in her place.
void come_as(Translated& nat, const std::string& name) {
    Peer& alice = nat.pair.alice;
    nat.pair.pass(1s);
    alice.crash();
    nat.port = 30'000;
    alice.connection.local_id = *parse_identity(name);
    nat.pair.configure(alice);
    nat.pair.up(alice);
}

// A third host, behind alice's NAT at its own port, which wants what she wants of bob.
class Carol {
  public:
    static constexpr std::uint16_t kPort = 30'000;

    explicit Carol(Translated& nat) : nat_{nat} {
        nat.pair.bob.connection.peer_id = *IdentityPattern::parse("*.example.net");
        nat.pair.wire = [this, inner = nat.pair.wire](const Peer& to, Datagram& datagram) {
            if (&to == &nat_.pair.bob || datagram.path.local.port != kPort) return inner(to, datagram);
            // The pair hands all that bob sends to alice; her NAT knows better.
            datagram.path.local = {pair_.alice.address, static_cast<std::uint16_t>(datagram.path.encapsulated ? 4500 : 500)};
            pair_.input(pair_.alice, Datagram{datagram});
            return false;
        };
        pair_.wire = [this](const Peer&, Datagram& datagram) {
            datagram.path.remote = {nat_.alice_outside, kPort};
            if (held_ && datagram.octets[kExchangeOctet] == std::to_underlying(ExchangeType::IkeAuth))
                held_->push_back(datagram);
            else
                nat_.pair.input(nat_.pair.bob, Datagram{datagram});
            return false;
        };
        pair_.alice.connection.local_id = *parse_identity("carol.example.net");
    }

    Child& child() { return pair_.alice.connection.children.front(); }
    void up() {
        pair_.configure(pair_.alice);
        pair_.up(pair_.alice);
    }
    // Keeps her IKE_AUTH back until release().
    void hold() { held_.emplace(); }
    void release() {
        const auto held = std::exchange(held_, std::nullopt);
        for (const Datagram& datagram : *held) nat_.pair.input(nat_.pair.bob, Datagram{datagram});
    }
    [[nodiscard]] bool is_up() const { return pair_.alice.state() == ConnectionState::Up; }

  private:
    static constexpr std::size_t kExchangeOctet = 18;

    Translated& nat_;
    Pair pair_{xfrm::Family::V4, 3};
    std::optional<std::vector<Datagram>> held_;
};

}  // namespace

TEST_CASE("transport mode passes NATs before either host, or both", "[nat]") {
    const auto who = GENERATE(BehindNat::Alice, BehindNat::Bob, BehindNat::Both);
    const auto family = GENERATE(xfrm::Family::V4, xfrm::Family::V6);
    Translated nat{who, true, family};
    nat.bring_up();
    CHECK(passes_both_ways(nat));
    // Each side has the addresses that its own packets have, as the policies do.
    for (const Peer* peer : {&nat.pair.alice, &nat.pair.bob}) {
        const auto& child = nat.ike_sa(*peer).children.front();
        CHECK(child.mode == xfrm::Mode::Transport);
        CHECK(child.encapsulated);
        CHECK(child.local == peer->connection.children.front().local);
        CHECK(child.remote == peer->connection.children.front().remote);
    }
}

TEST_CASE("in transport mode an SA through a NAT carries packets between the two hosts alone", "[nat]") {
    const bool compress = GENERATE(false, true);
    Translated nat{BehindNat::Alice, true};
    for (Peer* peer : {&nat.pair.alice, &nat.pair.bob}) peer->connection.children.front().compress = compress;
    nat.bring_up();
    CHECK(passes_both_ways(nat));
    const auto& sas = nat.pair.bob.kernel.sas();
    REQUIRE(sas.size() == (compress ? 4 : 2));
    for (const auto& sa : sas) {
        REQUIRE(sa.spec.selector.has_value());
        CHECK(sa.spec.selector->source == xfrm::Prefix::host(sa.spec.id.source));
        CHECK(sa.spec.selector->destination == xfrm::Prefix::host(sa.spec.id.destination));
    }
}

TEST_CASE("rekeys go through the NAT, whoever begins them", "[nat]") {
    const auto who = GENERATE(BehindNat::Alice, BehindNat::Bob, BehindNat::Both);
    const bool alice_begins = GENERATE(true, false);
    Translated nat{who, true};
    nat.bring_up();
    Peer& beginner = alice_begins ? nat.pair.alice : nat.pair.bob;
    const auto before = spis(beginner);
    nat.pair.input(beginner, rekey(true, true));
    nat.pair.pass(10s);
    CHECK(nat.pair.both_up());
    CHECK(spis(beginner).size() == 2);
    for (const std::uint32_t spi : spis(beginner)) CHECK_FALSE(before.contains(spi));
    CHECK(passes_both_ways(nat));
}

TEST_CASE("several children between the hosts keep their ports through the NAT", "[nat]") {
    Translated nat{BehindNat::Both, true};
    for (Peer* peer : {&nat.pair.alice, &nat.pair.bob}) {
        auto& children = peer->connection.children;
        children.push_back(children.front());
        children.back().name = "web";
        children.back().reqid = {children.front().reqid.value + 100};
        children.back().policy_priority = 500;
        const bool is_alice = peer == &nat.pair.alice;
        for (AddressRange& range : is_alice ? children.back().remote : children.back().local) {
            range.protocol = kTcp;
            range.port_first = range.port_last = 443;
        }
        for (AddressRange& range : is_alice ? children.back().local : children.back().remote) range.protocol = kTcp;
    }
    nat.bring_up();
    REQUIRE(nat.ike_sa(nat.pair.bob).children.size() == 2);
    CHECK(nat.ike_sa(nat.pair.bob).children.back().name == "web");
    CHECK(nat.passes(nat.pair.alice, kTcp, 40'000, 443));
    CHECK(nat.passes(nat.pair.bob, kTcp, 443, 40'000));
    CHECK(passes_both_ways(nat));
}

TEST_CASE("a host behind a NAT that asks for a part gets that part", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    nat.pair.alice.connection.children.front().local = {one_host(nat.pair.alice.address, kUdp)};
    nat.bring_up();
    CHECK(nat.ike_sa(nat.pair.bob).children.front().remote == TrafficSelectorList{one_host(nat.alice_outside, kUdp)});
    CHECK(nat.passes(nat.pair.alice, kUdp, 1000, 53));
    CHECK_FALSE(nat.passes(nat.pair.bob, kTcp, 53, 1000));
}

TEST_CASE("nobody claims more than the address of the NAT", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    const auto elsewhere = *xfrm::Address::parse("198.51.100.1");
    auto& claimed = nat.pair.alice.connection.children.front().local;
    SECTION("a second host is not the one behind the NAT") {
        claimed = {one_host(nat.pair.alice.address), one_host(elsewhere)};
        nat.bring_up();
        CHECK(nat.ike_sa(nat.pair.bob).children.front().remote == TrafficSelectorList{one_host(nat.alice_outside)});
    }
    SECTION("a network is not a host") {
        claimed = {AddressRange::of(*xfrm::Prefix::parse("192.0.2.0/24"))};
        nat.pair.configure();
        nat.pair.up(nat.pair.alice);
        CHECK_FALSE(nat.pair.both_up());
        CHECK(nat.pair.bob.failure()->reason == Reason::TrafficSelectorsUnacceptable);
    }
    SECTION("bob has no NAT: he is asked for as he is") {
        nat.pair.alice.connection.children.front().remote = {one_host(elsewhere)};
        nat.pair.configure();
        nat.pair.up(nat.pair.alice);
        CHECK_FALSE(nat.pair.both_up());
        CHECK(nat.pair.bob.failure()->reason == Reason::TrafficSelectorsUnacceptable);
    }
    CHECK(nat.pair.bob.kernel_sas() == (nat.pair.both_up() ? 2U : 0U));
}

TEST_CASE("without a NAT no host is taken for another one", "[nat]") {
    Pair pair;
    pair.alice.connection.children.front().local = {one_host(*xfrm::Address::parse("198.51.100.1"))};
    pair.configure();
    pair.up(pair.alice);
    CHECK_FALSE(pair.both_up());
    CHECK(pair.bob.failure()->reason == Reason::TrafficSelectorsUnacceptable);
}

TEST_CASE("in tunnel mode the NAT changes no selector", "[nat]") {
    Translated nat;
    for (Peer* peer : {&nat.pair.alice, &nat.pair.bob}) {
        auto& child = peer->connection.children.front();
        (peer == &nat.pair.alice ? child.local : child.remote) = TrafficSelectorList{one_host(nat.pair.alice.address)};
    }
    nat.bring_up();
    CHECK(nat.ike_sa(nat.pair.bob).children.front().remote == TrafficSelectorList{one_host(nat.pair.alice.address)});
}

TEST_CASE("a NAT that gives a host another port is followed in transport mode, too", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    nat.bring_up();
    nat.port = 31'000;
    REQUIRE(nat.passes(nat.pair.alice));
    CHECK(nat.port_in_kernel(true) == 31'000);
    CHECK(nat.port_in_kernel(false) == 31'000);
    CHECK(nat.ike_sa(nat.pair.bob).remote.port == 31'000);
    CHECK(passes_both_ways(nat));
}

TEST_CASE("a NAT with another address is not followed in transport mode: what was agreed is for the one before", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    nat.pair.alice.connection.liveness_interval = 10s;
    nat.pair.bob.connection.liveness_interval = 10s;
    nat.bring_up();
    const xfrm::Address before = nat.alice_outside;
    nat.alice_outside = *xfrm::Address::parse("203.0.113.77");
    // What comes out of the SA from there has no policy that an answer could go by.
    CHECK_FALSE(nat.passes(nat.pair.alice));
    CHECK(nat.ike_sa(nat.pair.bob).remote.address == before);
    for (const auto& sa : nat.pair.bob.kernel.sas()) CHECK((sa.spec.id.source == before || sa.spec.id.destination == before));
    // Bob asks her where she was, and nobody answers there; she begins anew, and bob says that he knows nobody there.
    nat.pair.pass(60s);
    CHECK(count<IkeSaMoved>(nat.pair.bob) == 0);
    CHECK(count<IkeSaDown>(nat.pair.bob) == 1);
    CHECK(nat.pair.bob.kernel_sas() == 0);
    CHECK(nat.pair.alice.kernel_sas() == 0);
}

TEST_CASE("a copy of a message that comes from another address ends nothing", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    nat.bring_up();
    bool once = true;
    nat.pair.wire = [&, inner = nat.pair.wire](const Peer& to, Datagram& datagram) {
        if (!inner(to, datagram)) return false;
        if (&to == &nat.pair.bob && std::exchange(once, false)) datagram.path.remote.address = *xfrm::Address::parse("203.0.113.77");
        return true;
    };
    nat.pair.input(nat.pair.alice, rekey(false, true));
    nat.pair.pass(120s);
    CHECK_FALSE(once);
    CHECK(nat.pair.both_up());
    CHECK(count<IkeSaDown>(nat.pair.bob) == 0);
    CHECK(passes_both_ways(nat));
}

TEST_CASE("of two hosts behind one NAT one has the child, and the other one is told why not", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    nat.pair.bob.connection.peer_id = *IdentityPattern::parse("*.example.net");
    nat.pair.bob.connection.liveness_interval = 10s;
    nat.bring_up();
    const auto before = spis(nat.pair.bob);
    come_as(nat, "carol.example.net");
    CHECK(nat.pair.alice.kernel_sas() == 0);
    CHECK(spis(nat.pair.bob) == before);
    const std::string why = last_detail(nat.pair.bob);
    CHECK(why.contains("alice.example.net"));
    CHECK(why.contains("behind the same NAT"));
    // Alice is found to be gone: then it is carol's.
    nat.pair.pass(60s);
    nat.pair.up(nat.pair.alice);
    CHECK(nat.pair.both_up());
    CHECK(passes_both_ways(nat));
}

TEST_CASE("of two hosts behind one NAT that come at the same time one has the child", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    Carol carol{nat};
    nat.pair.configure();
    carol.hold();
    carol.up();
    // Carol's IKE_AUTH comes while bob works on his answer to alice's, and is answered first.
    std::size_t jobs = 0;
    nat.pair.bob.job_seen = [&](const CryptoJob& job) {
        if (std::holds_alternative<AuthenticateWithSecret>(job) && ++jobs == 2) carol.release();
    };
    nat.pair.up(nat.pair.alice);
    REQUIRE(jobs == 4);
    CHECK(carol.is_up());
    CHECK(nat.pair.alice.state() != ConnectionState::Up);
    CHECK(nat.pair.bob.kernel_sas() == 2);
    CHECK(nat.pair.alice.kernel_sas() == 0);
    CHECK(last_detail(nat.pair.bob).contains("\"carol.example.net\" has child"));
}

TEST_CASE("two hosts behind one NAT with children of their own are kept apart", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    Carol carol{nat};
    const auto only_tcp = [](Child& child, std::uint16_t port, bool is_bob) {
        for (AddressRange& range : is_bob ? child.local : child.remote) {
            range.protocol = kTcp;
            range.port_first = range.port_last = port;
        }
        for (AddressRange& range : is_bob ? child.remote : child.local) range.protocol = kTcp;
    };
    auto& children = nat.pair.bob.connection.children;
    children.push_back(children.front());
    children.back().name = "web";
    children.back().reqid = {99};
    only_tcp(children.front(), 22, true);
    only_tcp(children.back(), 443, true);
    only_tcp(nat.pair.alice.connection.children.front(), 22, false);
    only_tcp(carol.child(), 443, false);
    nat.bring_up();
    carol.up();
    CHECK(carol.is_up());
    CHECK(nat.pair.both_up());
    CHECK(nat.pair.bob.kernel_sas() == 4);
    const auto port_from_bob = [&](std::uint16_t port) {
        const auto sent = nat.pair.bob.kernel.output({.source = nat.pair.bob.address,
                                                      .destination = nat.alice_outside,
                                                      .protocol = kTcp,
                                                      .source_port = port,
                                                      .destination_port = 40'000});
        const auto* sealed = sent ? std::get_if<sim::IpsecPacket>(&*sent) : nullptr;
        return sealed != nullptr && sealed->udp ? sealed->udp->destination : 0;
    };
    CHECK(port_from_bob(22) == nat.port);
    CHECK(port_from_bob(443) == Carol::kPort);
}

TEST_CASE("who comes back with its own name takes over at once", "[nat]") {
    Translated nat{BehindNat::Alice, true};
    nat.bring_up();
    come_as(nat, "alice.example.net");
    CHECK(nat.pair.both_up());
    CHECK(nat.pair.bob.kernel_sas() == 2);
    CHECK(passes_both_ways(nat));
}

}  // namespace xfrmd::test
