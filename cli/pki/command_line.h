// SPDX-License-Identifier: Apache-2.0
// The words after `xfrmctl pki`.
#pragma once

#include <functional>

#include "cli/pki/commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace xfrmd::cli::pki {

// Adds the subcommand `pki` with all of its own; `chosen` is called with what was understood.
void declare(CLI::App& app, const std::function<void(Command)>& chosen);

}  // namespace xfrmd::cli::pki
