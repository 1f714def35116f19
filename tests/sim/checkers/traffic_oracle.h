// SPDX-License-Identifier: Apache-2.0
// What may become of traffic: a packet that the configuration wants protected arrives decrypted or not at all, never in
// clear, from the moment the policies are in place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "ike/policy/connection.h"
#include "tests/sim/model/kernel_model.h"
#include "tests/sim/site.h"

namespace xfrmd::sim {

class TrafficOracle {
  public:
    // The policies of this connection are in the kernel; they stay, whatever becomes of the daemon.
    void policies_installed(HostIndex host, const std::string& connection) { guarded_.emplace(host, connection); }
    // The host is switched off, and its kernel has forgotten everything; or a connection is taken away.
    void policies_gone(HostIndex host);

    // A fresh probe, to be sent by this host to that one.
    std::uint64_t next_probe(HostIndex from, HostIndex to);
    // A packet leaves a host: what is wrong with that.
    [[nodiscard]] std::optional<std::string> left(HostIndex host, const ike::Configuration& wanted,
                                                  const Packet& packet, const WirePacket& as) const;
    // A packet was handed to an application.
    [[nodiscard]] std::optional<std::string> delivered(HostIndex host, const ike::Configuration& wanted,
                                                       const Delivered& what);

    // Whether a probe that was sent after this one arrived from this host at that one, protected.
    [[nodiscard]] bool arrived_since(HostIndex from, HostIndex to, std::uint64_t probe) const;
    // A probe that was sent after this one and did not arrive.
    [[nodiscard]] std::optional<std::uint64_t> lost_since(std::uint64_t probe) const;
    [[nodiscard]] std::uint64_t last_probe() const { return last_probe_; }
    [[nodiscard]] std::uint64_t deliveries() const { return arrived_.size(); }

  private:
    struct Sent {
        HostIndex from = 0;
        HostIndex to = 0;
    };
    [[nodiscard]] bool is_guarded(HostIndex host, const ike::Connection* by) const {
        return by != nullptr && guarded_.contains({host, by->name});
    }

    std::set<std::pair<HostIndex, std::string>> guarded_;
    std::uint64_t last_probe_ = 0;
    std::map<std::uint64_t, Sent> sent_;
    std::set<std::uint64_t> arrived_;
};

}  // namespace xfrmd::sim
