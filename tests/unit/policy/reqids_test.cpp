// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/reqids.h"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace xfrmd;
using namespace xfrmd::ike;

TEST_CASE("a child keeps its reqid over restarts", "[policy]") {
    std::set<xfrm::ReqId> before;
    std::set<xfrm::ReqId> after;
    const auto first = stable_reqid("west-east", "net", before);
    CHECK(stable_reqid("west-east", "net", after) == first);
    CHECK(before.contains(first));
    // Written down: a new version that numbers otherwise would lose the kernel's policies of the old one.
    CHECK(first.value == 0x69d17596);
}

TEST_CASE("a colliding reqid moves on, the same way each time", "[policy]") {
    std::set<xfrm::ReqId> taken;
    const auto first = stable_reqid("a", "b", taken);
    const auto second = stable_reqid("a", "b", taken);
    const auto third = stable_reqid("a", "b", taken);
    CHECK(second.value == first.value + 1);
    CHECK(third.value == first.value + 2);
}

TEST_CASE("reqids are spread over their own range", "[policy]") {
    std::set<xfrm::ReqId> taken;
    int collisions = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::set<xfrm::ReqId> none;
        const std::string connection = "host" + std::to_string(i);
        const auto reqid = stable_reqid(connection, "net", none);
        REQUIRE(reqid.value >= kReqidFirst);
        REQUIRE(reqid.value <= kReqidLast);
        if (!taken.insert(reqid).second) ++collisions;
    }
    CHECK(collisions < 5);  // the birthday bound says 0.2
    std::set<xfrm::ReqId> none;
    std::set<xfrm::ReqId> fresh;
    CHECK(stable_reqid("a", "bc", none) != stable_reqid("ab", "c", fresh));
}
