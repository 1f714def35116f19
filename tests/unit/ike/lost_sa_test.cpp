// SPDX-License-Identifier: Apache-2.0
// SAs that somebody else takes out of the kernel.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

sim::Packet packet_from(const Peer& from) {
    const Child& child = from.connection.children.front();
    sim::Packet packet;
    packet.source = child.local.front().first;
    packet.destination = child.remote.front().first;
    return packet;
}

bool passes(Pair& pair, Peer& from) {
    const auto sent = from.kernel.output(packet_from(from));
    return sent && pair.other(from).kernel.input(*sent);
}

void take_out_sas(Peer& peer) {
    xfrm::RemoveSas removal;
    for (const auto& sa : peer.kernel.sas()) removal.sas.push_back(sa.spec.id);
    static_cast<void>(peer.kernel.run(removal));
}

}  // namespace

TEST_CASE("SAs that somebody flushes are made again by the next packet", "[ike]") {
    Pair pair;
    pair.alice.connection.start = Start::OnTraffic;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(passes(pair, pair.alice));
    pair.pass(std::chrono::seconds{5});
    take_out_sas(pair.alice);
    CHECK_FALSE(passes(pair, pair.alice));
    for (const auto& event : pair.alice.kernel.take_events()) pair.input(pair.alice, KernelEvent{event});
    pair.pass(std::chrono::seconds{5});
    CHECK(count<ChildDown>(pair.alice) == 1);
    static_cast<void>(passes(pair, pair.alice));
    for (const auto& event : pair.alice.kernel.take_events()) pair.input(pair.alice, KernelEvent{event});
    pair.pass(std::chrono::seconds{5});
    REQUIRE(pair.both_up());
    CHECK(passes(pair, pair.alice));
    CHECK(passes(pair, pair.bob));
}

TEST_CASE("packets that a child does not serve do not make us read all SAs each time", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    std::size_t dumps = 0;
    pair.alice.kernel_fault = [&](xfrm::KernelRequest& request, std::optional<xfrm::KernelResult>&) {
        dumps += std::holds_alternative<xfrm::DumpSas>(request);
    };
    pair.alice.connection.start = Start::OnTraffic;
    const auto policy = pair.alice.kernel.policies().front();
    for (int i = 0; i < 100; ++i) {
        xfrm::Acquire acquire;
        acquire.policy = policy.spec;
        pair.input(pair.alice, KernelEvent{acquire});
        pair.pass(std::chrono::milliseconds{100});
    }
    CHECK(dumps <= 2);
    CHECK(pair.both_up());
}

}  // namespace xfrmd::test
