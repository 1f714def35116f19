// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.h"

#include <algorithm>

namespace xfrmd::sim {

void World::at(Time when, Action action) {
    agenda_.emplace(Key{std::max(when, now_), {prng_.next(), ++count_}}, std::move(action));
}

void World::run_until(Time end) {
    while (!stopped_ && !agenda_.empty() && agenda_.begin()->first.first <= end) {
        auto next = agenda_.extract(agenda_.begin());
        now_ = next.key().first;
        next.mapped()();
    }
    if (!stopped_) now_ = std::max(now_, end);
}

}  // namespace xfrmd::sim
