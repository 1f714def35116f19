// SPDX-License-Identifier: Apache-2.0
// What may become of traffic: a packet that the configuration wants protected arrives decrypted or not at all, never in
// clear, from the moment the policies are in place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "ike/policy/connection.h"
#include "tests/sim/model/kernel_model.h"
#include "tests/sim/site.h"

namespace xfrmd::sim {

class TrafficOracle {
  public:
    // The policies of this side are in the kernel; they stay, whatever becomes of the daemon.
    void policies_installed(Side side) { guarded_.insert(side); }

    // A fresh probe, to be sent by this side.
    std::uint64_t next_probe(Side from);
    // A packet leaves a host: what is wrong with that.
    [[nodiscard]] std::optional<std::string> left(Side side, const ike::Configuration& wanted, const Packet& packet,
                                                  const WirePacket& as) const;
    // A packet was handed to an application.
    [[nodiscard]] std::optional<std::string> delivered(Side side, const ike::Configuration& wanted,
                                                       const Delivered& what);

    // Whether a probe that was sent after this one arrived from this side, protected.
    [[nodiscard]] bool arrived_since(Side from, std::uint64_t probe) const;
    [[nodiscard]] std::uint64_t last_probe() const { return last_probe_; }
    [[nodiscard]] std::uint64_t deliveries() const { return arrived_.size(); }

  private:
    std::set<Side> guarded_;
    std::uint64_t last_probe_ = 0;
    std::map<std::uint64_t, Side> sent_;
    std::set<std::uint64_t> arrived_;
};

}  // namespace xfrmd::sim
