// SPDX-License-Identifier: Apache-2.0
#include "fake_daemon.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace xfrmd::test {

namespace {

// True if `fd` is ready before the test wants to stop.
bool ready(int fd, short events, int stop) {
    pollfd wanted[2] = {{.fd = fd, .events = events, .revents = 0},
                        {.fd = stop, .events = POLLIN, .revents = 0}};
    return ::poll(wanted, 2, 10'000) > 0 && wanted[0].revents != 0;
}

}  // namespace

FakeDaemon::FakeDaemon(std::string octets, Then then) : octets_{std::move(octets)}, then_{then} {
    std::string name = (std::filesystem::temp_directory_path() / "xfrmctl-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    socket_ = folder_ / "io.xfrmd";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(socket_.string().size() < sizeof address.sun_path);
    socket_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const void* generic = &address;
    REQUIRE(::bind(listener_, static_cast<const sockaddr*>(generic), sizeof address) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    REQUIRE(::pipe(stop_) == 0);
    thread_ = std::thread{[this] { serve(); }};
}

FakeDaemon::~FakeDaemon() {
    call();
    ::close(stop_[0]);
    ::close(listener_);
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
}

std::string FakeDaemon::call() {
    if (stop_[1] >= 0) ::close(stop_[1]);
    stop_[1] = -1;
    if (thread_.joinable()) thread_.join();
    return call_;
}

void FakeDaemon::serve() {
    if (!ready(listener_, POLLIN, stop_[0])) return;
    const int client = ::accept(listener_, nullptr, nullptr);
    bool called = false;
    while (!called && ready(client, POLLIN, stop_[0])) {
        char c = 0;
        if (::recv(client, &c, 1, 0) != 1) break;
        if (c == '\0')
            called = true;
        else
            call_ += c;
    }
    std::size_t sent = 0;
    while (called && sent < octets_.size() && ready(client, POLLOUT, stop_[0])) {
        const ssize_t part = ::send(client, octets_.data() + sent, octets_.size() - sent,
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (part < 0) break;
        sent += static_cast<std::size_t>(part);
    }
    if (then_ == Then::Hold) ready(-1, 0, stop_[0]);
    ::close(client);
}

}  // namespace xfrmd::test
