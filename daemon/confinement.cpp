// SPDX-License-Identifier: Apache-2.0
// Giving up what the daemon does not need.
#include "daemon/confinement.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <format>

namespace xfrmd::daemon {

std::expected<void, std::string> confine_process() {
    const auto failed = [](const char* what) {
        return std::unexpected{std::format("{}: {}", what, std::strerror(errno))};
    };
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return failed("PR_SET_DUMPABLE");
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_CORE, &none) < 0) return failed("RLIMIT_CORE");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return failed("PR_SET_NO_NEW_PRIVS");
    return {};
}

}  // namespace xfrmd::daemon
