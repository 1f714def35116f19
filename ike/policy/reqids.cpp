// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/reqids.h"

namespace xfrmd::ike {

namespace {

// FNV-1a, 64 bits: spreads names; nobody gains by making two of them meet.
constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325;
constexpr std::uint64_t kPrime = 0x100000001b3;

std::uint64_t digest(std::uint64_t state, std::string_view text) {
    for (const char character : text) {
        state ^= static_cast<unsigned char>(character);
        state *= kPrime;
    }
    return state;
}

}  // namespace

xfrm::ReqId stable_reqid(std::string_view connection, std::string_view child, std::set<xfrm::ReqId>& taken) {
    constexpr std::uint64_t kCount = kReqidLast - kReqidFirst + 1ULL;
    std::uint64_t state = digest(kOffsetBasis, connection);
    state = digest(state, std::string_view{"\0", 1});  // "a" + "bc" is not "ab" + "c"
    state = digest(state, child);
    std::uint64_t offset = (state ^ state >> 32) % kCount;
    for (;;) {
        const xfrm::ReqId reqid{static_cast<std::uint32_t>(kReqidFirst + offset)};
        if (taken.insert(reqid).second) return reqid;
        offset = (offset + 1) % kCount;
    }
}

}  // namespace xfrmd::ike
