// SPDX-License-Identifier: Apache-2.0
// Waiting for file descriptors, one point in time and signals. A thin cover over sd-event, so that
// nothing else of the daemon knows it. One thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "ike/time.h"

struct sd_event;
struct sd_event_source;

namespace xfrmd::daemon {

// What a descriptor is watched for, and what it is ready for. A hang-up or an error counts as
// readable: the read tells.
struct Readiness {
    bool readable = false;
    bool writable = false;
    bool hung_up = false;  // reported only, always watched: both directions are closed
};

class EventLoop {
  public:
    // Stops watching when it goes.
    class Watch {
      public:
        Watch() = default;
        Watch(Watch&&) noexcept = default;
        Watch& operator=(Watch&&) noexcept = default;
        // The descriptor stays the caller's; destroy the watch before closing it.
        void want(bool readable, bool writable);

      private:
        friend class EventLoop;
        struct State;
        struct Release {
            void operator()(State* state) const;
        };
        std::unique_ptr<State, Release> state_;
    };

    using OnReady = std::move_only_function<void(Readiness)>;
    using Action = std::move_only_function<void()>;

    // Error: a sentence.
    [[nodiscard]] static std::expected<std::unique_ptr<EventLoop>, std::string> create();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    // The core's time: CLOCK_BOOTTIME.
    [[nodiscard]] static ike::Time now();

    // Calls `action` on this thread whenever `fd` is ready. The action may destroy its own watch.
    [[nodiscard]] std::expected<Watch, std::string> watch(int fd, bool readable, bool writable,
                                                          OnReady action);
    // A timer that is not set yet: set() it to one point in time, again and again. Putting it off
    // costs nothing: the loop wakes at the former time, and waits on.
    class Timer {
      public:
        Timer() = default;
        Timer(Timer&&) noexcept = default;
        Timer& operator=(Timer&&) noexcept = default;
        void set(ike::Time at);
        void clear();

      private:
        friend class EventLoop;
        Watch watch_;
    };
    [[nodiscard]] std::expected<Timer, std::string> timer(Action action);
    // Blocks the signal for the thread and what it starts later, and calls `action` when it comes.
    [[nodiscard]] std::expected<Watch, std::string> on_signal(int signal, Action action);
    // Answers the service manager's watchdog, if there is one, from within the loop: a hung loop
    // gets noticed.
    void enable_watchdog();

    // Returns once stop() was called. Error: a sentence.
    [[nodiscard]] std::expected<void, std::string> run();
    // One turn, waiting at most `wait_max`. For tests and for a bounded wait.
    [[nodiscard]] std::expected<void, std::string> run_once(std::chrono::microseconds wait_max);
    void stop();

  private:
    explicit EventLoop(sd_event* event) : event_{event} {}

    sd_event* event_;
};

}  // namespace xfrmd::daemon
