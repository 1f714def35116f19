// SPDX-License-Identifier: Apache-2.0
// One simulation: two hosts in two phases. First everything that the options allow goes wrong while every invariant is
// checked; then the world heals, and the hosts must come together, or fail for the reason that is expected.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/adversary.h"
#include "tests/sim/machine.h"
#include "tests/sim/options.h"
#include "tests/sim/stage.h"

namespace xfrmd::sim {

struct Outcome {
    std::optional<std::string> violation;
    std::uint64_t digest = 0;     // of all that was sent
    std::uint64_t unseed = 0;     // the hosts' next random numbers, after the end
    std::uint64_t deliveries = 0; // probes that arrived protected
    double virtual_seconds = 0;
    std::vector<std::string> ladder;
};

class Simulation {
  public:
    Simulation(const Options& options, bool with_ladder);

    Outcome run();

  private:
    void misbehave();
    void act_for_a_second();
    void heal();
    void await_convergence();
    void await_refusal();
    void fall_quiet();
    void close();

    void transmit(const Frame& frame);
    void deliver(const Frame& frame);
    void send_probes(Side side);
    void attack();
    void crash(Machine& machine);
    void partition();
    void check_always();
    void run_for(ike::Duration duration);
    Machine& machine(Side side) { return side == Side::East ? east_ : west_; }
    Machine& any_machine() { return machine(prng_.chance(0.5) ? Side::East : Side::West); }
    [[nodiscard]] bool is_failed() const { return stage_.violation.has_value(); }

    Options options_;
    Prng prng_;
    Stage stage_;
    Machine east_;
    Machine west_;
    Adversary adversary_;
    std::array<bool, 2> held_down_{};
    bool is_faulty_ = true;
    bool is_loud_ = true;  // probes are sent
};

// Why both ends may say that they did not come together; the last column is what one of them must have found.
[[nodiscard]] bool is_expected(Quarrel quarrel, ike::Reason reason);

}  // namespace xfrmd::sim
