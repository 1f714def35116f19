// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/model/network.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace xfrmd;
using namespace xfrmd::sim;
using namespace std::chrono_literals;

namespace {

const xfrm::Address kEast = xfrm::Address::v4(0xc0000201);
const xfrm::Address kWest = xfrm::Address::v4(0xc0000202);

Frame frame(std::uint8_t mark) {
    return {IkeDatagram{{kEast, 500}, {kWest, 500}, false, Bytes(40, mark)}, false};
}
std::uint8_t mark_of(const Arrival& arrival) { return std::get<IkeDatagram>(arrival.frame.content).octets[0]; }

// 1000 frames, one a millisecond, in the order of arrival.
std::vector<Arrival> send_many(Network& network) {
    std::vector<Arrival> all;
    for (int i = 0; i < 1000; ++i)
        for (Arrival& arrival : network.send(ike::Time{i * 1ms}, frame(static_cast<std::uint8_t>(i))))
            all.push_back(std::move(arrival));
    std::ranges::stable_sort(all, {}, &Arrival::at);
    return all;
}

}  // namespace

TEST_CASE("without faults every frame arrives, in order and unaltered", "[sim]") {
    Network network{Prng{1}};
    network.set_faults({.delay_min = 1ms, .delay_max = 20ms});
    const auto arrivals = send_many(network);
    REQUIRE(arrivals.size() == 1000);
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        REQUIRE(mark_of(arrivals[i]) == static_cast<std::uint8_t>(i));
        REQUIRE_FALSE(arrivals[i].frame.tampered);
    }
}

TEST_CASE("faults happen about as often as asked", "[sim]") {
    Network network{Prng{2}};
    network.set_faults({.loss = 0.2, .duplication = 0.1, .reordering = 0.1, .corruption = 0.1});
    const auto arrivals = send_many(network);
    CHECK(network.counters().lost > 150);
    CHECK(network.counters().lost < 250);
    CHECK(network.counters().duplicated > 40);
    CHECK(network.counters().corrupted > 40);
    CHECK(network.counters().reordered > 40);
    CHECK(arrivals.size() == 1000 - network.counters().lost + network.counters().duplicated);
    const auto tampered = std::ranges::count_if(arrivals, [](const Arrival& a) { return a.frame.tampered; });
    CHECK(static_cast<std::uint64_t>(tampered) == network.counters().corrupted);
}

TEST_CASE("a cut holds for its direction until it is lifted", "[sim]") {
    Network network{Prng{3}};
    network.cut(kEast, kWest, true);
    CHECK(network.send(ike::Time{}, frame(1)).empty());
    Frame back = frame(2);
    std::swap(std::get<IkeDatagram>(back.content).source, std::get<IkeDatagram>(back.content).destination);
    CHECK(network.send(ike::Time{}, back).size() == 1);
    network.cut(kEast, kWest, false);
    CHECK(network.send(ike::Time{}, frame(3)).size() == 1);
}

TEST_CASE("tampering always changes the octets", "[sim]") {
    Prng prng{4};
    for (int i = 0; i < 2000; ++i) {
        const Frame altered = tamper(frame(9), prng);
        REQUIRE(altered.tampered);
        REQUIRE(std::get<IkeDatagram>(altered.content).octets != std::get<IkeDatagram>(frame(9).content).octets);
    }
}

TEST_CASE("the same seed gives the same network", "[sim]") {
    Network first{Prng{5}};
    Network again{Prng{5}};
    const LinkFaults faults{.loss = 0.3, .duplication = 0.3, .reordering = 0.3, .corruption = 0.3, .delay_max = 9ms};
    first.set_faults(faults);
    again.set_faults(faults);
    const auto left = send_many(first);
    const auto right = send_many(again);
    REQUIRE(left.size() == right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
        REQUIRE(left[i].at == right[i].at);
        REQUIRE(std::get<IkeDatagram>(left[i].frame.content).octets ==
                std::get<IkeDatagram>(right[i].frame.content).octets);
    }
}
