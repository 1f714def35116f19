// SPDX-License-Identifier: Apache-2.0
// The core's events as lines of the journal: one per change of state.
#pragma once

#include <string>
#include <vector>

#include "daemon/journal.h"
#include "ike/event.h"

namespace xfrmd::daemon {

struct LogLine {
    Level level = Level::Info;
    std::string message;  // what it is and why, in words
    std::vector<Field> fields;
};

[[nodiscard]] LogLine describe(const ike::Event& event);

}  // namespace xfrmd::daemon
