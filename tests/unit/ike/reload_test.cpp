// SPDX-License-Identifier: Apache-2.0
// Another configuration for a connection that is up: what did not change in it goes on.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

using namespace std::chrono_literals;

namespace {

// For one protocol, beside the one for everything.
Child child_for(const Peer& peer, const std::string& name, std::uint8_t protocol) {
    Child child = peer.connection.children.front();
    child.name = name;
    child.reqid.value += protocol;
    for (auto* list : {&child.local, &child.remote})
        for (auto& range : *list) range.protocol = protocol;
    child.policy_priority = 900;
    return child;
}

// The SPI that each child of alice's receives with; she must have one IKE SA.
std::map<std::string, std::uint32_t> children(const Pair& pair) {
    std::map<std::string, std::uint32_t> found;
    const auto connections = pair.alice.host->snapshot().connections;
    REQUIRE(connections.size() == 1);
    REQUIRE(connections[0].ike_sas.size() == 1);
    for (const auto& child : connections[0].ike_sas[0].children)
        if (child.is_in_use()) found[child.name] = child.inbound.value;
    return found;
}

// Up, with "all" and "tcp".
struct Two : Pair {
    Two() {
        for (Peer* peer : {&alice, &bob}) peer->connection.children.push_back(child_for(*peer, "tcp", 6));
        configure();
        up(alice);
        pass(30s);
        REQUIRE(children(*this).size() == 2);
    }
    Child& tcp() { return alice.connection.children.at(1); }
};

}  // namespace

TEST_CASE("a child that has changed is made anew, and the others of its connection go on", "[ike]") {
    Two pair;
    const auto before = children(pair);
    const std::size_t came_up = count<IkeSaUp>(pair.bob);
    pair.tcp().replay_window = 64;
    pair.configure(pair.alice);
    CHECK(children(pair) == std::map{std::pair{std::string{"all"}, before.at("all")}});
    CHECK(count<ChildDown>(pair.bob) == 1);

    pair.up(pair.alice);
    const auto after = children(pair);
    REQUIRE(after.size() == 2);
    CHECK(after.at("all") == before.at("all"));
    CHECK(after.at("tcp") != before.at("tcp"));
    CHECK(count<IkeSaUp>(pair.bob) == came_up);
    CHECK(count<IkeSaDown>(pair.bob) == 0);
}

TEST_CASE("a child comes and another goes without the others", "[ike]") {
    Two pair;
    const auto before = children(pair);
    const std::size_t policies = pair.alice.kernel.policies().size();
    for (Peer* peer : {&pair.bob, &pair.alice}) {
        peer->connection.children.at(1) = child_for(*peer, "udp", 17);
        pair.configure(*peer);
    }
    CHECK(pair.alice.kernel.policies().size() == policies);
    pair.up(pair.alice);
    const auto after = children(pair);
    REQUIRE(after.size() == 2);
    CHECK(after.at("all") == before.at("all"));
    CHECK(after.contains("udp"));
    CHECK(count<IkeSaDown>(pair.alice) + count<IkeSaDown>(pair.bob) == 0);
}

TEST_CASE("a child that starts by itself is made as soon as it is configured", "[ike]") {
    Pair pair;
    pair.alice.connection.start = Start::Now;
    pair.configure(pair.bob);
    pair.configure(pair.alice);
    REQUIRE(children(pair).size() == 1);
    for (Peer* peer : {&pair.bob, &pair.alice}) {
        peer->connection.children.push_back(child_for(*peer, "tcp", 6));
        pair.configure(*peer);
    }
    CHECK(children(pair).contains("tcp"));
    CHECK(count<IkeSaDown>(pair.alice) == 0);
}

TEST_CASE("other lifetimes of a child, and another order, change no SA", "[ike]") {
    Two pair;
    const auto before = spis(pair.alice);
    pair.tcp().rekey.time = 20min;
    std::ranges::reverse(pair.alice.connection.children);
    pair.configure(pair.alice);
    CHECK(spis(pair.alice) == before);
}

TEST_CASE("while a child is being made, a change of another one makes the whole connection anew", "[ike]") {
    Two pair;
    // The peer never answers.
    pair.wire = [&](const Peer& to, Datagram&) { return &to == &pair.alice; };
    pair.input(pair.alice, rekey(false, true));
    pair.tcp().replay_window = 64;
    pair.configure(pair.alice);
    CHECK(count<IkeSaDown>(pair.alice) == 1);
    pair.wire = [](const Peer&, Datagram&) { return true; };
    pair.pass(10s);
    CHECK(count<IkeSaDown>(pair.bob) == 1);
    pair.up(pair.alice);
    CHECK(children(pair).size() == 2);
}

TEST_CASE("who waits for a child that is no more wanted is answered", "[ike]") {
    Two pair;
    pair.bob.connection.children.pop_back();
    pair.configure(pair.bob);
    const std::size_t answered = pair.alice.replies.size();
    pair.wire = [&](const Peer& to, Datagram&) { return &to == &pair.alice; };
    pair.up(pair.alice);  // asks for the one that bob has closed
    CHECK(pair.alice.replies.size() == answered);
    pair.wire = [](const Peer&, Datagram&) { return true; };
    pair.alice.connection.children.pop_back();
    pair.configure(pair.alice);
    pair.pass(10s);
    CHECK(pair.alice.replies.size() >= answered + 2);
}

}  // namespace xfrmd::test
