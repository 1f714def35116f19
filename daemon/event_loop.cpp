// SPDX-License-Identifier: Apache-2.0
// The event loop over sd-event.
#include "daemon/event_loop.h"

#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <format>
#include <limits>
#include <utility>

namespace xfrmd::daemon {

namespace {

// Of timers, in microseconds.
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// What sd-event hands back to us. Kept alive by a reference count of its own, so that an action may
// destroy its watch.
struct EventLoop::Watch::State {
    sd_event_source* source = nullptr;
    OnReady on_ready;
    std::uint64_t wanted = kNever;  // when a timer is to go off
    std::uint64_t armed = kNever;   // when it wakes us, at the latest then
    bool running = false;
    bool released = false;
};

void EventLoop::Watch::Release::operator()(State* state) const {
    state->source = sd_event_source_disable_unref(state->source);
    if (state->running) {
        state->released = true;  // call() frees it when the action has returned
    } else {
        delete state;
    }
}

namespace {

std::unexpected<std::string> failed(const char* what, int negative_errno) {
    return std::unexpected{std::format("{}: {}", what, std::strerror(-negative_errno))};
}

std::uint32_t epoll_mask(bool readable, bool writable) {
    return (readable ? std::uint32_t{EPOLLIN} : 0U) | (writable ? std::uint32_t{EPOLLOUT} : 0U);
}

// Makes it wake us when it is wanted or earlier.
template <class State>
void arm(State& state) {
    if (state.wanted >= state.armed) return;
    sd_event_source_set_time(state.source, state.wanted);
    sd_event_source_set_enabled(state.source, SD_EVENT_ONESHOT);
    state.armed = state.wanted;
}

std::uint64_t microseconds(ike::Time time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
}

template <class State>
int call(void* data, Readiness readiness) {
    State* state = static_cast<State*>(data);
    state->running = true;
    state->on_ready(readiness);
    state->running = false;
    if (state->released) delete state;
    return 0;
}

}  // namespace

std::expected<std::unique_ptr<EventLoop>, std::string> EventLoop::create() {
    sd_event* event = nullptr;
    if (const int r = sd_event_new(&event); r < 0) return failed("cannot make an event loop", r);
    return std::unique_ptr<EventLoop>{new EventLoop{event}};
}

EventLoop::~EventLoop() {
    sd_event_unref(event_);
}

ike::Time EventLoop::now() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return ike::Time{
        std::chrono::seconds{now.tv_sec} +
        std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds{now.tv_nsec})};
}

std::expected<EventLoop::Watch, std::string> EventLoop::watch(int fd, bool readable, bool writable,
                                                              OnReady action) {
    using State = Watch::State;
    Watch watch;
    watch.state_.reset(new State{.source = nullptr, .on_ready = std::move(action)});
    const auto handler = [](sd_event_source*, int, std::uint32_t events, void* data) {
        const bool gone = (events & (EPOLLHUP | EPOLLERR)) != 0;
        return call<State>(data, {.readable = (events & EPOLLIN) != 0 || gone,
                                  .writable = (events & EPOLLOUT) != 0,
                                  .hung_up = gone});
    };
    State* state = watch.state_.get();
    const int r =
        sd_event_add_io(event_, &state->source, fd, epoll_mask(readable, writable), handler, state);
    if (r < 0) return failed("cannot watch a file descriptor", r);
    return watch;
}

void EventLoop::Watch::want(bool readable, bool writable) {
    if (state_) sd_event_source_set_io_events(state_->source, epoll_mask(readable, writable));
}

std::expected<EventLoop::Timer, std::string> EventLoop::timer(Action action) {
    using State = Watch::State;
    Timer timer;
    timer.watch_.state_.reset(new State{
        .source = nullptr, .on_ready = [act = std::move(action)](Readiness) mutable { act(); }});
    const auto handler = [](sd_event_source*, std::uint64_t set_to, void* data) {
        auto* state = static_cast<State*>(data);
        state->armed = kNever;
        if (state->wanted > set_to) {  // put off or cleared since
            arm(*state);
            return 0;
        }
        state->wanted = kNever;
        return call<State>(data, {});
    };
    State* state = timer.watch_.state_.get();
    // The accuracy must be said: sd-event would else round deadlines by up to 250 ms to save
    // wake-ups.
    int r = sd_event_add_time(event_, &state->source, CLOCK_BOOTTIME, 0, 500, handler, state);
    if (r >= 0) r = sd_event_source_set_enabled(state->source, SD_EVENT_OFF);
    if (r < 0) return failed("cannot make a timer", r);
    return timer;
}

void EventLoop::Timer::set(ike::Time at) {
    if (!watch_.state_) return;
    watch_.state_->wanted = microseconds(at);
    arm(*watch_.state_);
}

void EventLoop::Timer::clear() {
    if (watch_.state_) watch_.state_->wanted = kNever;
}

std::expected<EventLoop::Watch, std::string> EventLoop::on_signal(int signal, Action action) {
    using State = Watch::State;
    sigset_t mask;
    ::sigemptyset(&mask);
    ::sigaddset(&mask, signal);
    if (const int error = ::pthread_sigmask(SIG_BLOCK, &mask, nullptr); error != 0)
        return failed("cannot block a signal", -error);
    Watch watch;
    watch.state_.reset(new State{
        .source = nullptr, .on_ready = [act = std::move(action)](Readiness) mutable { act(); }});
    const auto handler = [](sd_event_source*, const signalfd_siginfo*, void* data) {
        return call<State>(data, {});
    };
    State* state = watch.state_.get();
    const int r = sd_event_add_signal(event_, &state->source, signal, handler, state);
    if (r < 0) return failed("cannot watch a signal", r);
    return watch;
}

void EventLoop::enable_watchdog() {
    sd_event_set_watchdog(event_, true);
}

std::expected<void, std::string> EventLoop::run() {
    if (const int r = sd_event_loop(event_); r < 0) return failed("the event loop failed", r);
    return {};
}

std::expected<void, std::string> EventLoop::run_once(std::chrono::microseconds wait_max) {
    const int r = sd_event_run(event_, static_cast<std::uint64_t>(wait_max.count()));
    if (r < 0) return failed("the event loop failed", r);
    return {};
}

void EventLoop::stop() {
    sd_event_exit(event_, 0);
}

}  // namespace xfrmd::daemon
