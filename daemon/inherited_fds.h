// SPDX-License-Identifier: Apache-2.0
// File descriptors that the service manager hands over at the start: the socket that it listens on
// for us, and those that a former run gave it to keep. sd_listen_fds(3)
#pragma once

#include <expected>
#include <map>
#include <string>

namespace xfrmd::daemon {

class InheritedFds {
  public:
    // All that there are; a second call finds none. Error: a sentence.
    [[nodiscard]] static std::expected<InheritedFds, std::string> receive();
    InheritedFds() = default;
    InheritedFds(InheritedFds&& other) noexcept;
    InheritedFds& operator=(InheritedFds&& other) noexcept;
    InheritedFds(const InheritedFds&) = delete;
    InheritedFds& operator=(const InheritedFds&) = delete;
    // Closes those that nobody has taken.
    ~InheritedFds();

    // The descriptor of this name, from now on the caller's; -1 if there is none.
    [[nodiscard]] int take(const std::string& name);

  private:
    std::multimap<std::string, int> fds_;
};

}  // namespace xfrmd::daemon
