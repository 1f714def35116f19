// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "ike/policy/default_proposals.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

// The pair of SAs that two kernels hold for one child: same SPIs, keys and algorithms, and nothing else.
void check_child_agrees(Pair& pair) {
    REQUIRE(pair.both_up());
    REQUIRE(pair.alice.kernel_sas() == 2);
    REQUIRE(pair.bob.kernel_sas() == 2);
    for (const auto& ours : pair.alice.kernel.sas()) {
        const auto& theirs = *std::ranges::find(pair.bob.kernel.sas(), ours.spec.id,
                                                [](const auto& sa) { return sa.spec.id; });
        CHECK(sim::KernelModel::protection_of(ours.spec) == sim::KernelModel::protection_of(theirs.spec));
        CHECK_FALSE(ours.larval);
    }
}

sim::Packet ping(const Peer& from, const Peer& to) {
    return {.source = from.address, .destination = to.address, .protocol = 1, .source_port = 8};
}

}  // namespace

TEST_CASE("two hosts with the same secret agree on an IKE SA and a child", "[ike]") {
    const xfrm::Family family = GENERATE(xfrm::Family::V4, xfrm::Family::V6);
    Pair pair{family};
    pair.configure();
    pair.up(GENERATE(true, false) ? pair.alice : pair.bob);
    check_child_agrees(pair);
    // In IPv6 the key of ML-KEM-768 does not fit into 1280 octets.
    CHECK(pair.delivered == (family == xfrm::Family::V4 ? 6 : 7));
}

TEST_CASE("two hosts with certificates of one authority agree", "[ike]") {
    Pair pair;
    pair.use_certificates(GENERATE(KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521, KeyKind::Rsa2048,
                                   KeyKind::Ed25519));
    pair.configure();
    pair.up(pair.alice);
    check_child_agrees(pair);
}

TEST_CASE("a tunnel between gateways comes up", "[ike]") {
    Pair pair;
    pair.use_tunnel();
    pair.configure();
    pair.up(pair.alice);
    check_child_agrees(pair);
    CHECK(pair.alice.kernel.sas().front().spec.mode == xfrm::Mode::Tunnel);
}

TEST_CASE("each algorithm that both sides want is used", "[ike]") {
    Pair pair;
    const std::string ike = GENERATE("aes128gcm16-prfsha256-x25519", "aes256gcm16-prfsha384-ecp384",
                                     "chacha20poly1305-prfsha512-ecp521", "aes256-sha512-modp3072",
                                     "aes128-sha256-ecp256", "aes256-sha384-modp2048");
    const std::string esp = GENERATE("aes128gcm16-esn", "aes256-sha256-noesn", "chacha20poly1305-esn");
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        peer->connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, ike)};
        peer->connection.children.front().proposals = {*parse_proposal(ProtocolId::Esp, esp)};
    }
    pair.configure();
    pair.up(pair.alice);
    check_child_agrees(pair);
}

TEST_CASE("the responder's choice of another group costs one more round trip", "[ike]") {
    Pair pair;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ecp256")};
    pair.bob.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-ecp256")};
    pair.configure();
    pair.up(pair.alice);
    check_child_agrees(pair);
    CHECK(pair.delivered == 6);
}

TEST_CASE("a responder above its threshold asks for a cookie, and accepts it", "[ike]") {
    Pair pair;
    pair.bob.limits.half_open_before_cookie = 0;
    pair.configure();
    pair.up(pair.alice);
    check_child_agrees(pair);
    CHECK(pair.bob.host->snapshot().statistics.cookies_sent == 1);
    CHECK(pair.delivered == 8);
}

TEST_CASE("a cookie and another group together still come to an agreement", "[ike]") {
    Pair pair;
    pair.bob.limits.half_open_before_cookie = 0;
    pair.alice.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ecp256")};
    pair.bob.connection.ike_proposals = {*parse_proposal(ProtocolId::Ike, "aes128gcm16-prfsha256-ecp256")};
    pair.configure();
    pair.up(pair.alice);
    check_child_agrees(pair);
    CHECK(pair.bob.host->snapshot().statistics.cookies_sent == 1);
}

