// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/lifetimes.h"

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace xfrmd;
using namespace std::chrono_literals;

constexpr std::uint64_t kUnlimited = xfrm::LifetimeLimits::kUnlimited;

}  // namespace

TEST_CASE("what has no soft limit has no hard one", "[policy]") {
    CHECK(ike::hard_time(0s) == 0s);
    CHECK(ike::kernel_limits({.time = 0s}, true, true) == xfrm::LifetimeLimits{});
}

TEST_CASE("the hard limit leaves time for a negotiation", "[policy]") {
    CHECK(ike::hard_time(10s) == 130s);
    CHECK(ike::hard_time(8h) == 9h);
}

TEST_CASE("the kernel counts bytes and packets, and time for when nobody else does", "[policy]") {
    const ike::RekeyLimits limits{.time = 1h, .bytes = 64ULL << 30, .packets = 1ULL << 40};
    const auto outbound = ike::kernel_limits(limits, true, true);
    CHECK(outbound.soft_bytes == 64ULL << 30);
    CHECK(outbound.hard_bytes == 72ULL << 30);
    CHECK(outbound.soft_packets == 1ULL << 40);
    CHECK(outbound.hard_packets == (1ULL << 40) + (1ULL << 37));
    // A little later than the core, which ends it first if it is there.
    const auto core = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(ike::hard_time(1h)).count());
    CHECK(outbound.hard_add_seconds == core + 120);
    CHECK(outbound.soft_add_seconds > core);
    CHECK(outbound.soft_add_seconds < outbound.hard_add_seconds);
}

TEST_CASE("the sender of two peers with the same limits is the first to rekey", "[policy]") {
    const ike::RekeyLimits limits{.time = 1h, .bytes = 1ULL << 20, .packets = 1000};
    for (const bool extended : {false, true}) {
        const auto outbound = ike::kernel_limits(limits, true, extended);
        const auto inbound = ike::kernel_limits(limits, false, extended);
        CHECK(outbound.soft_bytes < inbound.soft_bytes);
        CHECK(inbound.soft_bytes < inbound.hard_bytes);
        CHECK(outbound.soft_packets < inbound.soft_packets);
        CHECK(inbound.soft_packets < inbound.hard_packets);
        CHECK(outbound.hard_bytes == inbound.hard_bytes);
    }
}

TEST_CASE("packets end with 32-bit sequence numbers, whatever is configured", "[policy]") {
    for (const std::uint64_t packets : {std::uint64_t{0}, std::uint64_t{1} << 40}) {
        const auto limits = ike::kernel_limits({.packets = packets}, true, false);
        CHECK(limits.hard_packets == 0xffff'ffff);
        CHECK(limits.soft_packets == 0xefff'ffff);
    }
    CHECK(ike::kernel_limits({.packets = 1000}, true, false).soft_packets == 1000);
}

TEST_CASE("limits near the end of the numbers do not wrap around", "[policy]") {
    const auto limits = ike::kernel_limits({.bytes = kUnlimited - 1}, false, true);
    CHECK(limits.soft_bytes == kUnlimited);
    CHECK(limits.hard_bytes == kUnlimited);
}
