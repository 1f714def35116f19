// SPDX-License-Identifier: Apache-2.0
// Many KernelRequests at once over one socket: which answer belongs to which, and what is complete.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "netlink/model/kernel.h"
#include "netlink/socket.h"
#include "netlink/transaction.h"

namespace xfrmd::netlink {

class Requests {
  public:
    using Token = std::uint64_t;
    using Completed = std::vector<std::pair<Token, xfrm::KernelResult>>;

    static std::expected<Requests, KernelError> open();
    Requests(Requests&& other) noexcept;
    Requests& operator=(Requests&&) = delete;
    ~Requests();

    // Readable when on_readable() has something to do: an answer, or a request that ended without
    // the kernel.
    int fd() const { return ready_fd_; }
    void submit(Token token, xfrm::KernelRequest request);
    // One that was answered by other means: on_readable() gives it.
    void complete(Token token, xfrm::KernelResult result);
    Completed on_readable();
    // True if answers were lost since the last take_overrun().
    bool overran() const { return overran_; }
    bool take_overrun() { return std::exchange(overran_, false); }

  private:
    struct Job {
        Token token = 0;
        Transaction transaction;
    };
    struct Place {
        std::uint64_t job = 0;
        std::uint32_t step = 0;
    };

    Requests(RequestSocket socket, int ready_fd, int wake_fd);
    void send(std::uint64_t job, Steps steps);
    void take(const Reply& reply);
    void retire_if_finished(std::uint64_t job);
    void wake();

    RequestSocket socket_;
    int ready_fd_ = -1;  // an epoll instance over the socket and wake_fd_
    int wake_fd_ = -1;   // an eventfd
    bool woken_ = false;  // it has been written to
    std::uint64_t next_job_ = 1;
    std::map<std::uint64_t, Job> jobs_;
    std::map<std::uint32_t, Place> places_;  // by sequence number
    Completed completed_;
    bool overran_ = false;
};

}  // namespace xfrmd::netlink