TEST_CASE("the first packet brings the child up, and the next one is protected", "[ike]") {
    Pair pair;
    pair.alice.connection.start = Start::OnTraffic;
    pair.configure();
    CHECK(pair.alice.state() == ConnectionState::WaitingForTraffic);
    CHECK(pair.alice.kernel.output(ping(pair.alice, pair.bob)).error() == sim::Drop::WaitingForSa);
    for (auto& event : pair.alice.kernel.take_events()) pair.input(pair.alice, KernelEvent{std::move(event)});
    check_child_agrees(pair);
    const auto protected_packet = pair.alice.kernel.output(ping(pair.alice, pair.bob));
    REQUIRE(protected_packet);
    const auto delivered = pair.bob.kernel.input(*protected_packet);
    REQUIRE(delivered);
    CHECK(delivered->was_protected);
}

TEST_CASE("a clear packet of a protected peer is dropped from the moment of the load", "[ike]") {
    Pair pair;
    pair.configure();
    CHECK(pair.bob.kernel.input(sim::WirePacket{ping(pair.alice, pair.bob)}).error() == sim::Drop::NotProtected);
}

TEST_CASE("the peer learns that it may send only after the kernel has the inbound SA", "[ike]") {
    Pair pair;
    pair.configure();
    bool installed_first = false;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool auth_response = &to == &pair.alice && datagram.octets[18] == 35;
        if (auth_response) installed_first = pair.bob.kernel_sas() == 2;
        return true;
    };
    pair.up(pair.alice);
    CHECK(installed_first);
}

TEST_CASE("down deletes the SAs on both sides and leaves the policies", "[ike]") {
    Pair pair;
    pair.configure();
    const std::size_t policies = pair.alice.kernel.policies().size();
    pair.up(pair.alice);
    pair.down(pair.alice);
    CHECK(pair.alice.state() == ConnectionState::HeldDown);
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK(pair.alice.kernel.policies().size() == policies);
    CHECK(pair.bob.failure()->reason == Reason::Deleted);
}

TEST_CASE("lost messages are sent again, octet for octet", "[ike]") {
    Pair pair;
    pair.configure();
    int lost = GENERATE(0, 1, 2, 3, 4, 5);
    pair.wire = [&](const Peer&, Datagram&) { return lost-- != 0; };
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{5});
    check_child_agrees(pair);
    std::vector<Bytes> distinct;
    for (const Peer* peer : {&pair.alice, &pair.bob})
        for (const Transmit& transmit : peer->sent)
            if (!std::ranges::contains(distinct, transmit.octets)) distinct.push_back(transmit.octets);
    CHECK(distinct.size() == 6);
}

TEST_CASE("both sides starting at once end with one IKE SA and one child", "[ike]") {
    Pair pair{xfrm::Family::V4, GENERATE(range(1U, 9U))};
    pair.alice.connection.start = pair.bob.connection.start = Start::Now;
    std::vector<std::pair<Peer*, Datagram>> held;
    bool hold = true;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (hold) held.emplace_back(&to == &pair.alice ? &pair.alice : &pair.bob, datagram);
        return !hold;
    };
    pair.configure();
    hold = false;
    // Message by message in turn, so that the two negotiations run side by side.
    for (auto& [to, datagram] : held) pair.input(*to, datagram);
    pair.pass(std::chrono::seconds{20});
    check_child_agrees(pair);
    CHECK(pair.alice.host->snapshot().connections.front().ike_sas.size() == 1);
    CHECK(pair.bob.host->snapshot().connections.front().ike_sas.size() == 1);
}

TEST_CASE("a peer that answers no more is found out, and nothing of it stays", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.wire = [](const Peer&, Datagram&) { return false; };
    pair.pass(std::chrono::minutes{3});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.alice.failure()->reason == Reason::PeerUnresponsive);
}

