// SPDX-License-Identifier: Apache-2.0
// ESP and AH around the same packets, by two children.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

using xfrm::IpsecProtocol;

void bundle(Peer& peer, bool esp_alone_will_do = false) {
    Connection& connection = peer.connection;
    connection.children.resize(1);
    Child& inner = connection.children.front();
    Child outer = inner;
    outer.name = inner.name + "+ah";
    outer.reqid = xfrm::ReqId{inner.reqid.value + 100};
    outer.protocol = IpsecProtocol::Ah;
    outer.proposals = default_ah_proposals();
    outer.bundle = BundlePart{.partner = inner.name, .outer = true,
                              .around_tunnel = inner.mode == xfrm::Mode::Tunnel,
                              .inner_alone_will_do = esp_alone_will_do};
    if (outer.bundle->around_tunnel) {
        outer.mode = xfrm::Mode::Transport;
        outer.local = {AddressRange::of(xfrm::Prefix::host(connection.local))};
        outer.remote = {AddressRange::of(xfrm::Prefix::host(connection.remote))};
    }
    inner.bundle = BundlePart{.partner = outer.name};
    connection.children.push_back(std::move(outer));
}

void bundle(Pair& pair) {
    bundle(pair.alice);
    bundle(pair.bob);
}

sim::Packet packet_from(const Peer& from) {
    const Child& child = from.connection.children.front();
    sim::Packet packet;
    packet.source = child.local.front().first;
    packet.destination = child.remote.front().first;
    packet.protocol = 17;
    return packet;
}

std::string headers_of(const sim::IpsecPacket& sealed) {
    std::string text;
    for (const sim::IpsecHeader& header : sealed.headers)
        text += header.protocol == IpsecProtocol::Ah ? "AH " : "ESP ";
    return text;
}

// What becomes of a packet: how it is protected on the wire, or "blocked"; and whether it arrives.
std::string send(Pair& pair, Peer& from) {
    const auto sent = from.kernel.output(packet_from(from));
    if (!sent) return "blocked";
    const auto* sealed = std::get_if<sim::IpsecPacket>(&*sent);
    if (sealed == nullptr) return "in clear";
    const auto arrived = pair.other(from).kernel.input(*sent);
    return headers_of(*sealed) + (arrived ? "arrives" : "is dropped");
}

std::size_t sas_of(const Peer& peer, IpsecProtocol protocol) {
    return static_cast<std::size_t>(std::ranges::count_if(
        peer.kernel.sas(), [&](const auto& sa) { return !sa.larval && sa.spec.id.protocol == protocol; }));
}

xfrm::EspSpi inbound_of(const Peer& peer, std::string_view name) {
    const Snapshot shot = peer.host->snapshot();
    for (const auto& sa : shot.connections.front().ike_sas)
        for (const auto& child : sa.children)
            if (child.name == name && child.is_in_use()) return child.inbound;
    return {};
}

void expect_whole(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        CHECK(sas_of(*peer, IpsecProtocol::Esp) == 2);
        CHECK(sas_of(*peer, IpsecProtocol::Ah) == 2);
        CHECK(send(pair, *peer) == "AH ESP arrives");
    }
}

}  // namespace

TEST_CASE("a bundle is an ESP child and an AH child around it, in every mode and family", "[ike]") {
    const auto family = GENERATE(xfrm::Family::V4, xfrm::Family::V6);
    const bool tunnel = GENERATE(true, false);
    Pair pair{family};
    if (tunnel) pair.use_tunnel();
    bundle(pair);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    expect_whole(pair);
    CHECK(count<ChildUp>(pair.alice) == 2);
    CHECK(count<ChildUp>(pair.bob) == 2);
    CHECK(std::ranges::any_of(pair.alice.replies, [](const CommandReply& reply) { return reply.result.has_value(); }));
}

