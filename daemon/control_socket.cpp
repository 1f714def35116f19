// SPDX-License-Identifier: Apache-2.0
// The listening AF_UNIX socket.
#include "daemon/control_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <memory>
#include <system_error>
#include <utility>

#include "daemon/api/interface.h"
#include "netlink/model/result.h"

namespace xfrmd::daemon {
namespace {

std::unexpected<std::string> failed(const std::filesystem::path& path, const char* call) {
    return std::unexpected{std::format("{}: {}: {}", path.string(), call, std::strerror(errno))};
}

// The lock, not the socket, says whether somebody is there: it goes with its process, and two
// starts cannot both get it.
std::expected<int, std::string> take_lock(const std::filesystem::path& directory) {
    const auto path = directory / "lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return failed(path, "open");
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    const int error = errno;
    ::close(fd);
    if (error == EWOULDBLOCK)
        return std::unexpected{
            std::format("xfrmd is running already: another one serves {} (see: xfrmctl status, "
                        "or choose another --runtime-dir)",
                        (directory / api::kSocketName).string())};
    errno = error;
    return failed(path, "flock");
}

// The socket that the service manager listens on for us, -1 if there is none.
std::expected<int, std::string> inherited_socket(InheritedFds& inherited) {
    const int fd = inherited.take("varlink");
    if (fd < 0 || sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) <= 0) {
        if (fd >= 0) ::close(fd);
        return -1;
    }
    if (::fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return std::unexpected{std::format("LISTEN_FDS: {}", std::strerror(errno))};
    return fd;
}

}  // namespace

std::expected<ControlSocket, std::string> ControlSocket::listen_in(
    const std::filesystem::path& directory) {
    std::error_code made;
    std::filesystem::create_directories(directory, made);
    if (made) return std::unexpected{std::format("{}: {}", directory.string(), made.message())};
    ControlSocket socket;
    socket.lock_ = TRY(take_lock(directory));

    const auto path = directory / api::kSocketName;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        return std::unexpected{std::format("{}: too long for the path of a socket", path.string())};
    path.string().copy(address.sun_path, path.string().size());

    socket.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket.fd_ < 0) return failed(path, "socket");
    if (::unlink(path.c_str()) < 0 && errno != ENOENT) return failed(path, "unlink");
    const void* place = &address;
    if (::bind(socket.fd_, static_cast<const sockaddr*>(place), sizeof address) < 0)
        return failed(path, "bind");
    socket.path_ = path;
    if (::chmod(path.c_str(), 0666) < 0) return failed(path, "chmod");
    if (::listen(socket.fd_, 128) < 0) return failed(path, "listen");
    return socket;
}

std::expected<ControlSocket, std::string> ControlSocket::inherit_or_listen_in(
    const std::filesystem::path& directory, InheritedFds& inherited) {
    const int fd = TRY(inherited_socket(inherited));
    if (fd < 0) return listen_in(directory);
    ControlSocket socket;
    socket.fd_ = fd;
    socket.lock_ = TRY(take_lock(directory));
    return socket;
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      lock_{std::exchange(other.lock_, -1)},
      path_{std::exchange(other.path_, {})} {}

ControlSocket& ControlSocket::operator=(ControlSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(lock_, other.lock_);
    std::swap(path_, other.path_);
    return *this;
}

ControlSocket::~ControlSocket() {
    if (!path_.empty()) ::unlink(path_.c_str());
    if (fd_ >= 0) ::close(fd_);
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace xfrmd::daemon
