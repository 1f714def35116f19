// SPDX-License-Identifier: Apache-2.0
#include "netlink/requests.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

bool watch(int epoll_fd, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void close_if_open(int fd) {
    if (fd >= 0) close(fd);
}

}  // namespace

std::expected<Requests, KernelError> Requests::open() {
    RequestSocket socket = TRY(RequestSocket::open(Bus::Xfrm));
    const int ready_fd = epoll_create1(EPOLL_CLOEXEC);
    const int wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (ready_fd < 0 || wake_fd < 0 || !watch(ready_fd, socket.fd()) || !watch(ready_fd, wake_fd)) {
        const int error_number = errno;
        close_if_open(ready_fd);
        close_if_open(wake_fd);
        return std::unexpected{
            KernelError{error_number, "cannot watch the kernel's XFRM socket: " +
                                          std::generic_category().message(error_number)}};
    }
    return Requests{std::move(socket), ready_fd, wake_fd};
}

Requests::Requests(RequestSocket socket, int ready_fd, int wake_fd)
    : socket_{std::move(socket)}, ready_fd_{ready_fd}, wake_fd_{wake_fd} {}

Requests::Requests(Requests&& other) noexcept
    : socket_{std::move(other.socket_)},
      ready_fd_{std::exchange(other.ready_fd_, -1)},
      wake_fd_{std::exchange(other.wake_fd_, -1)},
      woken_{other.woken_},
      next_job_{other.next_job_},
      jobs_{std::move(other.jobs_)},
      places_{std::move(other.places_)},
      completed_{std::move(other.completed_)},
      overran_{other.overran_} {}

Requests::~Requests() {
    close_if_open(ready_fd_);
    close_if_open(wake_fd_);
}

void Requests::submit(Token token, KernelRequest request) {
    const std::uint64_t id = next_job_++;
    Job& job = jobs_.emplace(id, Job{token, Transaction{std::move(request)}}).first->second;
    send(id, job.transaction.start());
    retire_if_finished(id);
    socket_.flush();
    // What ended without an answer of the kernel to come must wake the caller all the same.
    if (!completed_.empty() || socket_.has_undelivered()) wake();
}

void Requests::complete(Token token, KernelResult result) {
    completed_.emplace_back(token, std::move(result));
    wake();
}

void Requests::wake() {
    eventfd_write(wake_fd_, 1);
    woken_ = true;
}

Requests::Completed Requests::on_readable() {
    if (std::exchange(woken_, false)) {
        eventfd_t ignored = 0;
        eventfd_read(wake_fd_, &ignored);
    }
    std::vector<Reply> replies;
    do {  // once in any case: what nobody waits for any more must not keep the descriptor readable
        replies.clear();
        const Received received = socket_.receive(replies);
        for (const Reply& reply : replies) take(reply);
        if (received == Received::Overrun) overran_ = true;
        socket_.flush();  // the window moved, and undoing has messages of its own
        if (received != Received::Datagram) break;
    } while (socket_.is_owed());
    return std::exchange(completed_, {});
}

void Requests::send(std::uint64_t job, Steps steps) {
    for (Step& step : steps)
        places_[socket_.send(std::move(step.message))] = Place{job, step.number};
}

void Requests::take(const Reply& reply) {
    const auto place = places_.find(reply.sequence);
    if (place == places_.end()) return;
    const auto [id, step] = place->second;
    Transaction& transaction = jobs_.at(id).transaction;
    switch (reply.kind) {
        case Reply::Kind::Part: transaction.part(step, {reply.type, reply.payload}); break;
        case Reply::Kind::Again: transaction.again(step); break;
        case Reply::Kind::End:
            places_.erase(place);
            send(id, transaction.end(step, reply.refusal));
            retire_if_finished(id);
            break;
    }
}

void Requests::retire_if_finished(std::uint64_t id) {
    const auto job = jobs_.find(id);
    if (!job->second.transaction.finished()) return;
    completed_.emplace_back(job->second.token, job->second.transaction.take_result());
    jobs_.erase(job);
}

}  // namespace xfrmd::netlink