TEST_CASE("the policies of a bundle ask for both transforms, the innermost first, with a reqid each", "[ike]") {
    Pair pair;
    bundle(pair);
    pair.configure();
    REQUIRE(pair.alice.kernel.policies().size() == 2);
    for (const auto& policy : pair.alice.kernel.policies()) {
        REQUIRE(policy.spec.templates.size() == 2);
        CHECK(policy.spec.templates[0].protocol == IpsecProtocol::Esp);
        CHECK(policy.spec.templates[1].protocol == IpsecProtocol::Ah);
        CHECK(policy.spec.templates[0].reqid != policy.spec.templates[1].reqid);
        CHECK_FALSE(policy.spec.templates[0].optional);
        CHECK_FALSE(policy.spec.templates[1].optional);
    }
}

TEST_CASE("one packet brings both children up, and never does a packet leave with one of them", "[ike]") {
    Pair pair;
    bundle(pair);
    pair.alice.connection.start = Start::OnTraffic;
    pair.configure();
    pair.wire = [&](const Peer&, Datagram&) {
        const std::string alices = send(pair, pair.alice);
        CHECK((alices == "blocked" || alices == "AH ESP arrives"));
        const std::string bobs = send(pair, pair.bob);  // who has answered, which alice may not have heard yet
        CHECK((bobs == "blocked" || bobs.starts_with("AH ESP ")));
        return true;
    };
    CHECK(send(pair, pair.alice) == "blocked");
    std::size_t acquires = 0;
    for (const auto& event : pair.alice.kernel.take_events()) {
        acquires += std::holds_alternative<xfrm::Acquire>(event);
        pair.input(pair.alice, KernelEvent{event});
    }
    CHECK(acquires == 1);
    REQUIRE(pair.both_up());
    expect_whole(pair);
    for (const auto& sa : pair.alice.kernel.sas()) CHECK_FALSE(sa.larval);
}

TEST_CASE("each child of a bundle is rekeyed by itself, and every packet goes on with both", "[ike]") {
    const bool tunnel = GENERATE(true, false);
    Pair pair;
    if (tunnel) pair.use_tunnel();
    bundle(pair);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    pair.wire = [&](const Peer&, Datagram&) {
        CHECK(send(pair, pair.alice) == "AH ESP arrives");
        CHECK(send(pair, pair.bob) == "AH ESP arrives");
        return true;
    };
    Peer& who = GENERATE(true, false) ? pair.alice : pair.bob;
    const std::size_t which = GENERATE(0U, 1U);
    const std::string name = who.connection.children[which].name;
    const std::string other = who.connection.children[1 - which].name;
    const xfrm::EspSpi before = inbound_of(who, name);
    const xfrm::EspSpi kept = inbound_of(who, other);
    const auto at = std::ranges::find_if(who.kernel.sas(), [&](const auto& sa) { return sa.spec.id.spi == before; });
    REQUIRE(at != who.kernel.sas().end());
    pair.input(who, KernelEvent{xfrm::SaExpired{at->spec.id, at->spec.reqid, at->spec.mode, false, {}}});
    pair.pass(std::chrono::seconds{8});
    CHECK(inbound_of(who, name) != before);
    CHECK(inbound_of(who, other) == kept);
    expect_whole(pair);
}

TEST_CASE("the IKE SA of a bundle is rekeyed, and is made anew, with both children", "[ike]") {
    Pair pair;
    bundle(pair);
    pair.alice.connection.reauthenticate = std::chrono::minutes{10};
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    pair.wire = [&](const Peer&, Datagram&) {
        CHECK(send(pair, pair.alice) == "AH ESP arrives");
        CHECK(send(pair, pair.bob) == "AH ESP arrives");
        return true;
    };
    pair.input(pair.alice, rekey(true, true));
    pair.pass(std::chrono::seconds{10});
    expect_whole(pair);
    pair.pass(std::chrono::minutes{10});
    CHECK(count<IkeSaUp>(pair.alice) == 2);
    pair.pass(std::chrono::seconds{10});
    expect_whole(pair);
}

