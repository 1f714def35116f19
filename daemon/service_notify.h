// SPDX-License-Identifier: Apache-2.0
// What the service manager is told: ready, reloading, stopping, one line of status. Does nothing
// without one.
#pragma once

#include <string_view>

namespace xfrmd::daemon::service {

void notify_ready(std::string_view status);
// Before a reload; notify_ready() ends it. sd_notify(3) wants the time with it.
void notify_reloading();
void notify_stopping(std::string_view status);
void notify_status(std::string_view status);

// Gives it a copy of a descriptor, in place of what it had under that name. The next run inherits
// it, however this one ends.
void keep_descriptor(std::string_view name, int fd);

}  // namespace xfrmd::daemon::service
