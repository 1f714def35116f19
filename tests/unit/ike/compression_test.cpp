// SPDX-License-Identifier: Apache-2.0
// Children that compress. RFC 7296 §2.22, RFC 3173.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

void compress(Pair& pair, bool alice, bool bob) {
    pair.alice.connection.children.front().compress = alice;
    pair.bob.connection.children.front().compress = bob;
}

std::vector<const sim::KernelModel::Sa*> sas_of(const Peer& peer, xfrm::IpsecProtocol protocol) {
    std::vector<const sim::KernelModel::Sa*> found;
    for (const auto& sa : peer.kernel.sas())
        if (sa.spec.id.protocol == protocol) found.push_back(&sa);
    return found;
}

sim::Packet packet_from(const Peer& from) {
    const Child& child = from.connection.children.front();
    sim::Packet packet;
    packet.source = child.local.front().first;
    packet.destination = child.remote.front().first;
    packet.protocol = 17;
    return packet;
}

bool passes(Pair& pair, Peer& from) {
    const auto sent = from.kernel.output(packet_from(from));
    if (!sent || !std::holds_alternative<sim::IpsecPacket>(*sent)) return false;
    const auto arrived = pair.other(from).kernel.input(*sent);
    return arrived && arrived->was_protected;
}

}  // namespace

TEST_CASE("two hosts that compress have SAs of IPComp inside those of ESP", "[ike]") {
    const auto family = GENERATE(xfrm::Family::V4, xfrm::Family::V6);
    const bool tunnel = GENERATE(true, false);
    Pair pair{family};
    if (tunnel) pair.use_tunnel();
    compress(pair, true, true);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const xfrm::Mode mode = tunnel ? xfrm::Mode::Tunnel : xfrm::Mode::Transport;
    for (const auto* ours : sas_of(pair.alice, xfrm::IpsecProtocol::Ipcomp)) {
        CHECK(ours->spec.id.spi.value >= 256);
        CHECK(ours->spec.id.spi.value < 61440);
        CHECK(ours->spec.mode == mode);
        CHECK(ours->spec.compression->name == "deflate");
        CHECK(std::ranges::contains(pair.bob.kernel.sas(), ours->spec.id, [](const auto& sa) { return sa.spec.id; }));
    }
    for (const auto* ours : sas_of(pair.alice, xfrm::IpsecProtocol::Esp))
        CHECK(ours->spec.mode == xfrm::Mode::Transport);
    CHECK(sas_of(pair.alice, xfrm::IpsecProtocol::Ipcomp).size() == 2);
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(pair.bob.kernel_sas() == 4);
    CHECK(passes(pair, pair.alice));
    CHECK(passes(pair, pair.bob));
}

TEST_CASE("what comes in without compression inside ESP is taken: it would not have become smaller", "[ike]") {
    Pair pair;
    compress(pair, true, true);
    pair.configure();
    for (const auto& policy : pair.bob.kernel.policies()) {
        REQUIRE(policy.spec.templates.size() == 2);
        const bool outwards = policy.spec.id.direction == xfrm::Direction::Out;
        CHECK(policy.spec.templates[0].protocol == xfrm::IpsecProtocol::Ipcomp);
        CHECK(policy.spec.templates[0].optional != outwards);
        CHECK(policy.spec.templates[1].protocol == xfrm::IpsecProtocol::Esp);
        CHECK_FALSE(policy.spec.templates[1].optional);
    }
}

TEST_CASE("the packet that asks for compression brings the child up", "[ike]") {
    Pair pair;
    compress(pair, true, true);
    pair.alice.connection.start = Start::OnTraffic;
    pair.configure();
    CHECK_FALSE(passes(pair, pair.alice));
    for (const auto& event : pair.alice.kernel.take_events()) pair.input(pair.alice, KernelEvent{event});
    REQUIRE(pair.both_up());
    CHECK(passes(pair, pair.alice));
    for (const auto& sa : pair.alice.kernel.sas()) CHECK_FALSE(sa.larval);
}

TEST_CASE("a peer that does not compress is refused, and nothing of the child stays", "[ike][negative]") {
    const bool alice_compresses = GENERATE(true, false);
    Pair pair;
    compress(pair, alice_compresses, !alice_compresses);
    pair.configure();
    pair.up(pair.alice);
    const Reason told = alice_compresses ? Reason::CompressionRefused : Reason::NoProposalChosen;
    REQUIRE(pair.alice.failure());
    CHECK(pair.alice.failure()->reason == told);
    if (!alice_compresses) CHECK(pair.bob.failure()->reason == Reason::CompressionRefused);
    pair.pass(std::chrono::minutes{2});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("a kernel without room for a CPI ends the negotiation, and takes the SPI back", "[ike][negative]") {
    const bool alices = GENERATE(true, false);
    Pair pair;
    compress(pair, true, true);
    pair.configure();
    (alices ? pair.alice : pair.bob).kernel_fault = [](xfrm::KernelRequest& request,
                                                       std::optional<xfrm::KernelResult>& result) {
        const auto* allocate = std::get_if<xfrm::AllocateSpi>(&request);
        if (allocate != nullptr && allocate->protocol == xfrm::IpsecProtocol::Ipcomp)
            result = std::unexpected{xfrm::KernelError{12, "no room"}};
    };
    pair.up(pair.alice);
    CHECK(pair.alice.failure()->reason == (alices ? Reason::KernelRefused : Reason::NoProposalChosen));
    pair.pass(std::chrono::minutes{2});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("a compressed child is rekeyed with its compression, and carries traffic all the time", "[ike]") {
    const bool tunnel = GENERATE(true, false);
    Pair pair;
    if (tunnel) pair.use_tunnel();
    compress(pair, true, true);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const auto before = spis(pair.alice);
    pair.wire = [&](const Peer&, Datagram&) {
        CHECK(passes(pair, pair.alice));
        CHECK(passes(pair, pair.bob));
        return true;
    };
    pair.input(pair.bob, rekey(true, true));
    pair.pass(std::chrono::seconds{10});
    REQUIRE(pair.both_up());
    CHECK(pair.alice.kernel_sas() == 4);
    CHECK(pair.bob.kernel_sas() == 4);
    for (const std::uint32_t spi : spis(pair.alice)) CHECK_FALSE(before.contains(spi));
    CHECK(count<ChildRekeyed>(pair.alice) == 1);
}

TEST_CASE("a compressed child that ends leaves nothing in the kernel", "[ike]") {
    Pair pair;
    pair.use_tunnel();
    compress(pair, true, true);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    pair.down(pair.alice);
    pair.pass(std::chrono::seconds{20});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

TEST_CASE("a child whose compression is taken out of the kernel ends as a whole", "[ike]") {
    Pair pair;
    compress(pair, true, true);
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
    const auto* expired = sas_of(pair.alice, xfrm::IpsecProtocol::Ipcomp).front();
    const xfrm::SaExpired event{expired->spec.id, expired->spec.reqid, expired->spec.mode, true, {}};
    pair.input(pair.alice, KernelEvent{event});
    pair.pass(std::chrono::seconds{20});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(count<ChildDown>(pair.alice) == 1);
}

}  // namespace xfrmd::test
