// SPDX-License-Identifier: Apache-2.0
// Answers `GET /metrics` on a socket that the service manager listens on: xfrmd-metrics.socket. Just
// enough of HTTP for those who gather metrics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/event_loop.h"

namespace xfrmd::daemon {

class MetricsServer {
  public:
    // Hands over the text, at once or later.
    using Gather = std::function<void(std::function<void(std::string)>)>;

    // `fd`: a listening stream socket, which is closed with the server. `loop` must outlive it. Error: a
    // sentence.
    [[nodiscard]] static std::expected<std::unique_ptr<MetricsServer>, std::string> create(
        EventLoop& loop, int fd, Gather gather);
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;
    ~MetricsServer();

    [[nodiscard]] std::size_t clients() const { return clients_.size(); }

  private:
    using ClientId = std::uint64_t;
    struct Client;

    MetricsServer(EventLoop& loop, int fd, Gather gather);
    std::expected<void, std::string> start();
    void accept_waiting();
    void on_ready(ClientId id, Readiness readiness);
    void answer(ClientId id, std::string response);
    void flush(ClientId id);
    void sweep();

    EventLoop& loop_;
    int fd_;
    Gather gather_;
    ClientId next_id_ = 1;
    std::map<ClientId, std::unique_ptr<Client>> clients_;
    EventLoop::Watch listening_;
    EventLoop::Timer sweep_timer_;
};

// What to answer to a request that is complete: a whole response, or nothing if it is for the metrics.
[[nodiscard]] std::string refusal_of(std::string_view request);

}  // namespace xfrmd::daemon
