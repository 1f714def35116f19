// SPDX-License-Identifier: Apache-2.0
// Serves Varlink to many clients on the loop's thread. Never waits for a client, and bounds what
// each can make us keep.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/api/varlink.h"
#include "daemon/control_access.h"
#include "daemon/control_socket.h"
#include "daemon/event_loop.h"

namespace xfrmd::daemon {

struct ControlLimits {
    std::size_t clients_max = 256;
    std::size_t clients_per_user_max = 64;     // of other users than root and our own
    std::size_t output_max = 4 * 1024 * 1024;  // octets of a stream that a client has not read yet
    std::chrono::microseconds half_message_max = std::chrono::seconds{10};
    std::chrono::microseconds stuck_output_max = std::chrono::seconds{30};
    // For those who may do nothing but ask who we are.
    std::chrono::microseconds stranger_idle_max = std::chrono::seconds{30};
};

class ControlServer {
  public:
    // Never reused.
    using ClientId = std::uint64_t;

    struct Request {
        ClientId client = 0;
        Caller caller;
        api::Call call;
    };
    // Takes a call that the caller may make. It is answered by reply() or stream(), at once or
    // later.
    using Handler = std::function<void(const Request&)>;
    // A client has gone, or reads no more: stop working for it.
    using OnGone = std::function<void(ClientId)>;
    // The next reply of a stream. One without `continues` ends the call; nothing leaves it to reply() to go on with it.
    using Source = std::move_only_function<std::optional<api::Reply>()>;

    // Error: a sentence. `loop` must outlive the server.
    [[nodiscard]] static std::expected<std::unique_ptr<ControlServer>, std::string> create(
        EventLoop& loop, ControlSocket socket, AccessRules rules, ControlLimits limits,
        Handler handler, OnGone on_gone);
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    ~ControlServer();

    // Answers the client's call; unless the reply `continues`, that ends the call. A client that is
    // gone, or that asked for no (or no further) replies, is passed over. A client that lets a
    // stream pile up is told Overrun and cut off.
    void reply(ClientId client, const api::Reply& reply);
    // Answers with many replies, made as fast as the client reads them.
    void stream(ClientId client, Source source);

    void set_rules(const AccessRules& rules) { rules_ = rules; }
    [[nodiscard]] std::size_t clients() const { return clients_.size(); }
    // Sends what is queued, waiting at most this long, and closes all connections: the last act.
    void finish(std::chrono::milliseconds wait_max);

  private:
    struct Client;

    ControlServer(EventLoop& loop, ControlSocket socket, AccessRules rules, ControlLimits limits,
                  Handler handler, OnGone on_gone);
    std::expected<void, std::string> start();
    void accept_waiting();
    void refuse_for_want_of_descriptors();
    void admit(int fd);
    std::optional<api::Reply> over_limit(const Caller& caller) const;
    void on_ready(ClientId id, Readiness readiness);
    bool read_from(Client& client);
    void process(ClientId id);
    void handle(Client& client, const std::string& message);
    void end_call(Client& client);
    [[nodiscard]] bool enqueue(Client& client, const api::Reply& reply);
    void pump(Client& client);
    bool flush(Client& client);
    void settle(ClientId id);
    void drop(ClientId id);
    void sweep();
    void resume_soon(ClientId id);
    void resume_all();
    Client* find(ClientId id);

    EventLoop& loop_;
    ControlSocket socket_;
    AccessRules rules_;
    ControlLimits limits_;
    Handler handler_;
    OnGone on_gone_;
    int spare_fd_ =
        -1;  // given up for a moment when there are no descriptors left, to turn a client away
    ClientId next_id_ = 1;
    ClientId processing_ = 0;  // whose call is being handled
    std::map<ClientId, std::unique_ptr<Client>> clients_;
    std::vector<ClientId> to_resume_;
    EventLoop::Watch listening_;
    EventLoop::Timer sweep_timer_;
    EventLoop::Timer resume_timer_;
};

}  // namespace xfrmd::daemon
