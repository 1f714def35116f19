// SPDX-License-Identifier: Apache-2.0
// The control server: accepting, reading, queueing, limits. What the methods do is not known here.
#include "daemon/control_server.h"

#include <botan/secmem.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "daemon/api/interface.h"
#include "netlink/model/result.h"
#include "netlink/model/secret.h"

namespace xfrmd::daemon {
namespace {

// What one client gets done before the others have their turn.
constexpr std::size_t kAcceptsPerTurn = 64;
constexpr std::size_t kCallsPerTurn = 16;
constexpr std::size_t kReadPerTurn = 64 * 1024;
// A client's next call, and the next reply of a stream, wait until less than this is left to be
// read.
constexpr std::size_t kOutputLow = 64 * 1024;
// Who may not call anything of interest needs less than the others.
constexpr std::size_t kStrangerCallSizeMax = 4096;

constexpr std::chrono::seconds kSweepInterval{1};

using SecureText = std::basic_string<char, std::char_traits<char>, Botan::secure_allocator<char>>;

api::Reply too_large(std::size_t octets) {
    return {.parameters =
                std::format("{{\"octets\":{},\"octets_max\":{}}}", octets, api::kMessageSizeMax),
            .error = std::string{api::error::kReplyTooLarge}};
}

}  // namespace

struct ControlServer::Client {
    Client(int descriptor, Caller who, Access may, ike::Time now)
        : fd{descriptor},
          caller{std::move(who)},
          access{may},
          incoming{may == Access::None ? kStrangerCallSizeMax : api::kCallSizeMax},
          read_at{now},
          written_at{now} {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() {
        watch = {};
        ::close(fd);
    }

    ClientId id = 0;
    int fd;
    Caller caller;
    Access access;
    EventLoop::Watch watch;

    api::Deframer incoming;
    bool ended = false;    // the client will send no more
    bool in_call = false;  // a call waits for its last reply
    bool more = false;     // of that call
    bool oneway = false;   // of that call
    Source source;         // of that call, while it streams

    // Wiped when it is given back, and as soon as keys in it are gone.
    SecureText output;
    std::size_t written = 0;  // octets of `output` that are gone
    bool has_keys = false;    // in `output`
    bool closing = false;     // to be dropped once `output` is gone

    ike::Time read_at;
    ike::Time written_at;

    [[nodiscard]] std::size_t pending() const { return output.size() - written; }
};

std::expected<std::unique_ptr<ControlServer>, std::string> ControlServer::create(
    EventLoop& loop, ControlSocket socket, AccessRules rules, ControlLimits limits, Handler handler,
    OnGone on_gone) {
    std::unique_ptr<ControlServer> server{new ControlServer{
        loop, std::move(socket), rules, limits, std::move(handler), std::move(on_gone)}};
    TRY_VOID(server->start());
    return server;
}

ControlServer::ControlServer(EventLoop& loop, ControlSocket socket, AccessRules rules,
                             ControlLimits limits, Handler handler, OnGone on_gone)
    : loop_{loop},
      socket_{std::move(socket)},
      rules_{rules},
      limits_{limits},
      handler_{std::move(handler)},
      on_gone_{std::move(on_gone)} {}

ControlServer::~ControlServer() {
    if (spare_fd_ >= 0) ::close(spare_fd_);
}

std::expected<void, std::string> ControlServer::start() {
    spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    listening_ =
        TRY(loop_.watch(socket_.fd(), true, false, [this](Readiness) { accept_waiting(); }));
    sweep_timer_ = TRY(loop_.timer([this] { sweep(); }));
    resume_timer_ = TRY(loop_.timer([this] { resume_all(); }));
    return {};
}

// ---- Clients come -----------------------------------------------------------------------------

void ControlServer::accept_waiting() {
    for (std::size_t i = 0; i < kAcceptsPerTurn; ++i) {
        const int fd = ::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            admit(fd);
        } else if (errno == EMFILE || errno == ENFILE) {
            return refuse_for_want_of_descriptors();
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

void ControlServer::refuse_for_want_of_descriptors() {
    // Left in the queue, the client would keep the socket readable and the loop busy.
    if (spare_fd_ >= 0) ::close(spare_fd_);
    const int fd = ::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) ::close(fd);
    spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void ControlServer::admit(int fd) {
    auto caller = caller_of(fd);
    if (!caller) {
        ::close(fd);
        return;
    }
    if (const auto refusal = over_limit(*caller)) {
        const std::string text = api::encode(*refusal);
        static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        ::close(fd);
        return;
    }
    const Access access = access_of(*caller, rules_);
    auto client = std::make_unique<Client>(fd, *std::move(caller), access, EventLoop::now());
    client->id = next_id_++;
    auto watch =
        loop_.watch(fd, true, false, [this, id = client->id](Readiness r) { on_ready(id, r); });
    if (!watch) return;
    client->watch = *std::move(watch);
    if (clients_.empty()) sweep_timer_.set(EventLoop::now() + kSweepInterval);
    const ClientId id = client->id;
    clients_.emplace(id, std::move(client));
}

std::optional<api::Reply> ControlServer::over_limit(const Caller& caller) const {
    std::size_t limit = limits_.clients_max;
    std::size_t count = clients_.size();
    if (caller.user != 0 && caller.user != rules_.daemon_user && count < limit) {
        limit = limits_.clients_per_user_max;
        count = static_cast<std::size_t>(std::ranges::count_if(
            clients_, [&](const auto& entry) { return entry.second->caller.user == caller.user; }));
    }
    if (count < limit) return std::nullopt;
    return api::Reply{.parameters = std::format("{{\"clients_max\":{}}}", limit),
                      .error = std::string{api::error::kTooManyClients}};
}

// ---- A client's turn --------------------------------------------------------------------------

void ControlServer::on_ready(ClientId id, Readiness readiness) {
    Client* client = find(id);
    if (client == nullptr) return;
    if (readiness.writable && !flush(*client)) return drop(id);
    if (client->in_call || client->closing || client->ended) {
        // We do not read now, so this is the only way to learn that nobody waits for the reply.
        if (readiness.hung_up) return drop(id);
    } else if (readiness.readable && client->incoming.whole() == 0 && !read_from(*client)) {
        return drop(id);
    }
    process(id);
}

// False if the client must go.
bool ControlServer::read_from(Client& client) {
    std::array<char, kReadPerTurn> buffer;
    const ssize_t got = ::recv(client.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) {
        // Half a message will not be completed; a whole one may still wait for its turn.
        client.ended = true;
        return true;
    }
    if (!client.incoming.has_partial()) client.read_at = EventLoop::now();
    return client.incoming.feed({buffer.data(), static_cast<std::size_t>(got)});
}

// Handles calls as long as the client reads the replies. Only called from the loop, never from
// reply().
void ControlServer::process(ClientId id) {
    for (std::size_t calls = 0;; ++calls) {
        Client* client = find(id);
        if (client == nullptr) return;
        if (client->in_call || client->closing || client->pending() > kOutputLow) break;
        if (calls == kCallsPerTurn) {
            resume_soon(id);
            break;
        }
        const auto message = client->incoming.next();
        if (!message) {
            if (client->ended) client->closing = true;
            break;
        }
        client->read_at = EventLoop::now();
        processing_ = id;
        handle(*client, *message);
        processing_ = 0;
    }
    settle(id);
}

void ControlServer::handle(Client& client, const std::string& message) {
    auto call = api::decode_call(message);
    if (!call) {
        // Varlink has no answer to what is no call; the stream cannot be trusted from here on.
        client.closing = true;
        return;
    }
    client.in_call = true;
    client.more = call->more;
    client.oneway = call->oneway;
    const ClientId id = client.id;
    const Access needed = access_needed(call->method);
    if (call->upgrade) {
        return reply(id, {.parameters = api::to_text(nlohmann::json{{"method", call->method}}),
                          .error = std::string{api::error::kMethodNotImplemented}});
    }
    if (client.access < needed) {
        return reply(id, {.parameters = api::to_text(nlohmann::json{{"method", call->method},
                                                                    {"needed", who_has(needed)}}),
                          .error = std::string{api::error::kNotPermitted}});
    }
    handler_({.client = id, .caller = client.caller, .call = *std::move(call)});
}

// ---- Replies ----------------------------------------------------------------------------------

void ControlServer::reply(ClientId id, const api::Reply& reply) {
    Client* client = find(id);
    if (client == nullptr || !client->in_call || client->closing) return;
    if (reply.continues && !client->more) return;
    if (reply.continues && client->pending() > limits_.output_max) {
        // What is begun must be ended, so that the error is seen as a message of its own.
        const std::size_t end = client->output.find('\0', client->written);
        client->output.resize(end + 1);
        static_cast<void>(
            enqueue(*client, {.parameters = "{}", .error = std::string{api::error::kOverrun}}));
        client->closing = true;
        end_call(*client);
        if (on_gone_) on_gone_(id);
        return resume_soon(id);
    }
    if (!enqueue(*client, reply) || !reply.continues) end_call(*client);
    resume_soon(id);
}

void ControlServer::stream(ClientId id, Source source) {
    Client* client = find(id);
    if (client == nullptr || !client->in_call) return;
    client->source = std::move(source);
    resume_soon(id);
}

// False if no client would accept it: it is told so instead, which ends the call.
bool ControlServer::enqueue(Client& client, const api::Reply& reply) {
    if (client.oneway) return true;
    if (client.pending() == 0) client.written_at = EventLoop::now();
    std::string message = api::encode(reply);
    const std::size_t octets = message.size() - 1;  // without its end
    const bool acceptable = octets <= api::kMessageSizeMax;
    client.output += acceptable ? message : api::encode(too_large(octets));
    if (reply.secret) {
        client.has_keys = true;
        wipe_text(message);
    }
    return acceptable;
}

void ControlServer::end_call(Client& client) {
    client.in_call = false;
    client.source = nullptr;
}

// Refills the output from the client's stream.
void ControlServer::pump(Client& client) {
    while (client.source && client.pending() <= kOutputLow && !client.closing) {
        auto next = client.source();
        if (!next) {
            client.source = nullptr;
            return;
        }
        const bool acceptable = enqueue(client, *next);
        if (next->secret) wipe_text(next->parameters);
        if (!acceptable || !next->continues || client.oneway) end_call(client);
    }
}

// Writes what the client takes. False if it must go.
bool ControlServer::flush(Client& client) {
    while (client.pending() > 0) {
        const std::string_view rest = std::string_view{client.output}.substr(client.written);
        const ssize_t sent =
            ::send(client.fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN;
        client.written += static_cast<std::size_t>(sent);
        client.written_at = EventLoop::now();
    }
    if (std::exchange(client.has_keys, false)) client.output = {};
    client.output.clear();
    client.written = 0;
    return true;
}

// After anything has changed: send what can be sent, and wait for what comes next.
void ControlServer::settle(ClientId id) {
    Client* client = find(id);
    if (client == nullptr) return;
    bool streamed = false;
    for (std::size_t rounds = 0; rounds < 4; ++rounds) {
        const bool had_source = static_cast<bool>(client->source);
        pump(*client);
        if (!flush(*client)) return drop(id);
        streamed = had_source && !client->source;
        if (!client->source || client->pending() > 0) break;
    }
    if (client->closing && client->pending() == 0) return drop(id);
    // A stream that the client keeps up with goes on in the next turn; so does a call that waited
    // behind it.
    if ((client->source && client->pending() == 0) || streamed) resume_soon(id);
    if (client->written > kOutputLow) {
        client->output.erase(0, client->written);
        client->written = 0;
    }
    // Calls that wait for their turn are worked off before more are read.
    const bool may_call = !client->in_call && !client->closing && !client->ended &&
                          client->pending() <= kOutputLow && client->incoming.whole() == 0;
    client->watch.want(may_call, client->pending() > 0);
}

void ControlServer::resume_soon(ClientId id) {
    if (id == processing_) return;  // process() ends with settle() anyway
    if (std::ranges::contains(to_resume_, id)) return;
    to_resume_.push_back(id);
    resume_timer_.set(EventLoop::now());
}

void ControlServer::resume_all() {
    for (const ClientId id : std::exchange(to_resume_, {})) process(id);
}

// ---- Clients go -------------------------------------------------------------------------------

void ControlServer::drop(ClientId id) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    clients_.erase(found);
    if (on_gone_) on_gone_(id);
    if (clients_.empty()) sweep_timer_.clear();
}

void ControlServer::sweep() {
    const ike::Time now = EventLoop::now();
    std::vector<ClientId> late;
    for (const auto& [id, client] : clients_) {
        const bool half_message = client->incoming.has_partial() && !client->in_call &&
                                  client->pending() == 0 &&
                                  now - client->read_at > limits_.half_message_max;
        const bool stuck =
            client->pending() > 0 && now - client->written_at > limits_.stuck_output_max;
        const bool stranger =
            client->access == Access::None && now - client->read_at > limits_.stranger_idle_max;
        if (half_message || stuck || stranger) late.push_back(id);
    }
    for (const ClientId id : late) drop(id);
    if (!clients_.empty()) sweep_timer_.set(now + kSweepInterval);
}

void ControlServer::finish(std::chrono::milliseconds wait_max) {
    const ike::Time end = EventLoop::now() + wait_max;
    listening_ = {};
    for (auto& [id, client] : clients_) {
        while (flush(*client) && client->pending() > 0) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - EventLoop::now());
            pollfd wanted{.fd = client->fd, .events = POLLOUT, .revents = 0};
            if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) break;
        }
    }
    clients_.clear();
    sweep_timer_.clear();
}

ControlServer::Client* ControlServer::find(ClientId id) {
    const auto found = clients_.find(id);
    return found == clients_.end() ? nullptr : found->second.get();
}

}  // namespace xfrmd::daemon
