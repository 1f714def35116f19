// SPDX-License-Identifier: Apache-2.0
// One simulation in two phases. First everything that the options allow goes wrong while every invariant is checked; then
// the world heals, and the hosts must come together, or fail for the reason that is expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/options.h"
#include "tests/sim/scene.h"
#include "tests/sim/workload.h"

namespace xfrmd::sim {

struct Outcome {
    std::optional<std::string> violation;
    std::uint64_t digest = 0;     // of all that was sent
    std::uint64_t unseed = 0;     // the hosts' next random numbers, after the end
    std::uint64_t deliveries = 0; // probes that arrived protected
    double virtual_seconds = 0;
    Probes probes;
    std::vector<std::string> ladder;
};

class Simulation {
  public:
    Simulation(const Options& options, bool with_ladder);

    Outcome run();

  private:
    void misbehave();
    void await_convergence();
    void rekey_in_peace();
    void move_in_peace();
    void await_refusal();
    void fall_quiet();
    void await_pause();
    void close();

    [[nodiscard]] std::optional<std::string> why_not_together(std::uint64_t mark);
    void run_for(Duration duration) { scene_.run_for(duration); }
    Machine& machine(HostIndex host) { return scene_.machine(host); }
    [[nodiscard]] bool is_failed() const { return scene_.is_failed(); }

    Options options_;
    Scene scene_;
    Stage& stage_;
    Workload workload_;
};

// Why both ends may say that they did not come together; the last column is what one of them must have found.
[[nodiscard]] bool is_expected(Quarrel quarrel, ike::Reason reason);

}  // namespace xfrmd::sim
