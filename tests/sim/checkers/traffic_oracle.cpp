// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/traffic_oracle.h"

#include <algorithm>

namespace xfrmd::sim {

void TrafficOracle::policies_gone(HostIndex host) {
    std::erase_if(guarded_, [&](const auto& guarded) { return guarded.first == host; });
}

std::uint64_t TrafficOracle::next_probe(HostIndex from, HostIndex to) {
    sent_.emplace(++last_probe_, Sent{from, to});
    return last_probe_;
}

std::optional<std::string> TrafficOracle::left(HostIndex host, const ike::Configuration& wanted, const Packet& packet,
                                               const WirePacket& as) const {
    const bool clear = std::holds_alternative<Packet>(as);
    if (clear && is_guarded(host, protector(wanted, packet, false)))
        return "probe " + std::to_string(packet.probe) + " left in clear";
    return std::nullopt;
}

std::optional<std::string> TrafficOracle::delivered(HostIndex host, const ike::Configuration& wanted,
                                                    const Delivered& what) {
    const std::string name = "probe " + std::to_string(what.packet.probe);
    if (!what.was_protected) {
        if (is_guarded(host, protector(wanted, what.packet, true))) return name + " was taken in clear";
        return std::nullopt;
    }
    const auto sent = sent_.find(what.packet.probe);
    if (sent == sent_.end() || sent->second.to != host) return name + " came out of an SA, but nobody sent it";
    if (!arrived_.insert(what.packet.probe).second) return name + " was delivered twice";
    return std::nullopt;
}

bool TrafficOracle::arrived_since(HostIndex from, HostIndex to, std::uint64_t probe) const {
    return std::any_of(arrived_.upper_bound(probe), arrived_.end(), [&](std::uint64_t arrived) {
        const Sent& sent = sent_.at(arrived);
        return sent.from == from && sent.to == to;
    });
}

std::optional<std::uint64_t> TrafficOracle::lost_since(std::uint64_t probe) const {
    for (auto sent = sent_.upper_bound(probe); sent != sent_.end(); ++sent)
        if (!arrived_.contains(sent->first)) return sent->first;
    return std::nullopt;
}

}  // namespace xfrmd::sim
