// SPDX-License-Identifier: Apache-2.0
// SAs for policies that somebody else has put into the kernel: racoon's role.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ike/core.h"
#include "ike/policy/default_proposals.h"
#include "ike/policy/policy_children.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

using xfrm::Direction;
using xfrm::IpsecProtocol;
using xfrm::Mode;

xfrm::Prefix prefix(std::string_view text) { return *xfrm::Prefix::parse(text); }

Served served() {
    return {.esp = default_esp_proposals(), .ah = default_ah_proposals(), .replay_window = 64, .rekey = {}};
}

// As setkey installs "esp/transport//require ah/transport//require".
xfrm::PolicySpec policy(std::string_view source, std::string_view destination, Direction direction,
                        std::vector<IpsecProtocol> protocols = {IpsecProtocol::Esp, IpsecProtocol::Ah}) {
    xfrm::PolicySpec spec;
    spec.id.selector.source = prefix(source);
    spec.id.selector.destination = prefix(destination);
    spec.id.direction = direction;
    spec.priority = 0x8000'0000;
    for (const IpsecProtocol protocol : protocols) {
        xfrm::Template wanted;
        wanted.protocol = protocol;
        wanted.source = wanted.destination = xfrm::Address::any(spec.id.selector.family());
        spec.templates.push_back(wanted);
    }
    return spec;
}

void make_tunnel(xfrm::PolicySpec& spec, const xfrm::Address& from, const xfrm::Address& to) {
    spec.templates.front().mode = Mode::Tunnel;
    for (xfrm::Template& wanted : spec.templates) {
        wanted.source = from;
        wanted.destination = to;
    }
}

// Both hosts serve whoever the other is, as far as it has the secret.
void serve(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        peer->connection.served = served();
        peer->connection.children.clear();
        peer->connection.local = peer->connection.remote = xfrm::Address{};
        peer->connection.start = Start::OnTraffic;
    }
    pair.configure();
}

void install(Peer& peer, std::vector<xfrm::PolicySpec> policies) {
    REQUIRE(peer.kernel.run(xfrm::InstallPolicies{std::move(policies), false}));
}

sim::Packet packet(const Peer& from, const Peer& to, std::uint16_t port = 7) {
    sim::Packet packet;
    packet.source = from.address;
    packet.destination = to.address;
    packet.protocol = 17;
    packet.destination_port = port;
    return packet;
}

void tell_acquires(Pair& pair, Peer& peer) {
    for (const auto& event : peer.kernel.take_events()) pair.input(peer, KernelEvent{event});
}

// "AH ESP arrives", "blocked", …
std::string send(Pair& pair, Peer& from, std::uint16_t port = 7) {
    const auto sent = from.kernel.output(packet(from, pair.other(from), port));
    if (!sent) return "blocked";
    const auto* sealed = std::get_if<sim::IpsecPacket>(&*sent);
    if (sealed == nullptr) return "in clear";
    std::string text;
    for (const auto& header : sealed->headers)
        text += header.protocol == IpsecProtocol::Ah ? "AH " : header.protocol == IpsecProtocol::Esp ? "ESP " : "IPComp ";
    return text + (pair.other(from).kernel.input(*sent) ? "arrives" : "is dropped");
}

// The policies of the how-to: each host names a network on its own side, the other host alone.
void install_how_to(Pair& pair) {
    install(pair.alice, {policy("192.0.2.0/24", "192.0.2.2/32", Direction::Out),
                         policy("192.0.2.2/32", "192.0.2.0/24", Direction::In)});
    install(pair.bob, {policy("192.0.2.0/24", "192.0.2.1/32", Direction::Out),
                       policy("192.0.2.1/32", "192.0.2.0/24", Direction::In)});
}

