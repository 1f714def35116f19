// SPDX-License-Identifier: Apache-2.0
// A pool of threads for crypto jobs.
#include "daemon/crypto_pool.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <format>
#include <iterator>
#include <system_error>
#include <utility>

namespace xfrmd::daemon {
namespace {

// Threads inherit the mask: signals are the protocol thread's business.
class AllSignalsBlocked {
  public:
    AllSignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    AllSignalsBlocked(const AllSignalsBlocked&) = delete;
    AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;
    ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

std::expected<std::unique_ptr<CryptoPool>, std::string> CryptoPool::create(std::size_t workers) {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) return std::unexpected{std::format("eventfd: {}", std::strerror(errno))};
    std::unique_ptr<CryptoPool> pool{new CryptoPool{fd}};
    const AllSignalsBlocked blocked;
    for (std::size_t i = 0; i < workers; ++i) {
        try {
            pool->workers_.emplace_back([raw = pool.get()] { raw->work_until_stopped(); });
        } catch (const std::system_error& error) {
            return std::unexpected{std::format("cannot start crypto worker {} of {}: {}", i + 1,
                                               workers, error.what())};
        }
        ::pthread_setname_np(pool->workers_.back().native_handle(), "xfrmd-crypto");
    }
    return pool;
}

CryptoPool::~CryptoPool() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    ::close(event_fd_);
}

void CryptoPool::submit(ike::JobId id, Work work, Pace pace) {
    ++outstanding_;
    if (workers_.empty() || pace == Pace::AtOnce) {
        done_at_once_.push_back({id, work()});
        return;
    }
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back({id, std::move(work)});
    }
    wake_.notify_one();
}

std::vector<ike::CryptoResult> CryptoPool::take_done_at_once() {
    outstanding_ -= done_at_once_.size();
    return std::exchange(done_at_once_, {});
}

void CryptoPool::announce() {
    if (!done_at_once_.empty()) signal();
}

std::vector<ike::CryptoResult> CryptoPool::collect() {
    std::vector<ike::CryptoResult> results = take_done_at_once();
    std::vector<ike::CryptoResult> of_workers;
    {
        // Under the lock, so that the descriptor is readable exactly while there are results.
        const std::lock_guard lock{mutex_};
        std::uint64_t count = 0;
        while (::read(event_fd_, &count, sizeof count) < 0 && errno == EINTR) {
        }
        of_workers.swap(done_);
    }
    outstanding_ -= of_workers.size();
    results.insert(results.end(), std::make_move_iterator(of_workers.begin()),
                   std::make_move_iterator(of_workers.end()));
    return results;
}

void CryptoPool::work_until_stopped() {
    while (true) {
        Job job;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (stopping_) return;
            job = std::move(waiting_.front());
            waiting_.pop_front();
        }
        ike::CryptoOutcome outcome = job.work();
        job.work = nullptr;  // secrets of the job are wiped here, not when the next job comes
        deliver({job.id, std::move(outcome)});
    }
}

void CryptoPool::deliver(ike::CryptoResult result) {
    const std::lock_guard lock{mutex_};
    done_.push_back(std::move(result));
    signal();
}

void CryptoPool::signal() {
    const std::uint64_t one = 1;
    while (::write(event_fd_, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

}  // namespace xfrmd::daemon
