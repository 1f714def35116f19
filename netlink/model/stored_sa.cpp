// SPDX-License-Identifier: Apache-2.0
#include "netlink/model/stored_sa.h"

namespace xfrmd::xfrm {

namespace {

bool has_passed(std::uint64_t seconds, std::uint64_t since, std::uint64_t now) {
    return seconds != 0 && since != 0 && now >= since && now - since >= seconds;
}

// Protocols of which an SA has an algorithm unless it is larval. Those of Mobile IPv6 never have
// one.
bool needs_algorithm(std::uint8_t protocol) {
    for (const IpsecProtocol known : {IpsecProtocol::Esp, IpsecProtocol::Ah, IpsecProtocol::Ipcomp})
        if (protocol == static_cast<std::uint8_t>(known)) return true;
    return false;
}

}  // namespace

SaState state_of(const StoredSa& sa, std::uint64_t now) {
    const bool has_algorithm = sa.aead || sa.encryption || sa.integrity || sa.compression;
    if (!has_algorithm && needs_algorithm(sa.protocol)) return SaState::Larval;
    if (has_passed(sa.limits.hard_add_seconds, sa.usage.add_time, now) ||
        has_passed(sa.limits.hard_use_seconds, sa.usage.use_time, now))
        return SaState::Dead;
    return is_dying(sa, now) ? SaState::Dying : SaState::Mature;
}

bool is_dying(const StoredSa& sa, std::uint64_t now) {
    const LifetimeLimits& limits = sa.limits;
    return sa.usage.packets > limits.soft_packets || sa.usage.bytes > limits.soft_bytes ||
           has_passed(limits.soft_add_seconds, sa.usage.add_time, now) ||
           has_passed(limits.soft_use_seconds, sa.usage.use_time, now);
}

}  // namespace xfrmd::xfrm
