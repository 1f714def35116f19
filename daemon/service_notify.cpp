// SPDX-License-Identifier: Apache-2.0
// Messages to the service manager by sd_notify.
#include "daemon/service_notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <format>
#include <string>

#include "daemon/journal.h"

namespace xfrmd::daemon::service {

// The status may quote a peer or a file: a newline in it would begin another assignment.
void notify_ready(std::string_view status) {
    sd_notify(0, std::format("READY=1\nSTATUS={}", escaped(status)).c_str());
}

void notify_reloading() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notify(0, std::format("RELOADING=1\nMONOTONIC_USEC={}",
                             now.tv_sec * 1'000'000 + now.tv_nsec / 1000)
                     .c_str());
}

void notify_stopping(std::string_view status) {
    sd_notify(0, std::format("STOPPING=1\nSTATUS={}", escaped(status)).c_str());
}

void notify_status(std::string_view status) {
    sd_notify(0, std::format("STATUS={}", escaped(status)).c_str());
}

void keep_descriptor(std::string_view name, int fd) {
    // The name's former descriptor may be another socket. FDPOLL=0: what nobody reads is kept, too.
    sd_notify(0, std::format("FDSTOREREMOVE=1\nFDNAME={}", name).c_str());
    sd_pid_notify_with_fds(0, 0, std::format("FDSTORE=1\nFDNAME={}\nFDPOLL=0", name).c_str(), &fd, 1);
}

}  // namespace xfrmd::daemon::service
