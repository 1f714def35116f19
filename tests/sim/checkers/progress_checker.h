// SPDX-License-Identifier: Apache-2.0
// A host neither stands still nor spins: whatever is under way has a deadline or an answer to wait for, and time that
// came is dealt with. And it keeps within its bounds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "ike/host.h"

namespace xfrmd::sim {

class ProgressChecker {
  public:
    // After a step. `outstanding`: jobs and kernel requests that the driver still owes an answer.
    [[nodiscard]] std::optional<std::string> stepped(ike::Time now, const ike::Host& host, bool was_tick,
                                                     const ike::Effects& effects, std::size_t outstanding);

  private:
    ike::Time last_tick_{};
    std::size_t ticks_ = 0;
};

}  // namespace xfrmd::sim
