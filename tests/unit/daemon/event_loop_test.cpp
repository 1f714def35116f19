// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace xfrmd;
using namespace std::chrono_literals;
using daemon::EventLoop;

namespace {

struct Pair {
    Pair() {
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) ==
                0);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair() {
        for (const int fd : ends)
            if (fd >= 0) ::close(fd);
    }
    void close(std::size_t end) {
        ::close(ends[end]);
        ends[end] = -1;
    }
    std::array<int, 2> ends{};
};

void turn(EventLoop& loop, std::chrono::microseconds wait = 10ms) {
    REQUIRE(loop.run_once(wait).has_value());
}

}  // namespace

TEST_CASE("The loop tells when a descriptor is readable, until it is read", "[daemon]") {
    auto loop = EventLoop::create().value();
    Pair pair;
    int calls = 0;
    auto watch = loop->watch(pair.ends[0], true, false, [&](daemon::Readiness ready) {
        CHECK(ready.readable);
        CHECK_FALSE(ready.hung_up);
        ++calls;
    });
    REQUIRE(watch);
    turn(*loop, 1ms);
    CHECK(calls == 0);
    REQUIRE(::write(pair.ends[1], "x", 1) == 1);
    turn(*loop);
    turn(*loop);
    CHECK(calls == 2);
    char octet = 0;
    REQUIRE(::read(pair.ends[0], &octet, 1) == 1);
    turn(*loop, 1ms);
    CHECK(calls == 2);
}

TEST_CASE("A watch can change what it waits for", "[daemon]") {
    auto loop = EventLoop::create().value();
    Pair pair;
    int writable = 0;
    auto watch = loop->watch(pair.ends[0], false, false,
                             [&](daemon::Readiness ready) { writable += ready.writable; });
    REQUIRE(watch);
    turn(*loop, 1ms);
    CHECK(writable == 0);
    watch->want(false, true);
    turn(*loop);
    CHECK(writable == 1);
}

TEST_CASE("A hang-up is told even to those who want nothing", "[daemon]") {
    auto loop = EventLoop::create().value();
    Pair pair;
    bool hung_up = false;
    std::optional<EventLoop::Watch> watch;
    // The action destroys its own watch, as a server does that drops a client.
    auto made = loop->watch(pair.ends[0], false, false, [&](daemon::Readiness ready) {
        hung_up = ready.hung_up;
        watch.reset();
    });
    REQUIRE(made);
    watch = std::move(*made);
    pair.close(1);
    turn(*loop);
    CHECK(hung_up);
    CHECK_FALSE(watch.has_value());
    turn(*loop, 1ms);
}

TEST_CASE("A timer goes off once, not before its time and within milliseconds after it",
          "[daemon]") {
    auto loop = EventLoop::create().value();
    std::vector<ike::Time> calls;
    auto timer = loop->timer([&] { calls.push_back(EventLoop::now()); });
    REQUIRE(timer);
    const ike::Time at = EventLoop::now() + 30ms;
    timer->set(at);
    const ike::Time end = at + 100ms;
    while (EventLoop::now() < end) turn(*loop, 20ms);
    REQUIRE(calls.size() == 1);
    CHECK(calls.front() >= at);
    // Generous for a busy machine, but far from the quarter of a second by which sd-event may delay
    // by default.
    CHECK(calls.front() - at < 100ms);
}

TEST_CASE("A timer can be set again and cleared", "[daemon]") {
    auto loop = EventLoop::create().value();
    int calls = 0;
    auto timer = loop->timer([&] { ++calls; });
    REQUIRE(timer);
    timer->set(EventLoop::now());
    turn(*loop);
    CHECK(calls == 1);
    timer->set(EventLoop::now() - 1s);
    turn(*loop);
    CHECK(calls == 2);
    timer->set(EventLoop::now() + 5ms);
    timer->clear();
    turn(*loop, 20ms);
    CHECK(calls == 2);
}

TEST_CASE("A timer that is put off goes off at the later time, once", "[daemon]") {
    auto loop = EventLoop::create().value();
    std::vector<ike::Time> calls;
    auto timer = loop->timer([&] { calls.push_back(EventLoop::now()); });
    REQUIRE(timer);
    const ike::Time first = EventLoop::now() + 5ms;
    timer->set(first);
    SECTION("put off") {
        timer->set(first + 30ms);
        while (EventLoop::now() < first + 100ms) turn(*loop, 20ms);
        REQUIRE(calls.size() == 1);
        CHECK(calls.front() >= first + 30ms);
    }
    SECTION("put off, and forward again") {
        timer->set(first + 10s);
        timer->set(first + 1ms);
        while (EventLoop::now() < first + 100ms) turn(*loop, 20ms);
        REQUIRE(calls.size() == 1);
        CHECK(calls.front() >= first + 1ms);
    }
    SECTION("cleared, and set again after the former time") {
        timer->clear();
        while (EventLoop::now() < first + 10ms) turn(*loop, 5ms);
        CHECK(calls.empty());
        timer->set(EventLoop::now() + 5ms);
        while (EventLoop::now() < first + 100ms) turn(*loop, 20ms);
        CHECK(calls.size() == 1);
    }
}

TEST_CASE("A signal becomes a call", "[daemon]") {
    auto loop = EventLoop::create().value();
    int calls = 0;
    auto watch = loop->on_signal(SIGUSR1, [&] { ++calls; });
    REQUIRE(watch);
    REQUIRE(::raise(SIGUSR1) == 0);
    turn(*loop);
    CHECK(calls == 1);
}

TEST_CASE("stop() ends run()", "[daemon]") {
    auto loop = EventLoop::create().value();
    auto timer = loop->timer([&] { loop->stop(); });
    REQUIRE(timer);
    timer->set(EventLoop::now() + 5ms);
    CHECK(loop->run().has_value());
}

TEST_CASE("The core's time keeps going", "[daemon]") {
    const ike::Time before = EventLoop::now();
    std::this_thread::sleep_for(2ms);
    CHECK(EventLoop::now() - before >= 2ms);
}
