// SPDX-License-Identifier: Apache-2.0
// A host that has no address towards its peer yet.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

sim::Packet ping(const Peer& from, const Peer& to) {
    return {.source = from.address, .destination = to.address, .protocol = 1, .source_port = 8};
}

void lose_address(Peer& peer) {
    const xfrm::Address none = xfrm::Address::any(peer.address.family());
    peer.connection.local = none;
    peer.connection.local_fixed = false;
    peer.connection.children.front().local = {AddressRange::of(xfrm::Prefix::host(none))};
}

void find_address(Peer& peer) {
    peer.connection.local = peer.address;
    peer.connection.children.front().local = {AddressRange::of(xfrm::Prefix::host(peer.address))};
}

}  // namespace

TEST_CASE("without an address towards the peer its traffic is blocked, whatever address comes", "[ike]") {
    Pair pair{GENERATE(xfrm::Family::V4, xfrm::Family::V6)};
    lose_address(pair.alice);
    pair.configure();
    CHECK(pair.alice.state() == ConnectionState::WaitingForAddress);
    CHECK(pair.alice.kernel.output(ping(pair.alice, pair.bob)).error() == sim::Drop::Blocked);
    CHECK(pair.alice.kernel.input(sim::WirePacket{ping(pair.bob, pair.alice)}).error() == sim::Drop::Blocked);
    CHECK(pair.alice.sent.empty());
}

TEST_CASE("nothing is negotiated before there is an address", "[ike]") {
    Pair pair;
    lose_address(pair.alice);
    pair.alice.connection.start = Start::Now;
    pair.configure();
    pair.up(pair.alice);
    CHECK(pair.alice.sent.empty());
    REQUIRE(pair.alice.replies.back().result.error().reason == Reason::NoAddress);
    CHECK(pair.alice.replies.back().result.error().what == "no address of ours leads to 192.0.2.2 yet");
    pair.pass(std::chrono::minutes{5});
    CHECK(pair.alice.sent.empty());
}

TEST_CASE("once there is an address the real policies take over, and the traffic is protected", "[ike]") {
    Pair pair;
    pair.alice.connection.start = Start::OnTraffic;
    lose_address(pair.alice);
    pair.configure();
    find_address(pair.alice);
    // The new ones are there before the old ones go.
    bool replaced = false;
    pair.alice.kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>&) {
        if (std::holds_alternative<xfrm::InstallPolicies>(request)) replaced = true;
        if (std::holds_alternative<xfrm::RemovePolicies>(request)) CHECK(replaced);
    };
    pair.configure(pair.alice);
    CHECK(pair.alice.state() == ConnectionState::WaitingForTraffic);
    CHECK(pair.alice.kernel.policies().size() == 2);
    CHECK(pair.alice.kernel.output(ping(pair.alice, pair.bob)).error() == sim::Drop::WaitingForSa);
    for (auto& event : pair.alice.kernel.take_events()) pair.input(pair.alice, KernelEvent{std::move(event)});
    CHECK(pair.both_up());
}

TEST_CASE("the networks of a tunnel are blocked in every direction, by policies with the reqid of their child", "[ike]") {
    Pair pair;
    pair.use_tunnel();
    pair.alice.connection.local = xfrm::Address::any(xfrm::Family::V4);
    pair.alice.connection.local_fixed = false;
    pair.configure();
    REQUIRE(pair.alice.kernel.policies().size() == 3);
    for (const auto& policy : pair.alice.kernel.policies()) {
        CHECK(policy.spec.action == xfrm::PolicyAction::Block);
        REQUIRE(policy.spec.templates.size() == 1);
        CHECK(policy.spec.templates.front().reqid == pair.alice.connection.children.front().reqid);
    }
}

TEST_CASE("what may pass in clear while the connection is down passes without an address, too", "[ike]") {
    Pair pair;
    pair.alice.connection.when_down = WhenDown::Clear;
    lose_address(pair.alice);
    pair.configure();
    CHECK(pair.alice.state() == ConnectionState::WaitingForAddress);
    CHECK(pair.alice.kernel.policies().empty());
}

}  // namespace xfrmd::test
