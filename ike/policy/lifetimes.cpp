// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/lifetimes.h"

#include <algorithm>

namespace xfrmd::ike {

namespace {

// The core is always first, if there is one.
constexpr Duration kAfterTheCore = std::chrono::minutes{2};
constexpr std::uint64_t kSoftBeforeHard = 30;

constexpr std::uint64_t kUnlimited = xfrm::LifetimeLimits::kUnlimited;

// What passes at a gigabit, and at a million packets, a second while a negotiation loses its first message or two.
constexpr std::uint64_t kBytesMarginMin = 512ULL << 20;
constexpr std::uint64_t kPacketsMarginMin = 1ULL << 22;

constexpr std::uint64_t kSequenceNumbers = 0xffff'ffff;  // RFC 4303 §2.2: 32 bits, never zero
constexpr std::uint64_t kSequenceNumbersMargin = 1ULL << 28;

std::uint64_t saturating_add(std::uint64_t left, std::uint64_t right) {
    return left > kUnlimited - right ? kUnlimited : left + right;
}

struct SoftAndHard {
    std::uint64_t soft = kUnlimited;
    std::uint64_t hard = kUnlimited;
};

SoftAndHard counted(std::uint64_t soft, std::uint64_t margin_min, bool outbound) {
    if (soft == 0) return {};
    const std::uint64_t margin = std::max(soft / 8, margin_min);
    return {.soft = outbound ? soft : saturating_add(soft, margin / 2),
            .hard = saturating_add(soft, margin)};
}

}  // namespace

Duration hard_time(Duration soft) {
    constexpr Duration kMarginMin = std::chrono::minutes{2};
    if (soft == Duration::zero()) return soft;
    return soft + std::max(soft / 8, kMarginMin);
}

xfrm::LifetimeLimits kernel_limits(const RekeyLimits& limits, bool outbound,
                                   bool extended_sequence_numbers) {
    const SoftAndHard bytes = counted(limits.bytes, kBytesMarginMin, outbound);
    SoftAndHard packets = counted(limits.packets, kPacketsMarginMin, outbound);
    if (!extended_sequence_numbers) {
        const SoftAndHard numbers{.soft = kSequenceNumbers - (outbound ? kSequenceNumbersMargin
                                                                       : kSequenceNumbersMargin / 2),
                                  .hard = kSequenceNumbers};
        packets = {std::min(packets.soft, numbers.soft), std::min(packets.hard, numbers.hard)};
    }
    xfrm::LifetimeLimits kernel;
    kernel.soft_bytes = bytes.soft;
    kernel.hard_bytes = bytes.hard;
    kernel.soft_packets = packets.soft;
    kernel.hard_packets = packets.hard;
    if (limits.time == Duration::zero()) return kernel;
    const auto end = std::chrono::ceil<std::chrono::seconds>(hard_time(limits.time) + kAfterTheCore);
    kernel.hard_add_seconds = static_cast<std::uint64_t>(end.count());
    // With a soft limit before it the kernel lets no step of the clock end an SA.
    kernel.soft_add_seconds = kernel.hard_add_seconds - kSoftBeforeHard;
    return kernel;
}

}  // namespace xfrmd::ike
