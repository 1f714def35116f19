// SPDX-License-Identifier: Apache-2.0
// The listening socket of the control interface: our own in the runtime directory, or one that the
// service manager hands over.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "daemon/inherited_fds.h"

namespace xfrmd::daemon {

class ControlSocket {
  public:
    // Creates DIRECTORY/io.xfrmd, open to every user: who may do what is decided for each call. A
    // socket that a former run left behind is replaced; a second daemon in the same directory is
    // refused. Error: a sentence.
    [[nodiscard]] static std::expected<ControlSocket, std::string> listen_in(
        const std::filesystem::path& directory);
    // Like listen_in(), but takes the inherited socket "varlink" if there is one.
    [[nodiscard]] static std::expected<ControlSocket, std::string> inherit_or_listen_in(
        const std::filesystem::path& directory, InheritedFds& inherited);

    ControlSocket(ControlSocket&& other) noexcept;
    ControlSocket& operator=(ControlSocket&& other) noexcept;
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    // Removes the file, unless the socket was inherited.
    ~ControlSocket();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    ControlSocket() = default;

    int fd_ = -1;
    int lock_ = -1;               // held as long as we are the daemon of this directory
    std::filesystem::path path_;  // empty if inherited
};

}  // namespace xfrmd::daemon
