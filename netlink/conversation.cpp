// SPDX-License-Identifier: Apache-2.0
#include "netlink/conversation.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "netlink/errors.h"

namespace xfrmd::netlink {

using Clock = std::chrono::steady_clock;

bool wait_readable(int fd, Clock::time_point until) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
        const int ready =
            poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (ready > 0) return true;
        if (ready == 0 || errno != EINTR) return false;
    }
}

KernelError timed_out() {
    return {ETIMEDOUT, "the kernel does not answer"};
}

std::expected<void, KernelError> converse(Bus bus, Message message, std::string_view object,
                                          std::chrono::milliseconds silence_max,
                                          const std::function<bool(const Reply&)>& take) {
    RequestSocket socket = TRY(RequestSocket::open(bus));
    const std::uint32_t sequence = socket.send(std::move(message));
    socket.flush();
    std::vector<Reply> replies;
    for (;;) {
        replies.clear();
        if (socket.receive(replies) == Received::Nothing &&
            !wait_readable(socket.fd(), Clock::now() + silence_max))
            return std::unexpected{timed_out()};
        for (const Reply& reply : replies) {
            if (reply.sequence != sequence) continue;
            if (reply.kind != Reply::Kind::End) {
                if (take(reply)) continue;
                return {};
            }
            if (reply.refusal) return std::unexpected{explain(*reply.refusal, object)};
            return {};
        }
    }
}

}  // namespace xfrmd::netlink
