// SPDX-License-Identifier: Apache-2.0
// How surely and how soon a connection comes up where datagrams are lost.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "tests/sim/prng.h"
#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

namespace {

// Whether alice and bob, with the default proposals, come up within a minute although `percent` of the datagrams are lost.
bool comes_up(std::uint64_t seed, std::uint64_t percent) {
    Pair pair{xfrm::Family::V4, seed};
    pair.alice.connection.start = Start::Now;
    sim::Prng losses = sim::Prng{seed}.split("losses");
    pair.wire = [&](const Peer&, Datagram&) { return losses.below(100) >= percent; };
    pair.configure(pair.bob);
    pair.configure(pair.alice);
    const auto is_up = [](const Event& event) { return std::holds_alternative<ChildUp>(event); };
    for (int second = 0; second < 60; ++second) {
        if (std::ranges::any_of(pair.alice.events, is_up)) return true;
        pair.pass(std::chrono::seconds{1});
    }
    return std::ranges::any_of(pair.alice.events, is_up);
}

std::uint64_t ups(std::uint64_t seeds, std::uint64_t percent) {
    std::uint64_t count = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) count += comes_up(seed, percent) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("where one datagram in ten is lost every connection comes up within a minute", "[ike][loss]") {
    CHECK(ups(200, 10) == 200);
}

TEST_CASE("where three datagrams in ten are lost 99.9 % of the connections come up within a minute", "[ike][loss]") {
    CHECK(ups(1000, 30) >= 999);
}

}  // namespace xfrmd::test
