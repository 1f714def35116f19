// SPDX-License-Identifier: Apache-2.0
// Runs the core's crypto jobs, beside the protocol thread or on it. Jobs own what they need; results of
// other threads come back on an eventfd.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ike/io.h"

namespace xfrmd::daemon {

class CryptoPool {
  public:
    using Work = std::move_only_function<ike::CryptoOutcome()>;

    // With no workers, submit() runs every job before it returns. Error: a sentence.
    [[nodiscard]] static std::expected<std::unique_ptr<CryptoPool>, std::string> create(
        std::size_t workers);
    CryptoPool(const CryptoPool&) = delete;
    CryptoPool& operator=(const CryptoPool&) = delete;
    // Jobs that have begun are waited for; those that wait are destroyed without having run.
    ~CryptoPool();

    // AtOnce: before submit() returns, since the way to a worker and back takes longer.
    enum class Pace : std::uint8_t { AtOnce, Beside };
    void submit(ike::JobId id, Work work, Pace pace = Pace::Beside);
    // What submit() itself has done since. The descriptor does not tell of that, unless announce()
    // makes it.
    [[nodiscard]] std::vector<ike::CryptoResult> take_done_at_once();
    void announce();
    // Readable while workers have done something.
    [[nodiscard]] int fd() const { return event_fd_; }
    // All that is done so far, in the order of completion.
    [[nodiscard]] std::vector<ike::CryptoResult> collect();
    // Submitted and not collected yet.
    [[nodiscard]] std::size_t outstanding() const { return outstanding_; }

  private:
    struct Job {
        ike::JobId id;
        Work work;
    };

    explicit CryptoPool(int event_fd) : event_fd_{event_fd} {}
    void work_until_stopped();
    void deliver(ike::CryptoResult result);
    void signal();

    int event_fd_;
    std::size_t outstanding_ = 0;                   // of the protocol thread alone
    std::vector<ike::CryptoResult> done_at_once_;  // of the protocol thread alone
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> waiting_;              // guarded by mutex_
    std::vector<ike::CryptoResult> done_;  // guarded by mutex_
    bool stopping_ = false;                // guarded by mutex_
    std::vector<std::thread> workers_;
};

}  // namespace xfrmd::daemon
