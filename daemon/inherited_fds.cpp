// SPDX-License-Identifier: Apache-2.0
#include "daemon/inherited_fds.h"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <format>
#include <utility>

namespace xfrmd::daemon {

std::expected<InheritedFds, std::string> InheritedFds::receive() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    if (count < 0) return std::unexpected{std::format("LISTEN_FDS: {}", std::strerror(-count))};
    InheritedFds inherited;
    for (int i = 0; i < count; ++i) {
        inherited.fds_.emplace(names[i], SD_LISTEN_FDS_START + i);
        std::free(names[i]);
    }
    std::free(names);
    return inherited;
}

InheritedFds::InheritedFds(InheritedFds&& other) noexcept
    : fds_{std::exchange(other.fds_, {})} {}

InheritedFds& InheritedFds::operator=(InheritedFds&& other) noexcept {
    std::swap(fds_, other.fds_);
    return *this;
}

InheritedFds::~InheritedFds() {
    for (const auto& [name, fd] : fds_) ::close(fd);
}

int InheritedFds::take(const std::string& name) {
    const auto found = fds_.find(name);
    if (found == fds_.end()) return -1;
    const int fd = found->second;
    fds_.erase(found);
    return fd;
}

}  // namespace xfrmd::daemon
