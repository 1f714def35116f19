// SPDX-License-Identifier: Apache-2.0
// Alice is behind a NAT that is sometimes forgetful: keepalives, and bob who follows. RFC 7296 §2.23, RFC 3948 §4
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "ike/core.h"
#include "tests/unit/ike/translated.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("who is behind a NAT sends an octet when nothing else was sent", "[nat]") {
    Translated nat;
    nat.bring_up();
    Pair& pair = nat.pair;
    REQUIRE(nat.ike_sa(pair.alice).nat_local);
    pair.pass(19s);
    CHECK(pair.alice.keepalives.empty());
    pair.pass(2s);
    REQUIRE(pair.alice.keepalives.size() == 1);
    CHECK(pair.alice.keepalives.front().local == xfrm::Endpoint{pair.alice.address, 4500});
    CHECK(pair.alice.keepalives.front().remote == xfrm::Endpoint{pair.bob.address, 4500});
    // The liveness check after 30 s puts the next one off.
    pair.pass(60s);
    CHECK(pair.alice.keepalives.size() >= 2);
    CHECK(pair.alice.keepalives.size() <= 4);
    CHECK(pair.bob.keepalives.empty());

    pair.down(pair.alice);
    const std::size_t before = pair.alice.keepalives.size();
    pair.pass(60s);
    CHECK(pair.alice.keepalives.size() == before);
}

TEST_CASE("the interval of keepalives is configured, and zero turns them off", "[nat]") {
    for (const auto interval : {0s, 5s}) {
        Translated nat;
        nat.pair.alice.options.nat_keepalive = interval;
        nat.bring_up();
        nat.pair.pass(28s);
        CHECK(nat.pair.alice.keepalives.size() == (interval == 0s ? 0U : 5U));
    }
}

TEST_CASE("without a NAT nobody sends keepalives", "[nat]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(200s);
    CHECK(pair.alice.keepalives.empty());
    CHECK(pair.bob.keepalives.empty());
}

