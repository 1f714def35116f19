// SPDX-License-Identifier: Apache-2.0
// The small pieces of the core, each by itself.
#include <catch2/catch_test_macros.hpp>

#include "ike/deadlines.h"
#include "ike/half_open.h"
#include "ike/message_window.h"
#include "ike/nat.h"
#include "ike/slot_map.h"
#include "tests/sim/prng.h"

namespace xfrmd::ike {

namespace {

const xfrm::Endpoint kAlice{*xfrm::Address::parse("192.0.2.1"), 500};
const xfrm::Endpoint kBob{*xfrm::Address::parse("192.0.2.2"), 500};
const Bytes kNonce(32, 7);

}  // namespace

TEST_CASE("the inbound window takes the next request once and repeats its answer", "[ike]") {
    InboundWindow window;
    const Bytes first{1, 2, 3};
    const Bytes other{1, 2, 4};
    CHECK(window.classify({0}, first) == Arrival::Next);
    CHECK(window.classify({1}, first) == Arrival::Ahead);
    window.begin(first);
    CHECK(window.classify({0}, first) == Arrival::InProgress);
    CHECK(window.classify({0}, other) == Arrival::Stale);
    window.complete({{9}, {8}});
    CHECK(window.classify({0}, first) == Arrival::Duplicate);
    CHECK(window.classify({0}, other) == Arrival::Stale);
    CHECK(window.response() == Datagrams{{9}, {8}});
    CHECK(window.classify({1}, other) == Arrival::Next);
    window.begin(other);
    CHECK(window.classify({0}, first) == Arrival::Stale);
}

TEST_CASE("the outbound window accepts one answer to the one request that is outstanding", "[ike]") {
    OutboundWindow window;
    CHECK(window.is_idle());
    CHECK_FALSE(window.accept_response({0}));
    window.send({{1}});
    CHECK_FALSE(window.accept_response({1}));
    window.resend({{2}, {3}});
    CHECK(window.outstanding()->datagrams == Datagrams{{2}, {3}});
    CHECK(window.accept_response({0}));
    CHECK_FALSE(window.accept_response({0}));
    CHECK(window.next_id() == MessageId{1});
}

TEST_CASE("retransmissions back off to a bound and spread by at most a quarter", "[ike]") {
    Limits limits;
    limits.retransmit_first = std::chrono::milliseconds{500};
    limits.retransmit_max = std::chrono::seconds{4};
    CHECK(retransmission_delay(limits, 1, 0) == std::chrono::milliseconds{500});
    CHECK(retransmission_delay(limits, 2, 0) == std::chrono::seconds{1});
    CHECK(retransmission_delay(limits, 4, 0) == std::chrono::seconds{4});
    CHECK(retransmission_delay(limits, 1000, 0) == std::chrono::seconds{4});
    CHECK(retransmission_delay(limits, 1000, 255) < std::chrono::seconds{5});
}

TEST_CASE("a cookie is good for its subject alone, and for two periods at most", "[ike]") {
    sim::SimulatedRandom rng{sim::Prng{3}};
    CookieJar jar;
    Time now{};
    const CookieJar::Subject subject{kNonce, kAlice, {42}};
    const Bytes cookie = jar.make(now, rng, subject);
    CHECK(jar.verify(now, rng, subject, cookie));
    CHECK_FALSE(jar.verify(now, rng, {kNonce, kBob, {42}}, cookie));
    CHECK_FALSE(jar.verify(now, rng, {kNonce, kAlice, {43}}, cookie));
    CHECK_FALSE(jar.verify(now, rng, {Bytes(32, 8), kAlice, {42}}, cookie));
    CHECK_FALSE(jar.verify(now, rng, subject, {}));
    for (std::size_t i = 0; i < cookie.size(); ++i) {
        Bytes changed = cookie;
        changed[i] ^= 1;
        CHECK_FALSE(jar.verify(now, rng, subject, changed));
    }
    now += CookieJar::kPeriod;
    CHECK(jar.verify(now, rng, subject, cookie));
    now += CookieJar::kPeriod;
    CHECK_FALSE(jar.verify(now, rng, subject, cookie));
}

TEST_CASE("a NAT is detected on the side where it is", "[ike]") {
    const IkeSpi initiator{1};
    const IkeSpi responder{2};
    const Path sent{kAlice, kBob, false};
    const auto notifies = nat_detection_notifies(initiator, responder, sent);
    CHECK_FALSE(detect_nat(notifies, initiator, responder, {kBob, kAlice, false}).any());
    const xfrm::Endpoint moved{kAlice.address, 1024};
    const NatSituation theirs = detect_nat(notifies, initiator, responder, {kBob, moved, false});
    CHECK(theirs.remote);
    CHECK_FALSE(theirs.local);
    const xfrm::Endpoint inside{*xfrm::Address::parse("10.0.0.2"), 500};
    const NatSituation ours = detect_nat(notifies, initiator, responder, {inside, kAlice, false});
    CHECK(ours.local);
    CHECK_FALSE(ours.remote);
    CHECK_FALSE(detect_nat({}, initiator, responder, {kBob, moved, false}).any());
}

TEST_CASE("a slot map is searched from any slot on", "[ike]") {
    SlotMap<int> map;
    const auto is_odd = [](int value) { return value % 2 == 1; };
    CHECK(map.find_from(0, is_odd) == nullptr);
    const SaHandle first = map.insert(1);
    map.insert(2);
    map.insert(3);
    CHECK(*map.find_from(0, is_odd) == 1);
    CHECK(*map.find_from(1, is_odd) == 3);
    CHECK(map.find_from(3, is_odd) == nullptr);
    map.erase(first);
    CHECK(*map.find_from(0, is_odd) == 3);
}

TEST_CASE("a handle of a value that is gone finds nobody, even where another one took the place", "[ike]") {
    SlotMap<int> map;
    const SaHandle first = map.insert(1);
    CHECK(*map.find(first) == 1);
    map.erase(first);
    const SaHandle second = map.insert(2);
    CHECK(second.index == first.index);
    CHECK(map.find(first) == nullptr);
    CHECK(*map.find(second) == 2);
    map.erase(first);
    CHECK(map.size() == 1);
}

TEST_CASE("deadlines come in the order of time, one for each owner", "[ike]") {
    Deadlines<int> deadlines;
    const auto at = [](int seconds) { return Time{std::chrono::seconds{seconds}}; };
    deadlines.set(1, at(10));
    deadlines.set(2, at(5));
    deadlines.set(1, at(3));
    CHECK(deadlines.earliest_owner()->second == 1);
    CHECK_FALSE(deadlines.take_due(at(2)));
    CHECK(deadlines.take_due(at(20)) == 1);
    CHECK(deadlines.take_due(at(20)) == 2);
    CHECK_FALSE(deadlines.take_due(at(20)));
    deadlines.set(3, at(1));
    deadlines.set(3, std::nullopt);
    CHECK_FALSE(deadlines.earliest_owner());
}

}  // namespace xfrmd::ike
