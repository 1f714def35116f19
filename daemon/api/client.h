// SPDX-License-Identifier: Apache-2.0
// A client of the control interface: one connection, one call at a time, blocking with a limit on
// the wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "daemon/api/varlink.h"

namespace xfrmd::api {

struct ClientError {
    enum class Code : std::uint8_t {
        NotRunning,    // nobody listens on the socket
        Denied,        // the socket may not be opened by this user
        Disconnected,  // the daemon closed the connection before its last reply
        TimedOut,
        Protocol,  // what came was no Varlink
        System,
    } code = Code::System;
    std::string what;  // for people: the cause and what to do
};

class Client {
  public:
    // No limit on the wait for a reply.
    static constexpr std::chrono::milliseconds kForever{-1};

    // To a daemon's socket, such as "/run/xfrmd/io.xfrmd".
    [[nodiscard]] static std::expected<Client, ClientError> connect(
        const std::filesystem::path& socket);

    Client(Client&& other) noexcept;
    Client& operator=(Client&& other) noexcept;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    // Sends a call. After a call with `more`, read replies until one has no `continues` before the
    // next call.
    [[nodiscard]] std::expected<void, ClientError> send(const Call& call);
    // Waits for the next reply to the call. A refusal by the daemon is a Reply with an error, not a
    // ClientError.
    [[nodiscard]] std::expected<Reply, ClientError> receive(
        std::chrono::milliseconds wait_max = std::chrono::seconds{45});
    // Both, for a call with one reply.
    [[nodiscard]] std::expected<Reply, ClientError> call(
        const Call& call, std::chrono::milliseconds wait_max = std::chrono::seconds{45});
    // For a poll of one's own: readable when receive() may have something. Not to be closed.
    [[nodiscard]] int fd() const { return fd_; }

  private:
    explicit Client(int fd) : fd_{fd} {}

    int fd_ = -1;
    Deframer incoming_;
};

}  // namespace xfrmd::api
