// SPDX-License-Identifier: Apache-2.0
// Virtual time: what is to happen, and when. Things of the same moment happen in an order drawn from the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "ike/time.h"
#include "tests/sim/prng.h"

namespace xfrmd::sim {

using ike::Duration;
using ike::Time;

class World {
  public:
    using Action = std::move_only_function<void()>;

    explicit World(Prng prng) : prng_{prng} {}

    [[nodiscard]] Time now() const { return now_; }
    // A moment that has gone means now.
    void at(Time when, Action action);
    void in(Duration delay, Action action) { at(now_ + delay, std::move(action)); }
    // Runs everything up to this moment, and moves the clock to it; less if stopped on the way.
    void run_until(Time end);
    // For good.
    void stop() { stopped_ = true; }

  private:
    // Moment, order drawn within it, number (so that no two are the same).
    using Key = std::pair<Time, std::pair<std::uint64_t, std::uint64_t>>;

    Prng prng_;
    Time now_{};
    std::uint64_t count_ = 0;
    bool stopped_ = false;
    std::map<Key, Action> agenda_;
};

}  // namespace xfrmd::sim
