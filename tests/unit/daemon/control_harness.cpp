// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/control_harness.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <utility>

#include "daemon/control_socket.h"

namespace xfrmd::test {

using namespace std::chrono_literals;

ControlHarness::ControlHarness(Handler handler, daemon::ControlLimits limits,
                               std::optional<daemon::AccessRules> rules)
    : loop_{daemon::EventLoop::create().value()} {
    // Other users come by here too; only the socket decides.
    std::filesystem::permissions(directory_.path(), std::filesystem::perms{0755});
    auto listening = daemon::ControlSocket::listen_in(directory_.path());
    INFO((listening ? "" : listening.error()));
    REQUIRE(listening);
    const daemon::AccessRules everybody{
        .daemon_user = ::geteuid(), .readers_group = {}, .admins_group = {}};
    server_ = daemon::ControlServer::create(*loop_, *std::move(listening),
                                            rules.value_or(everybody), limits, std::move(handler),
                                            [this](auto id) { gone_.push_back(id); })
                  .value();
}

void ControlHarness::turn() {
    // sd-event serves one source per turn; an idle turn ends the row.
    for (int i = 0; i < 64; ++i) REQUIRE(loop_->run_once(0us).has_value());
}

bool ControlHarness::work_until(const std::function<bool()>& done) {
    const auto end = daemon::EventLoop::now() + 5s;
    while (!done()) {
        if (daemon::EventLoop::now() > end) return false;
        REQUIRE(loop_->run_once(1ms).has_value());
    }
    return true;
}

void ControlHarness::work_until_stopped(const std::atomic<bool>& stop) {
    while (!stop) static_cast<void>(loop_->run_once(5ms));
}

RawClient::RawClient(const ControlHarness& harness)
    : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
    REQUIRE(fd_ >= 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = harness.socket().string();
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    const void* place = &address;
    connected_ = ::connect(fd_, static_cast<const sockaddr*>(place), sizeof address) == 0;
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      connected_{other.connected_},
      at_end_{other.at_end_},
      received_{std::move(other.received_)} {}

RawClient::~RawClient() {
    if (fd_ >= 0) ::close(fd_);
}

std::size_t RawClient::write(std::string_view octets) {
    const ssize_t sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void RawClient::read() {
    char buffer[65536];
    while (!at_end_) {
        const ssize_t got = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            at_end_ = true;
        } else {
            received_.append(buffer, static_cast<std::size_t>(got));
        }
    }
}

void RawClient::end_writing() {
    REQUIRE(::shutdown(fd_, SHUT_WR) == 0);
}

std::vector<std::string> RawClient::messages() const {
    std::vector<std::string> all;
    std::size_t begin = 0;
    for (std::size_t end = received_.find('\0'); end != std::string::npos;
         end = received_.find('\0', begin)) {
        all.push_back(received_.substr(begin, end - begin));
        begin = end + 1;
    }
    return all;
}

}  // namespace xfrmd::test