const ConnectionSnapshot* find(const Snapshot& shot, std::string_view name) {
    const auto at = std::ranges::find(shot.connections, name, &ConnectionSnapshot::name);
    return at == shot.connections.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("the first packet brings up both transforms of a policy that setkey has installed", "[ike]") {
    Pair pair;
    serve(pair);
    install_how_to(pair);
    CHECK(send(pair, pair.alice) == "blocked");
    tell_acquires(pair, pair.alice);
    CHECK(send(pair, pair.alice) == "AH ESP arrives");
    CHECK(send(pair, pair.bob) == "AH ESP arrives");
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(pair.bob.kernel_sas() == 4);
    const Snapshot shot = pair.alice.host->snapshot();
    const auto* made = find(shot, "link:192.0.2.1-192.0.2.2");
    REQUIRE(made != nullptr);
    CHECK(made->ike_sas.size() == 1);
    for (const auto& sa : pair.alice.kernel.sas()) {
        CHECK(sa.spec.reqid == xfrm::ReqId{});  // as the policy asks for
        REQUIRE(sa.spec.selector);
        CHECK_FALSE(sa.larval);
    }
}

TEST_CASE("the policies of others are neither replaced nor taken out", "[ike]") {
    Pair pair;
    serve(pair);
    install_how_to(pair);
    const auto before = pair.alice.kernel.policies();
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    pair.alice.connection.start = Start::Passive;
    pair.configure(pair.alice);
    REQUIRE(pair.alice.kernel.policies().size() == before.size());
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(pair.alice.kernel.policies()[i].spec == before[i].spec);
}

TEST_CASE("what a policy without a reqid asks for keeps to its own traffic", "[ike]") {
    Pair pair;
    serve(pair);
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        const Peer& other = pair.other(*peer);
        const std::string ours = peer->address.to_string() + "/32";
        const std::string theirs = other.address.to_string() + "/32";
        for (const std::uint16_t port : std::array<std::uint16_t, 2>{7, 9}) {
            auto out = policy(ours, theirs, Direction::Out, {IpsecProtocol::Esp});
            auto in = policy(theirs, ours, Direction::In, {IpsecProtocol::Esp});
            out.id.selector.protocol = in.id.selector.protocol = 17;
            (peer == &pair.alice ? out.id.selector.destination_port : out.id.selector.source_port) = xfrm::PortMask::exactly(port);
            (peer == &pair.alice ? in.id.selector.source_port : in.id.selector.destination_port) = xfrm::PortMask::exactly(port);
            install(*peer, {out, in});
        }
    }
    CHECK(send(pair, pair.alice, 7) == "blocked");
    tell_acquires(pair, pair.alice);
    CHECK(send(pair, pair.alice, 7) == "ESP arrives");
    CHECK(send(pair, pair.alice, 9) == "blocked");
    tell_acquires(pair, pair.alice);
    CHECK(send(pair, pair.alice, 9) == "ESP arrives");
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(count<IkeSaUp>(pair.alice) == 1);
}

TEST_CASE("a policy that came after the IKE SA is served in it", "[ike]") {
    Pair pair;
    serve(pair);
    install_how_to(pair);
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    const auto later = [](const Peer& ours, const Peer& theirs) {
        auto out = policy(ours.address.to_string() + "/32", theirs.address.to_string() + "/32", Direction::Out,
                          {IpsecProtocol::Ipcomp, IpsecProtocol::Esp});
        auto in = policy(theirs.address.to_string() + "/32", ours.address.to_string() + "/32", Direction::In,
                         {IpsecProtocol::Ipcomp, IpsecProtocol::Esp});
        out.id.selector.protocol = in.id.selector.protocol = 17;
        in.templates.front().optional = true;
        out.priority = in.priority = 1;
        return std::vector{out, in};
    };
    install(pair.alice, later(pair.alice, pair.bob));
    install(pair.bob, later(pair.bob, pair.alice));
    CHECK(send(pair, pair.alice) == "blocked");
    tell_acquires(pair, pair.alice);
    pair.pass(std::chrono::seconds{10});
    CHECK(send(pair, pair.alice) == "ESP IPComp arrives");
    CHECK(send(pair, pair.bob) == "ESP IPComp arrives");
    CHECK(count<IkeSaUp>(pair.alice) == 1);
}

