// SPDX-License-Identifier: Apache-2.0
// The kernel's netlink sockets in the event loop: requests of the core and of the control
// interface, replies, events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/event_loop.h"
#include "netlink/kernel.h"
#include "netlink/record.h"

namespace xfrmd::daemon {

class KernelPort {
  public:
    using OnReply = std::move_only_function<void(xfrm::KernelResult)>;
    // What happened, oldest first.
    using OnEvents = std::move_only_function<void(std::vector<xfrm::KernelEvent>)>;
    using OnDelivered = std::move_only_function<void()>;

    // `on_delivered` is called by the loop after the replies of one turn. Error: a sentence. `loop`
    // must outlive the port.
    [[nodiscard]] static std::expected<std::unique_ptr<KernelPort>, std::string> create(
        EventLoop& loop, netlink::Kernel kernel, OnEvents on_events, OnDelivered on_delivered);
    KernelPort(const KernelPort&) = delete;
    KernelPort& operator=(const KernelPort&) = delete;

    // Returns at once; `on_reply` is called later, exactly once: by the loop, or by
    // deliver_replies().
    void submit(xfrm::KernelRequest request, OnReply on_reply);
    // Those that are there already: the kernel has worked through most requests when it has taken
    // them. Returns whether there were any.
    bool deliver_replies();
    // For start-up, and for questions that are answered at once.
    [[nodiscard]] netlink::Kernel& kernel() { return kernel_; }
    // Where it is written down what the requests from here on put into the kernel. It must outlive the
    // port.
    void keep_record(netlink::Record& record) { record_ = &record; }

    [[nodiscard]] std::size_t pending() const { return waiting_.size(); }
    // How long the oldest request has been waiting for its answer; zero if none is.
    [[nodiscard]] ike::Duration silent_for() const;
    [[nodiscard]] std::uint64_t resyncs() const { return resyncs_; }

  private:
    struct Waiting {
        ike::Time since;
        OnReply on_reply;
        netlink::Record::Change change;
    };

    KernelPort(netlink::Kernel kernel, OnEvents on_events, OnDelivered on_delivered)
        : kernel_{std::move(kernel)},
          on_events_{std::move(on_events)},
          on_delivered_{std::move(on_delivered)} {}
    void deliver_events();

    netlink::Kernel kernel_;
    netlink::Record* record_ = nullptr;
    OnEvents on_events_;
    OnDelivered on_delivered_;
    netlink::Kernel::Token next_token_ = 1;
    std::map<netlink::Kernel::Token, Waiting> waiting_;  // oldest first
    std::uint64_t resyncs_ = 0;
    std::vector<EventLoop::Watch> watches_;
};

}  // namespace xfrmd::daemon