TEST_CASE("an authentic message from another port moves messages and children there", "[nat]") {
    Translated nat;
    nat.bring_up();
    Pair& pair = nat.pair;
    CHECK(nat.port_in_kernel(true) == 20'000);
    nat.port = 30'000;
    pair.input(pair.alice, Command{CommandId{900}, Rekey{"link", false, true}});
    pair.pass(1s);
    CHECK(nat.ike_sa(pair.bob).remote == xfrm::Endpoint{nat.alice_outside, 30'000});
    CHECK(nat.port_in_kernel(true) == 30'000);
    CHECK(nat.port_in_kernel(false) == 30'000);
    CHECK(pair.both_up());
}

TEST_CASE("a liveness check of the one behind the NAT is enough to be followed", "[nat]") {
    Translated nat;
    nat.pair.alice.connection.liveness_interval = 10s;
    nat.bring_up();
    nat.port = 30'000;
    nat.pair.pass(12s);
    CHECK(nat.ike_sa(nat.pair.bob).remote.port == 30'000);
    CHECK(nat.port_in_kernel(true) == 30'000);
    const auto& policies = nat.pair.bob.kernel.policies();
    CHECK(std::ranges::all_of(policies, [&](const xfrm::PolicyInfo& policy) {
        const auto& wanted = policy.spec.templates.front();
        return wanted.source == nat.alice_outside || wanted.destination == nat.alice_outside;
    }));
    const auto moved = std::ranges::find_if(nat.pair.bob.events, [](const Event& event) {
        return std::holds_alternative<IkeSaMoved>(event);
    });
    REQUIRE(moved != nat.pair.bob.events.end());
    CHECK(std::get<IkeSaMoved>(*moved).remote.port == 30'000);
}

TEST_CASE("a child's packet from another port moves messages and children there", "[nat]") {
    Translated nat;
    nat.bring_up();
    REQUIRE(nat.passes(nat.pair.alice));
    nat.port = 31'000;
    REQUIRE(nat.passes(nat.pair.alice));
    CHECK(nat.ike_sa(nat.pair.bob).remote == xfrm::Endpoint{nat.alice_outside, 31'000});
    CHECK(nat.port_in_kernel(true) == 31'000);
    CHECK(nat.port_in_kernel(false) == 31'000);
    // Known by then: the kernel says nothing more.
    REQUIRE(nat.passes(nat.pair.alice));
    CHECK(nat.pair.both_up());
}

TEST_CASE("nothing moves for what is repeated, forged or unknown", "[nat]") {
    Translated nat;
    nat.pair.alice.connection.liveness_interval = 10s;
    nat.bring_up();
    Pair& pair = nat.pair;
    std::vector<Datagram> heard;
    pair.wire = [&, inner = pair.wire](const Peer& to, Datagram& datagram) {
        if (!inner(to, datagram)) return false;
        if (&to == &pair.bob) heard.push_back(datagram);
        return true;
    };
    pair.pass(12s);
    REQUIRE_FALSE(heard.empty());
    const xfrm::Endpoint before = nat.ike_sa(pair.bob).remote;
    for (Datagram datagram : heard) {
        datagram.path.remote.port = 40'000;
        pair.input(pair.bob, Datagram{datagram});  // repeated
        datagram.octets.back() ^= 1;
        pair.input(pair.bob, Datagram{datagram});  // forged
        datagram.octets[23] += 1;                  // the next message id, and forged
        pair.input(pair.bob, Datagram{datagram});
        CHECK(nat.ike_sa(pair.bob).remote == before);
    }
    // A child that nobody has, and one whose kernel SA is not in UDP.
    xfrm::MappingChanged mapping;
    mapping.reqid = {22};
    mapping.id = {nat.alice_outside, pair.bob.address, xfrm::IpsecProtocol::Esp, xfrm::EspSpi{0x1234}, {}};
    mapping.after = {nat.alice_outside, 40'000};
    pair.input(pair.bob, KernelEvent{mapping});
    mapping.reqid = {4711};
    pair.input(pair.bob, KernelEvent{mapping});
    CHECK(nat.ike_sa(pair.bob).remote == before);
    CHECK(nat.port_in_kernel(true) == before.port);
}

TEST_CASE("without a NAT before the peer nothing moves", "[nat]") {
    Pair pair;
    pair.alice.connection.liveness_interval = 10s;
    pair.configure();
    pair.up(pair.alice);
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob) datagram.path.remote.port = 31'000;
        return true;
    };
    pair.pass(12s);
    const Snapshot shot = pair.bob.host->snapshot();
    CHECK(shot.connections.front().ike_sas.front().remote == xfrm::Endpoint{pair.alice.address, 500});
}

TEST_CASE("who is behind a NAT itself does not follow", "[nat]") {
    Translated nat;
    nat.pair.bob.connection.liveness_interval = 10s;
    nat.bring_up();
    // Bob's check, or its answer, from another port: the one behind the NAT stays where it is.
    nat.pair.wire = [&, inner = nat.pair.wire](const Peer& to, Datagram& datagram) {
        if (!inner(to, datagram)) return false;
        if (&to == &nat.pair.alice) datagram.path.remote.port = 31'000;
        return true;
    };
    nat.pair.pass(12s);
    CHECK(nat.ike_sa(nat.pair.alice).remote == xfrm::Endpoint{nat.pair.bob.address, 4500});
}

TEST_CASE("what the kernel does not move is made again", "[nat]") {
    Translated nat;
    nat.bring_up();
    Pair& pair = nat.pair;
    const auto before = nat.ike_sa(pair.bob).children.front().inbound;
    pair.bob.kernel_fault = [](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>& result) {
        if (std::holds_alternative<xfrm::Migrate>(request))
            result = std::unexpected{xfrm::KernelError{92, "this kernel cannot"}};
    };
    nat.port = 31'000;
    REQUIRE(nat.passes(nat.pair.alice));
    pair.pass(10s);
    CHECK(pair.both_up());
    CHECK(nat.ike_sa(pair.bob).children.front().inbound != before);
    CHECK(nat.port_in_kernel(true) == 31'000);
    CHECK(pair.bob.kernel_sas() == 2);
    CHECK(pair.alice.kernel_sas() == 2);
    REQUIRE(nat.passes(nat.pair.alice));
}

TEST_CASE("a mapping that changes while the kernel still moves is followed afterwards", "[nat]") {
    Translated nat;
    nat.bring_up();
    Pair& pair = nat.pair;
    bool first = true;
    pair.bob.kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>&) {
        if (!std::holds_alternative<xfrm::Migrate>(request) || !std::exchange(first, false)) return;
        xfrm::MappingChanged mapping;
        mapping.reqid = {22};
        mapping.id = core_of(*pair.bob.host).ike_sas.find(core_of(*pair.bob.host).connections.at("link").ike_sas.front())
                         ->children.front().inbound;
        mapping.after = {nat.alice_outside, 32'000};
        pair.input(pair.bob, KernelEvent{mapping});
    };
    nat.port = 31'000;
    REQUIRE(nat.passes(nat.pair.alice));
    CHECK(nat.ike_sa(pair.bob).remote.port == 32'000);
    CHECK(nat.port_in_kernel(true) == 32'000);
}

// Seed 2542: port 500 of the NAT leads nowhere.
TEST_CASE("a peer behind a NAT is authenticated anew where it is", "[nat]") {
    Translated nat;
    Pair& pair = nat.pair;
    pair.bob.connection.reauthenticate = 10min;
    nat.bring_up();
    // Alice does not know of AUTH_LIFETIME, and does not begin.
    Core& core = core_of(*pair.alice.host);
    core.arm(*core.ike_sas.find(core.connections.at("link").ike_sas.front()), Timer::Reauthenticate, std::nullopt);
    while (count<IkeSaUp>(pair.bob) < 2 && pair.both_up()) pair.pass(1s);
    REQUIRE(pair.both_up());
    CHECK(nat.ike_sa(pair.bob).role == Role::Initiator);
    CHECK(pair.both_up());
    CHECK(nat.passes(pair.alice));
}

}  // namespace xfrmd::test