TEST_CASE("a live peer without traffic answers liveness checks", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::minutes{10});
    check_child_agrees(pair);
}

TEST_CASE("traffic from the peer makes liveness checks unnecessary", "[ike]") {
    Pair pair;
    pair.alice.connection.liveness_interval = std::chrono::seconds{10};
    pair.bob.connection.liveness_interval = Duration{0};
    pair.configure();
    pair.up(pair.alice);
    const std::size_t before = pair.alice.sent.size();
    for (int i = 0; i < 20; ++i) {
        const auto packet = pair.bob.kernel.output(ping(pair.bob, pair.alice));
        REQUIRE(packet);
        REQUIRE(pair.alice.kernel.input(*packet));
        pair.pass(std::chrono::seconds{5});
    }
    CHECK(pair.alice.sent.size() == before);
}

TEST_CASE("a peer whose packets end is asked an interval and a quarter later at the latest", "[ike]") {
    Pair pair;
    pair.alice.connection.liveness_interval = std::chrono::seconds{10};
    pair.bob.connection.liveness_interval = Duration{0};
    pair.configure();
    pair.up(pair.alice);
    for (int i = 0; i < 67; ++i) {
        const auto packet = pair.bob.kernel.output(ping(pair.bob, pair.alice));
        REQUIRE(packet);
        REQUIRE(pair.alice.kernel.input(*packet));
        pair.pass(std::chrono::milliseconds{300});
    }
    const std::size_t before = pair.alice.sent.size();
    pair.pass(std::chrono::milliseconds{9500});
    CHECK(pair.alice.sent.size() == before);
    pair.pass(std::chrono::milliseconds{3000});
    CHECK(pair.alice.sent.size() == before + 1);
}

TEST_CASE("a host that lost its state replaces what its peer still has", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    pair.pass(std::chrono::seconds{1});
    // Alice crashes: a new core, an empty kernel.
    Peer reborn{"alice", pair.alice.address, 99};
    pair.alice.host = std::move(reborn.host);
    pair.alice.kernel = std::move(reborn.kernel);
    sim::SimulatedRandom random{sim::Prng{5}};
    pair.alice.host = std::make_unique<Host>(random);
    pair.configure(pair.alice);
    pair.up(pair.alice);
    check_child_agrees(pair);
    CHECK(pair.bob.host->snapshot().connections.front().ike_sas.size() == 1);
}

TEST_CASE("every IKE SA that is not at its end has a deadline or waits for an answer", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    CHECK(pair.alice.host->next_deadline());
    CHECK(pair.bob.host->next_deadline());
    pair.down(pair.alice);
    pair.pass(std::chrono::seconds{30});
    CHECK(pair.alice.host->snapshot().statistics.ike_sas == 0);
    CHECK(pair.bob.host->snapshot().statistics.ike_sas == 0);
}

TEST_CASE("shutdown tells the peers and is answered when they know", "[ike]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    const std::size_t replies = pair.alice.replies.size();
    pair.input(pair.alice, Command{CommandId{77}, Shutdown{}});
    REQUIRE(pair.alice.replies.size() == replies + 1);
    CHECK(pair.alice.replies.back().id == CommandId{77});
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
    CHECK_FALSE(pair.alice.kernel.policies().empty());
}

TEST_CASE("a peer that has answered an attempt we gave up meanwhile is told so", "[ike]") {
    Pair pair;
    pair.configure();
    std::optional<Datagram> held;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        const bool auth_response = &to == &pair.alice && datagram.octets[18] == 35;
        if (auth_response && !held) {
            held = datagram;
            return false;
        }
        return true;
    };
    pair.up(pair.alice);
    REQUIRE(held);
    CHECK(pair.bob.kernel_sas() == 2);
    pair.down(pair.alice);
    pair.input(pair.alice, *std::move(held));
    CHECK(pair.alice.kernel_sas() == 0);
    CHECK(pair.bob.kernel_sas() == 0);
}

}  // namespace xfrmd::test