TEST_CASE("a peer for which the kernel has no policy gets no child", "[ike][negative]") {
    Pair pair;
    serve(pair);
    install(pair.alice, {policy("192.0.2.1/32", "192.0.2.2/32", Direction::Out),
                         policy("192.0.2.2/32", "192.0.2.1/32", Direction::In)});
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    pair.pass(std::chrono::minutes{1});
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(send(pair, pair.alice) == "blocked");
    const Snapshot shot = pair.bob.host->snapshot();
    const auto* made = find(shot, "link:192.0.2.2-192.0.2.1");
    REQUIRE(made != nullptr);
    REQUIRE(made->last_failure);
    CHECK(made->last_failure->reason == Reason::TrafficSelectorsUnacceptable);
}

TEST_CASE("rekeys and expiries of served children find their owner without a reqid", "[ike]") {
    Pair pair;
    serve(pair);
    install_how_to(pair);
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    const auto before = spis(pair.alice);
    pair.wire = [&](const Peer&, Datagram&) {
        CHECK(send(pair, pair.alice) == "AH ESP arrives");
        return true;
    };
    const auto& sa = pair.alice.kernel.sas().front();
    const xfrm::SaExpired soft{sa.spec.id, sa.spec.reqid, sa.spec.mode, false, {}};
    pair.input(pair.alice, KernelEvent{soft});
    pair.pass(std::chrono::seconds{10});
    CHECK(spis(pair.alice) != before);
    CHECK(pair.alice.kernel_sas() == 4);
}

TEST_CASE("a connection made for a peer is forgotten when it serves nobody", "[ike]") {
    Pair pair;
    serve(pair);
    install_how_to(pair);
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    REQUIRE(pair.alice.host->snapshot().connections.size() == 2);
    pair.input(pair.bob, Command{CommandId{900}, Down{"link:192.0.2.2-192.0.2.1"}});
    pair.pass(std::chrono::minutes{11});
    CHECK(pair.alice.host->snapshot().connections.size() == 1);
    CHECK(pair.alice.kernel_sas() == 0);
}

TEST_CASE("an unchanged pattern keeps its peers through a reload, a changed one does not", "[ike]") {
    Pair pair;
    serve(pair);
    install_how_to(pair);
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    pair.configure(pair.alice);
    CHECK(send(pair, pair.alice) == "AH ESP arrives");
    CHECK(send(pair, pair.bob) == "AH ESP arrives");
    pair.alice.connection.liveness_interval = std::chrono::seconds{77};
    pair.configure(pair.alice);
    pair.pass(std::chrono::seconds{10});
    CHECK(send(pair, pair.alice) == "blocked");
    tell_acquires(pair, pair.alice);
    CHECK(send(pair, pair.alice) == "AH ESP arrives");
}

TEST_CASE("what IKE cannot negotiate is told, once in a while", "[ike][negative]") {
    Pair pair;
    serve(pair);
    install(pair.alice, {policy("192.0.2.1/32", "192.0.2.2/32", Direction::Out, {IpsecProtocol::Ah, IpsecProtocol::Esp})});
    for (int i = 0; i < 5; ++i) {
        xfrm::Acquire acquire;
        acquire.source = pair.alice.address;
        acquire.destination = pair.bob.address;
        acquire.policy = pair.alice.kernel.policies().front().spec;
        pair.input(pair.alice, KernelEvent{acquire});
    }
    CHECK(count<PolicyFailed>(pair.alice) == 1);
    CHECK(count<IkeSaUp>(pair.alice) == 0);
}

