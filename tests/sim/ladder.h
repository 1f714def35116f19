// SPDX-License-Identifier: Apache-2.0
// What happened, one line for each message, kernel request and event: what a person reads after a failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ike/event.h"
#include "ike/io.h"
#include "ike/snapshot.h"
#include "netlink/model/kernel.h"
#include "tests/sim/model/network.h"

namespace xfrmd::sim {

class Ladder {
  public:
    // Lines cost time; a run whose lines nobody will read does without them.
    explicit Ladder(bool enabled) : enabled_{enabled} {}

    [[nodiscard]] bool is_enabled() const { return enabled_; }
    // "  12.003456 east   text"
    void note(ike::Time now, std::string_view who, std::string_view text);
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  private:
    bool enabled_;
    std::vector<std::string> lines_;
};

// One line each.
std::string describe(const Frame& frame);
std::string describe(const xfrm::KernelRequest& request);
std::string describe(const xfrm::KernelResult& result);
std::string describe(const xfrm::KernelEvent& event);
std::string describe(const ike::CryptoJob& job);
std::string describe(const ike::CryptoOutcome& outcome);
std::string describe(const ike::Event& event);
std::string describe(const ike::CommandReply& reply);
// Everything but the statistics, which any datagram may change. What a half-open responder computes before the peer has
// proved anything counts as one state.
std::string describe(const ike::Snapshot& snapshot);

}  // namespace xfrmd::sim
