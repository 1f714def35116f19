// SPDX-License-Identifier: Apache-2.0
#include "daemon/metrics_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <format>
#include <string_view>
#include <utility>
#include <vector>

#include "netlink/model/result.h"

namespace xfrmd::daemon {
namespace {

constexpr std::size_t kClientsMax = 16;
constexpr std::size_t kRequestMax = 8192;
// From the first octet to the last.
constexpr std::chrono::seconds kPatience{10};

std::string response(std::string_view status, std::string_view type, std::string_view body) {
    return std::format(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", status, type,
        body.size(), body);
}

std::string refusal(std::string_view status) {
    return response(status, "text/plain; charset=utf-8", std::string{status} + "\n");
}

}  // namespace

struct MetricsServer::Client {
    explicit Client(int descriptor) : fd{descriptor} {}
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() {
        watch = {};
        ::close(fd);
    }

    int fd;
    std::string request;
    bool answered = false;
    std::string output;
    ike::Time since = EventLoop::now();
    EventLoop::Watch watch;
};

std::string refusal_of(std::string_view request) {
    const std::string_view line = request.substr(0, request.find("\r\n"));
    const std::size_t method_end = line.find(' ');
    const std::size_t target_end = line.find(' ', method_end + 1);
    if (method_end == line.npos || target_end == line.npos || !line.substr(target_end + 1).starts_with("HTTP/1."))
        return refusal("400 Bad Request");
    if (line.substr(0, method_end) != "GET") return refusal("405 Method Not Allowed");
    std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
    target = target.substr(0, target.find('?'));
    if (target != "/metrics") return refusal("404 Not Found");
    return {};
}

std::expected<std::unique_ptr<MetricsServer>, std::string> MetricsServer::create(EventLoop& loop, int fd,
                                                                                 Gather gather) {
    std::unique_ptr<MetricsServer> server{new MetricsServer{loop, fd, std::move(gather)}};
    TRY_VOID(server->start());
    return server;
}

MetricsServer::MetricsServer(EventLoop& loop, int fd, Gather gather)
    : loop_{loop}, fd_{fd}, gather_{std::move(gather)} {}

MetricsServer::~MetricsServer() {
    listening_ = {};
    ::close(fd_);
}

std::expected<void, std::string> MetricsServer::start() {
    if (::fcntl(fd_, F_SETFL, O_NONBLOCK) < 0)
        return std::unexpected{std::format("the socket for metrics: {}", std::strerror(errno))};
    listening_ = TRY(loop_.watch(fd_, true, false, [this](Readiness) { accept_waiting(); }));
    sweep_timer_ = TRY(loop_.timer([this] { sweep(); }));
    return {};
}

void MetricsServer::accept_waiting() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    auto client = std::make_unique<Client>(fd);
    if (clients_.size() >= kClientsMax) return;  // who gathers comes again
    const ClientId id = next_id_++;
    auto watch = loop_.watch(fd, true, false, [this, id](Readiness r) { on_ready(id, r); });
    if (!watch) return;
    client->watch = *std::move(watch);
    if (clients_.empty()) sweep_timer_.set(EventLoop::now() + kPatience);
    clients_.emplace(id, std::move(client));
}

void MetricsServer::on_ready(ClientId id, Readiness readiness) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    Client& client = *found->second;
    if (readiness.hung_up) {
        clients_.erase(found);
        return;
    }
    if (client.answered) return flush(id);
    std::array<char, 2048> buffer;
    const ssize_t got = ::recv(client.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0 || client.request.size() + static_cast<std::size_t>(got) > kRequestMax) {
        clients_.erase(found);
        return;
    }
    client.request.append(buffer.data(), static_cast<std::size_t>(got));
    if (!client.request.contains("\r\n\r\n")) return;
    client.answered = true;
    client.watch.want(false, false);
    if (std::string refused = refusal_of(client.request); !refused.empty()) return answer(id, std::move(refused));
    gather_([this, id](std::string text) {
        answer(id, response("200 OK", "application/openmetrics-text; version=1.0.0; charset=utf-8", text));
    });
}

// The client may have gone meanwhile.
void MetricsServer::answer(ClientId id, std::string response) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    found->second->output = std::move(response);
    flush(id);
}

void MetricsServer::flush(ClientId id) {
    Client& client = *clients_.at(id);
    while (!client.output.empty()) {
        const ssize_t sent =
            ::send(client.fd, client.output.data(), client.output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return client.watch.want(false, true);
        if (sent < 0) break;
        client.output.erase(0, static_cast<std::size_t>(sent));
    }
    clients_.erase(id);
}

void MetricsServer::sweep() {
    const ike::Time now = EventLoop::now();
    std::erase_if(clients_, [&](const auto& entry) { return now - entry.second->since >= kPatience; });
    if (!clients_.empty()) sweep_timer_.set(now + std::chrono::seconds{1});
}

}  // namespace xfrmd::daemon
