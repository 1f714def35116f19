// SPDX-License-Identifier: Apache-2.0
// A peer that goes on with a child as soon as it has answered, while that is still on its way into our kernel.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "ike/child_lifecycle.h"
#include "ike/core.h"
#include "ike/tasks.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

using namespace std::chrono_literals;

xfrm::EspSpi latest_child_of(Peer& peer) { return ike_sa_of(peer).children.back().inbound.spi; }

void begin(Pair& pair, Peer& peer, Task task) {
    pair.input(peer, Tick{});
    const std::size_t sent = peer.sent.size();
    enqueue(core_of(*peer.host), ike_sa_of(peer), std::move(task));
    pair.input(peer, Tick{});
    REQUIRE(peer.sent.size() > sent);
}

// It sends with its latest child already, and rekeys that.
void rekey_latest_child(Pair& pair, Peer& peer) {
    const xfrm::EspSpi latest = latest_child_of(peer);
    if (ike_sa_of(peer).children.back().phase == ChildPhase::AwaitingSwitch)
        static_cast<void>(switch_over(core_of(*peer.host), ike_sa_of(peer), {latest}));
    begin(pair, peer, task::RekeyChild{latest});
}

// For TCP, so that the IKE SA stays when the first one ends.
void add_another(Pair& pair) {
    for (Peer* peer : {&pair.alice, &pair.bob}) {
        Child another = peer->connection.children.front();
        another.name = "another";
        another.reqid.value += 100;
        for (auto* list : {&another.local, &another.remote}) list->front().protocol = 6;
        another.policy_priority = 900;
        peer->connection.children.push_back(std::move(another));
    }
}

// Alice's rekey of her child, whose answer is still on its way.
Datagram rekey_with_late_answer(Pair& pair) {
    std::optional<Datagram> answer;
    pair.wire = [&](const Peer& to, Datagram& datagram) {
        if (answer || &to != &pair.alice) return true;
        answer = datagram;
        return false;
    };
    pair.input(pair.alice, rekey(false, true));
    pair.wire = [](const Peer&, Datagram&) { return true; };
    REQUIRE(answer);
    return *std::move(answer);
}

// Alice has asked for a child, the first or the next one. Bob has it; her kernel has not said yet that it has it, too.
struct SlowKernel : Pair {
    explicit SlowKernel(bool is_first, bool has_another = false) {
        alice.connection.childless = is_first;
        if (has_another) add_another(*this);
        configure();
        if (!is_first) up(alice);
        alice.answers_late = [](const xfrm::KernelRequest& request) { return std::holds_alternative<xfrm::InstallSas>(request); };
        if (is_first)
            up(alice);
        else
            input(alice, rekey(false, true));
        REQUIRE(alice.late_replies.size() == 1);
    }

    void kernel_answers() {
        alice.answers_late = nullptr;
        input(alice, std::move(alice.late_replies.front()));
    }

    void check_one_child() {
        CHECK(spis(alice) == spis(bob));
        CHECK(alice.kernel_sas() == 2);
        for (const Peer* peer : {&alice, &bob}) {
            const auto shot = peer->host->snapshot().connections.front();
            REQUIRE(shot.ike_sas.size() == 1);
            CHECK(shot.ike_sas.front().children.size() == 1);
        }
    }
};

}  // namespace

TEST_CASE("a child that the peer rekeys before our kernel has it is not denied", "[ike][rekey][kernel]") {
    SlowKernel pair{GENERATE(true, false)};
    const xfrm::EspSpi fresh = latest_child_of(pair.bob);
    rekey_latest_child(pair, pair.bob);
    // RFC 7296 §2.25.1: a peer that hears CHILD_SA_NOT_FOUND gives the child up.
    CHECK(count<ChildDown>(pair.bob) == 0);
    CHECK(spis(pair.bob).contains(fresh.value));
    pair.kernel_answers();
    pair.pass(90s);   // the peer tries again
    pair.check_one_child();
    CHECK_FALSE(spis(pair.bob).contains(fresh.value));
    CHECK(count<ChildDown>(pair.alice) + count<ChildDown>(pair.bob) == 0);
}

TEST_CASE("a child that the peer may have made already is not denied either", "[ike][rekey][kernel]") {
    Pair pair;
    pair.configure();
    pair.up(pair.alice);
    const Datagram answer = rekey_with_late_answer(pair);
    rekey_latest_child(pair, pair.bob);
    CHECK(count<ChildDown>(pair.bob) == 0);
    pair.input(pair.alice, answer);
    pair.pass(90s);
    CHECK(count<ChildDown>(pair.alice) + count<ChildDown>(pair.bob) == 0);
    CHECK(spis(pair.alice) == spis(pair.bob));
    CHECK(pair.alice.kernel_sas() == 2);
}

TEST_CASE("a child that the peer deletes before our kernel has it goes at both ends", "[ike][rekey][kernel]") {
    SlowKernel pair{false, true};
    const xfrm::EspSpi fresh = latest_child_of(pair.bob);
    const auto protocol = ike_sa_of(pair.bob).children.back().inbound.protocol;
    begin(pair, pair.bob, task::DeleteChild{fresh, protocol});
    pair.kernel_answers();
    pair.pass(90s);
    CHECK_FALSE(spis(pair.alice).contains(fresh.value));
    CHECK(spis(pair.alice) == spis(pair.bob));
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
}

TEST_CASE("a child that the peer deletes before its answer comes goes at both ends", "[ike][rekey]") {
    Pair pair;
    add_another(pair);
    pair.configure();
    pair.up(pair.alice);
    const Datagram answer = rekey_with_late_answer(pair);
    REQUIRE(ike_sa_of(pair.bob).children.back().replaces.has_value());
    const ChildSa& fresh = ike_sa_of(pair.bob).children.back();
    const std::uint32_t spi = fresh.inbound.spi.value;
    begin(pair, pair.bob, task::DeleteChild{fresh.inbound.spi, fresh.inbound.protocol});
    pair.input(pair.alice, answer);
    pair.pass(90s);
    CHECK_FALSE(spis(pair.alice).contains(spi));
    CHECK(spis(pair.alice) == spis(pair.bob));
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
}

}  // namespace xfrmd::test
