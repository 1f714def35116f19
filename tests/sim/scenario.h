// SPDX-License-Identifier: Apache-2.0
// Scenarios that read as documentation: a script, and beneath each command what follows from it. tests/scenario/README.md
// tells the commands.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace xfrmd::sim {

// The same text with what really follows beneath each command. Error: a line that is no command, and why.
[[nodiscard]] std::expected<std::string, std::string> play_scenario(std::string_view text);

}  // namespace xfrmd::sim
