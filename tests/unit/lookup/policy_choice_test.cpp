// SPDX-License-Identifier: Apache-2.0
// Which of several policies decides. Whether the kernel agrees is shown by lookup_tests.
#include "netlink/lookup/policy_choice.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/lookup/samples.h"

namespace xfrmd::lookup::tests {

using namespace xfrm;

namespace {

// The index of the winner; 0 = none.
std::uint32_t winner(const Kernel& kernel, const Flow& packet = flow()) {
    const auto choice = choose_policy(packet, Direction::Out, kernel.tables());
    return choice.winner == nullptr ? 0 : choice.winner->index;
}

// Why the only policy loses.
PolicyLost reason(const Kernel& kernel, const Flow& packet = flow()) {
    const auto choice = choose_policy(packet, Direction::Out, kernel.tables());
    REQUIRE(choice.winner == nullptr);
    REQUIRE(choice.losers.size() == 1);
    return choice.losers[0].why;
}

}  // namespace

TEST_CASE("the lowest priority wins, however narrow the others are", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("192.0.2.1/32", "192.0.2.2/32");
    StoredPolicy& wide = kernel.add_policy("0.0.0.0/0", "0.0.0.0/0");
    wide.priority = 99;
    CHECK(winner(kernel) == 17);
    const auto choice = choose_policy(flow(), Direction::Out, kernel.tables());
    REQUIRE(choice.losers.size() == 1);
    CHECK(choice.losers[0].policy->index == 9);
    CHECK(choice.losers[0].why == PolicyLost::Priority);
}

TEST_CASE("of equals the one that entered the table first wins", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("0.0.0.0/0", "192.0.2.0/24");
    kernel.add_policy("192.0.2.1/32", "192.0.2.2/32");
    kernel.add_policy("192.0.2.0/24", "0.0.0.0/0");
    const auto choice = choose_policy(flow(), Direction::Out, kernel.tables());
    CHECK(choice.winner->index == 9);
    CHECK_FALSE(choice.uncertain);
    REQUIRE(choice.losers.size() == 2);
    CHECK(choice.losers[0].why == PolicyLost::Position);
}

TEST_CASE("the order of equals that were replaced is not certain", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("192.0.2.0/24", "192.0.2.0/24");
    kernel.add_policy("192.0.2.0/25", "192.0.2.0/25");
    // The first one was replaced: it keeps its index, and stands in front of the dump.
    std::swap(kernel.policies[0], kernel.policies[1]);
    CHECK(choose_policy(flow(), Direction::Out, kernel.tables()).uncertain);
    kernel.policies[0].priority = 99;
    CHECK_FALSE(choose_policy(flow(), Direction::Out, kernel.tables()).uncertain);
}

TEST_CASE("a replaced policy is younger than what is in another list", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("192.0.2.1/32", "192.0.2.2/32");
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0");
    std::swap(kernel.policies[0], kernel.policies[1]);
    const auto choice = choose_policy(flow(), Direction::Out, kernel.tables());
    CHECK(choice.winner->index == 17);
    CHECK_FALSE(choice.uncertain);
}

TEST_CASE("each part of a selector can be why a policy loses", "[lookup]") {
    const auto with = [](auto&& change) {
        Kernel kernel;
        change(kernel.add_policy("192.0.2.0/24", "192.0.2.0/24"));
        return reason(kernel);
    };
    CHECK(with([](StoredPolicy& policy) { policy.selector.protocol = 6; }) == PolicyLost::Protocol);
    CHECK(with([](StoredPolicy& policy) {
              policy.selector.destination_port = PortMask::exactly(80);
          }) == PolicyLost::DestinationPort);
    CHECK(with([](StoredPolicy& policy) {
              policy.selector.source_port = {0x800, 0xf800};
          }) == PolicyLost::SourcePort);
    CHECK(with([](StoredPolicy& policy) { policy.selector.interface_index = 3; }) ==
          PolicyLost::Interface);
    CHECK(with([](StoredPolicy& policy) { policy.if_id = IfId{5}; }) == PolicyLost::IfId);
    CHECK(with([](StoredPolicy& policy) { policy.mark = {1, 0xff}; }) == PolicyLost::Mark);
    CHECK(with([](StoredPolicy& policy) { policy.selector.source = prefix("192.0.2.8/32"); }) ==
          PolicyLost::Source);
    CHECK(with([](StoredPolicy& policy) {
              policy.selector.destination = prefix("192.0.2.8/32");
          }) == PolicyLost::Destination);
}

TEST_CASE("policies of other directions, of sockets and for other addresses are no losers",
          "[lookup]") {
    Kernel kernel;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").direction = 0;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").direction = 4;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").type = 1;
    kernel.add_policy("198.51.100.0/24", "198.51.100.0/24");
    kernel.add_policy("::/0", "::/0");
    const auto choice = choose_policy(flow(), Direction::Out, kernel.tables());
    CHECK(choice.winner == nullptr);
    CHECK(choice.losers.empty());
}

TEST_CASE("ports are those of the protocol, and none where it has none", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").selector.destination_port = PortMask::exactly(53);
    CHECK(winner(kernel) == 9);
    Flow packet = flow();
    packet.protocol = 99;
    CHECK(winner(kernel, packet) == 0);
    packet.protocol = 132;
    CHECK(winner(kernel, packet) == 9);
}

TEST_CASE("a mark with bits outside of its mask fits nothing", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").mark = {5, 1};
    Flow packet = flow();
    packet.mark = 5;
    CHECK(winner(kernel, packet) == 0);
    kernel.policies[0].mark = {1, 1};
    CHECK(winner(kernel, packet) == 9);
}

TEST_CASE("bits behind a stored prefix do not count", "[lookup]") {
    Kernel kernel;
    kernel.add_policy("0.0.0.0/0", "0.0.0.0/0").selector.destination = {address("192.0.2.77"), 24};
    CHECK(winner(kernel) == 9);
}

}  // namespace xfrmd::lookup::tests
