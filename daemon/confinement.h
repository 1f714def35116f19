// SPDX-License-Identifier: Apache-2.0
// What the process gives up at start: core dumps, being traced by its own user, gaining privileges.
#pragma once

#include <expected>
#include <string>

namespace xfrmd::daemon {

// Keys must not end in a core file or in another process's hands. Error: a sentence.
[[nodiscard]] std::expected<void, std::string> confine_process();

}  // namespace xfrmd::daemon