TEST_CASE("ten thousand destinations at once wait their turn, and a peer that is up is not affected", "[ike][flood]") {
    Pair pair;
    pair.alice.limits.initiations_per_second = 20;
    serve(pair);
    install_how_to(pair);
    static_cast<void>(send(pair, pair.alice));
    tell_acquires(pair, pair.alice);
    REQUIRE(send(pair, pair.alice) == "AH ESP arrives");
    pair.pass(std::chrono::seconds{2});
    const std::size_t before = pair.alice.sent.size();
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        return &to == &pair.alice || datagram.path.local.address == pair.bob.address;  // nobody else answers
    };
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        xfrm::Acquire acquire;
        acquire.source = pair.alice.address;
        acquire.destination = xfrm::Address::v4(0x0a00'0000 + i);
        acquire.policy = policy("192.0.2.1/32", "10.0.0.0/8", Direction::Out, {IpsecProtocol::Esp});
        acquire.policy_index = 8;
        pair.input(pair.alice, KernelEvent{acquire});
    }
    CHECK(pair.alice.sent.size() - before == 20);
    CHECK(pair.alice.host->snapshot().connections.size() <= 10'002);
    CHECK(send(pair, pair.alice) == "AH ESP arrives");
    pair.input(pair.alice, Command{CommandId{901}, Rekey{"link:192.0.2.1-192.0.2.2", true, true}});
    CHECK(send(pair, pair.alice) == "AH ESP arrives");
    CHECK(count<ChildRekeyed>(pair.alice) == 2);
    // What was made for nobody is forgotten.
    pair.pass(std::chrono::minutes{15});
    CHECK(pair.alice.host->snapshot().connections.size() <= 2);
}

TEST_CASE("children of policies are what the policy says", "[ike][policy]") {
    const auto ours = *xfrm::Address::parse("192.0.2.1");
    const auto theirs = *xfrm::Address::parse("192.0.2.2");

    SECTION("a tunnel with AH around it") {
        auto spec = policy("10.1.0.0/16", "10.2.0.0/16", Direction::Out);
        make_tunnel(spec, ours, theirs);
        const auto children = children_of_policy(served(), spec, ours, theirs);
        REQUIRE(children);
        REQUIRE(children->size() == 2);
        CHECK(children->at(0).mode == Mode::Tunnel);
        CHECK(children->at(0).local.front() == AddressRange::of(prefix("10.1.0.0/16")));
        CHECK(children->at(1).mode == Mode::Transport);
        CHECK(children->at(1).local.front() == AddressRange::of(prefix("192.0.2.1/32")));
        CHECK(children_of_policy(served(), spec, ours, *xfrm::Address::parse("192.0.2.3"))->empty());
    }
    SECTION("ICMP by type") {
        auto spec = policy("192.0.2.1/32", "192.0.2.2/32", Direction::Out, {IpsecProtocol::Esp});
        spec.id.selector.protocol = 1;
        spec.id.selector.source_port = xfrm::PortMask::exactly(8);
        const auto children = children_of_policy(served(), spec, ours, theirs);
        REQUIRE(children);
        CHECK(children->front().local.front().port_first == 0x0800);
        CHECK(children->front().local.front().port_last == 0x08ff);
    }
    SECTION("another direction, another host, nothing to protect") {
        CHECK(children_of_policy(served(), policy("192.0.2.2/32", "192.0.2.1/32", Direction::In), ours, theirs)->empty());
        CHECK(children_of_policy(served(), policy("192.0.2.0/24", "192.0.2.9/32", Direction::Out), ours, theirs)->empty());
        CHECK(children_of_policy(served(), policy("192.0.2.0/24", "192.0.2.2/32", Direction::Out, {}), ours, theirs)->empty());
    }
    SECTION("what cannot be") {
        CHECK_FALSE(children_of_policy(served(), policy("192.0.2.1/32", "192.0.2.2/32", Direction::Out,
                                                        {IpsecProtocol::Ipcomp}), ours, theirs));
        CHECK_FALSE(children_of_policy({}, policy("192.0.2.1/32", "192.0.2.2/32", Direction::Out), ours, theirs));
        auto holes = policy("192.0.2.1/32", "192.0.2.2/32", Direction::Out);
        holes.id.selector.protocol = 17;
        holes.id.selector.source_port = {5, 0x0f0f};
        CHECK_FALSE(children_of_policy(served(), holes, ours, theirs));
    }
}

}  // namespace xfrmd::test
