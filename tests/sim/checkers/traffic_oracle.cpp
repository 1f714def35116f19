// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/traffic_oracle.h"

#include <algorithm>

namespace xfrmd::sim {

std::uint64_t TrafficOracle::next_probe(Side from) {
    sent_.emplace(++last_probe_, from);
    return last_probe_;
}

std::optional<std::string> TrafficOracle::left(Side side, const ike::Configuration& wanted, const Packet& packet,
                                               const WirePacket& as) const {
    const bool clear = std::holds_alternative<Packet>(as);
    if (clear && guarded_.contains(side) && wants_protection(wanted, packet, false))
        return "probe " + std::to_string(packet.probe) + " left in clear";
    return std::nullopt;
}

std::optional<std::string> TrafficOracle::delivered(Side side, const ike::Configuration& wanted,
                                                    const Delivered& what) {
    const std::string name = "probe " + std::to_string(what.packet.probe);
    if (!what.was_protected) {
        if (guarded_.contains(side) && wants_protection(wanted, what.packet, true))
            return name + " was taken in clear";
        return std::nullopt;
    }
    const auto sent = sent_.find(what.packet.probe);
    if (sent == sent_.end() || sent->second == side) return name + " came out of an SA, but nobody sent it";
    if (!arrived_.insert(what.packet.probe).second) return name + " was delivered twice";
    return std::nullopt;
}

bool TrafficOracle::arrived_since(Side from, std::uint64_t probe) const {
    return std::ranges::any_of(arrived_, [&](std::uint64_t arrived) {
        return arrived > probe && sent_.at(arrived) == from;
    });
}

}  // namespace xfrmd::sim
