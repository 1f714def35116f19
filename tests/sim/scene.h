// SPDX-License-Identifier: Apache-2.0
// The hosts of one simulation and what lies between them: network, NAT, and the checkers that see more than one host.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/machine.h"
#include "tests/sim/model/nat.h"
#include "tests/sim/model/network.h"
#include "tests/sim/options.h"
#include "tests/sim/stage.h"

namespace xfrmd::sim {

class Scene {
  public:
    Scene(const Options& options, bool with_ladder);

    [[nodiscard]] Stage& stage() { return stage_; }
    [[nodiscard]] Network& network() { return network_; }
    [[nodiscard]] Nat* nat() { return nat_ ? &*nat_ : nullptr; }
    [[nodiscard]] std::size_t hosts() const { return machines_.size(); }
    [[nodiscard]] Machine& machine(HostIndex host) { return *machines_[host]; }
    [[nodiscard]] bool is_failed() const { return stage_.violation.has_value(); }
    // The name of the connection that a host has to another one.
    [[nodiscard]] std::string connection(HostIndex peer) const { return std::string{"to-"} + host_name(peer); }

    // Moves time, and checks what can be checked at any time.
    void run_for(Duration duration);
    // An application at `from` sends a packet to `to`; it is the second child's to protect, or the first one's.
    void send_probe(HostIndex from, HostIndex to, std::uint16_t source_port, bool second_child = false);
    // A frame arrives, wherever it came from.
    void deliver(const Frame& frame);
    // Sees each frame that a host sends, as it appears behind its NAT; true: it has been dealt with.
    std::function<bool(HostIndex from, const Frame& frame)> intercept;

    // Hears each IKE datagram on the network.
    std::function<void(const IkeDatagram& datagram)> overheard;

    // This host lies on purpose: what it says and holds is not checked against the others.
    void distrust(HostIndex host) { distrusted_ = host; }

    // Once everything is quiet: who should be together is, and only who should be.
    void check_together();
    void check_apart();

  private:
    void transmit(HostIndex from, const Frame& frame);
    void check_departure(HostIndex from, const Frame& frame);
    void check_always();
    [[nodiscard]] bool is_honest(HostIndex host) const { return distrusted_ != host; }
    [[nodiscard]] Machine* owner_of(const xfrm::Address& public_address);

    Stage stage_;
    Network network_;
    std::optional<Nat> nat_;  // in front of host 0
    std::vector<std::unique_ptr<Machine>> machines_;
    std::optional<HostIndex> distrusted_;
};

}  // namespace xfrmd::sim
