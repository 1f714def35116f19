// SPDX-License-Identifier: Apache-2.0
// A host does not spin: time that came is dealt with.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "ike/host.h"

namespace xfrmd::sim {

class ProgressChecker {
  public:
    // After a step.
    [[nodiscard]] std::optional<std::string> stepped(ike::Time now, const ike::Host& host, bool was_tick);

  private:
    ike::Time last_tick_{};
    std::size_t ticks_ = 0;
};

}  // namespace xfrmd::sim
