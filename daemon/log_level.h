// SPDX-License-Identifier: Apache-2.0
// How much is written into the log.
#pragma once

#include <cstdint>

namespace xfrmd::daemon {

// As in syslog.
enum class Level : std::uint8_t { Error = 3, Warning = 4, Notice = 5, Info = 6, Debug = 7 };

}  // namespace xfrmd::daemon
