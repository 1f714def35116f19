// SPDX-License-Identifier: Apache-2.0
// A client of the control interface over AF_UNIX.
#include "daemon/api/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <string_view>
#include <utility>

#include "netlink/model/result.h"

namespace xfrmd::api {
namespace {

using Code = ClientError::Code;

std::unexpected<ClientError> fail(Code code, std::string what) {
    return std::unexpected{ClientError{code, std::move(what)}};
}

ClientError connect_error(const std::filesystem::path& socket, int error) {
    const std::string where = socket.string();
    if (error == ENOENT || error == ECONNREFUSED)
        return {Code::NotRunning, std::format("xfrmd is not running: nobody listens on {} "
                                              "(start it: systemctl start xfrmd)",
                                              where)};
    if (error == EACCES || error == EPERM)
        return {Code::Denied, std::format("no permission to open {} "
                                          "(become root, or a member of group xfrmd)",
                                          where)};
    if (error == EAGAIN)
        return {Code::System, std::format("xfrmd does not accept connections on {} now: it is busy "
                                          "or hangs",
                                          where)};
    return {Code::System, std::format("{}: {}", where, std::strerror(error))};
}

}  // namespace

std::expected<Client, ClientError> Client::connect(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket.string();
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return fail(Code::System, std::format("{}: too long for the path of a socket", path));
    path.copy(address.sun_path, path.size());

    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(Code::System, std::format("socket: {}", std::strerror(errno)));
    Client client{fd};
    const void* generic = &address;
    if (::connect(fd, static_cast<const sockaddr*>(generic), sizeof address) < 0)
        return std::unexpected{connect_error(socket, errno)};
    return client;
}

Client::Client(Client&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, incoming_{std::move(other.incoming_)} {}

Client& Client::operator=(Client&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(incoming_, other.incoming_);
    return *this;
}

Client::~Client() {
    if (fd_ >= 0) ::close(fd_);
}

std::expected<void, ClientError> Client::send(const Call& call) {
    const std::string message = encode(call);
    std::string_view rest = message;
    while (!rest.empty()) {
        const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        // The daemon may have said why it hangs up; the next receive() tells.
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return {};
        if (sent < 0) return fail(Code::System, std::format("send: {}", std::strerror(errno)));
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

std::expected<Reply, ClientError> Client::receive(std::chrono::milliseconds wait_max) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + wait_max;
    while (true) {
        if (const auto message = incoming_.next()) {
            auto reply = decode_reply(*message);
            if (!reply) return fail(Code::Protocol, "the daemon's reply: " + reply.error());
            return *std::move(reply);
        }
        int wait = -1;
        if (wait_max >= std::chrono::milliseconds{0}) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
            if (left.count() <= 0) return fail(Code::TimedOut, "xfrmd did not answer in time");
            wait = static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000));
        }
        pollfd wanted{.fd = fd_, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&wanted, 1, wait);
        if (ready < 0 && errno != EINTR)
            return fail(Code::System, std::format("poll: {}", std::strerror(errno)));
        if (ready <= 0) continue;
        char buffer[65536];
        const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0 && errno != ECONNRESET)
            return fail(Code::System, std::format("receive: {}", std::strerror(errno)));
        if (got <= 0)
            return fail(Code::Disconnected,
                        "xfrmd closed the connection before its last reply "
                        "(is it stopping? see: journalctl -u xfrmd)");
        if (!incoming_.feed({buffer, static_cast<std::size_t>(got)}))
            return fail(Code::Protocol,
                        std::format("the daemon's reply has more than {} octets", kMessageSizeMax));
    }
}

std::expected<Reply, ClientError> Client::call(const Call& call,
                                               std::chrono::milliseconds wait_max) {
    TRY_VOID(send(call));
    return receive(wait_max);
}

}  // namespace xfrmd::api
