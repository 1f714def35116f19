// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/prng.h"

#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace xfrmd::sim;

TEST_CASE("a seed gives the same numbers each time, another one others", "[sim]") {
    Prng first{42};
    Prng again{42};
    Prng other{43};
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto drawn = first.next();
        REQUIRE(drawn == again.next());
        differs = differs || drawn != other.next();
    }
    CHECK(differs);
}

TEST_CASE("a stream of its own does not depend on what was drawn before", "[sim]") {
    Prng fresh{7};
    Prng used{7};
    for (int i = 0; i < 10; ++i) used.next();
    CHECK(fresh.split("network").next() == used.split("network").next());
    CHECK(fresh.split("network").next() != fresh.split("kernel").next());
}

TEST_CASE("numbers stay in their bounds and reach all of them", "[sim]") {
    Prng prng{1};
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(prng.between(5, 9));
    CHECK(seen == std::set<std::uint64_t>{5, 6, 7, 8, 9});
    int heads = 0;
    for (int i = 0; i < 10'000; ++i) heads += prng.chance(0.25) ? 1 : 0;
    CHECK(heads > 2300);
    CHECK(heads < 2700);
    CHECK_FALSE(prng.chance(0.0));
    CHECK(prng.chance(1.0));
}

TEST_CASE("Botan draws from the simulated stream", "[sim]") {
    SimulatedRandom first{Prng{9}};
    SimulatedRandom again{Prng{9}};
    CHECK(first.peek() == again.peek());
    CHECK(first.random_vec(32) == again.random_vec(32));
    CHECK(first.peek() == again.peek());
    first.random_vec(1);
    CHECK(first.peek() != again.peek());
}
