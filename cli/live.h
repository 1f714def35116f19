// SPDX-License-Identifier: Apache-2.0
// What is drawn again and again: `status --watch`, `top`. On a terminal each picture takes the place of the one before; in a
// pipe they follow each other, with an empty line between.
#pragma once

#include "cli/commands.h"
#include "cli/session.h"

namespace xfrmd::cli {

// Both end when they are interrupted, or after the pictures that were asked for. A daemon that does not answer the first
// time is an error; later, while it restarts, that is the picture.
ExitCode watch_status(Session& session, const command::Status& status, const Options& options);
ExitCode run_top(Session& session, const command::Top& top, const Options& options);

}  // namespace xfrmd::cli