TEST_CASE("when one child of a bundle is gone, so is the other, and nothing leaves with one alone", "[ike]") {
    const bool esp = GENERATE(true, false);
    Pair pair;
    bundle(pair);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const Child& lost = pair.alice.connection.children[esp ? 0 : 1];
    const auto at = std::ranges::find_if(pair.alice.kernel.sas(), [&](const auto& sa) {
        return sa.spec.id.spi == inbound_of(pair.alice, lost.name);
    });
    REQUIRE(at != pair.alice.kernel.sas().end());
    pair.wire = [&](const Peer&, Datagram&) {
        CHECK(send(pair, pair.alice) == "blocked");
        const std::string bobs = send(pair, pair.bob);
        CHECK(bobs != "in clear");
        CHECK(bobs != "ESP arrives");
        CHECK(bobs != "AH arrives");
        return true;
    };
    pair.input(pair.alice, KernelEvent{xfrm::SaExpired{at->spec.id, at->spec.reqid, at->spec.mode, true, {}}});
    pair.pass(std::chrono::seconds{20});
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        CHECK(sas_of(*peer, IpsecProtocol::Esp) == 0);
        CHECK(sas_of(*peer, IpsecProtocol::Ah) == 0);
        CHECK(count<ChildDown>(*peer) == 2);
    }
    pair.wire = [](const Peer&, Datagram&) { return true; };
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    expect_whole(pair);
}

TEST_CASE("a peer without AH gets no packet with ESP alone, and is asked less and less often", "[ike][negative]") {
    Pair pair;
    bundle(pair.alice);
    pair.alice.connection.start = Start::Now;
    pair.wire = [&](const Peer&, Datagram&) {
        CHECK(send(pair, pair.alice) == "blocked");
        return true;
    };
    pair.configure();
    pair.pass(std::chrono::minutes{10});
    REQUIRE(pair.alice.failure());
    CHECK(send(pair, pair.alice) == "blocked");
    CHECK(count<IkeSaUp>(pair.alice) >= 2);
    CHECK(count<IkeSaUp>(pair.alice) < 20);
    CHECK(count<ChildUp>(pair.alice) == 0);
}

TEST_CASE("where the configuration says so, a peer without AH gets ESP alone", "[ike]") {
    Pair pair;
    bundle(pair.alice, true);
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{5});
    CHECK(send(pair, pair.alice) == "ESP arrives");
    CHECK(send(pair, pair.bob) == "ESP arrives");
}

TEST_CASE("a peer that knows no bundles, but wants the same two children, is taken at its word", "[ike]") {
    Pair pair;
    bundle(pair);
    // Its children stand side by side: it makes both, and says nothing of what belongs together.
    for (Child& child : pair.bob.connection.children) child.bundle.reset();
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{5});
    CHECK(sas_of(pair.alice, IpsecProtocol::Esp) == 2);
    CHECK(sas_of(pair.alice, IpsecProtocol::Ah) == 2);
}

TEST_CASE("both begin at once: one bundle is left", "[ike]") {
    Pair pair{xfrm::Family::V4, GENERATE(1U, 2U, 3U, 4U)};
    bundle(pair);
    pair.alice.connection.start = pair.bob.connection.start = Start::Now;
    pair.configure();
    pair.pass(std::chrono::minutes{2});
    REQUIRE(pair.both_up());
    expect_whole(pair);
}

TEST_CASE("a bundle is refused behind a NAT, before anything is reserved", "[ike][negative]") {
    Pair pair;
    const auto nat = *xfrm::Address::parse("203.0.113.9");
    pair.bob.connection.remote = nat;
    bundle(pair);
    pair.wire = [&pair, nat](const Peer& to, Datagram& datagram) {
        if (&to == &pair.bob)
            datagram.path.remote.address = nat;
        else
            datagram.path.local.address = pair.alice.address;
        return true;
    };
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.alice.failure());
    CHECK(pair.alice.failure()->reason == Reason::RefusedBehindNat);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

}  // namespace xfrmd::test
