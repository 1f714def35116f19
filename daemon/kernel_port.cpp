// SPDX-License-Identifier: Apache-2.0
// Kernel requests and events in the event loop.
#include "daemon/kernel_port.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "netlink/model/result.h"

namespace xfrmd::daemon {

std::expected<std::unique_ptr<KernelPort>, std::string> KernelPort::create(EventLoop& loop,
                                                                           netlink::Kernel kernel,
                                                                           OnEvents on_events,
                                                                           OnDelivered on_delivered) {
    std::unique_ptr<KernelPort> port{
        new KernelPort{std::move(kernel), std::move(on_events), std::move(on_delivered)}};
    KernelPort* self = port.get();
    const auto replies = [self](Readiness) {
        self->deliver_replies();
        self->on_delivered_();
    };
    const auto events = [self](Readiness) { self->deliver_events(); };
    port->watches_.push_back(TRY(loop.watch(self->kernel_.request_fd(), true, false, replies)));
    port->watches_.push_back(TRY(loop.watch(self->kernel_.event_fd(), true, false, events)));
    port->watches_.push_back(TRY(loop.watch(self->kernel_.route_event_fd(), true, false, events)));
    return port;
}

void KernelPort::submit(xfrm::KernelRequest request, OnReply on_reply) {
    const netlink::Kernel::Token token = next_token_++;
    netlink::Record::Change change;
    if (record_ != nullptr) change = record_->before(request);
    waiting_.emplace(token, Waiting{EventLoop::now(), std::move(on_reply), std::move(change)});
    kernel_.submit(token, std::move(request));
}

ike::Duration KernelPort::silent_for() const {
    return waiting_.empty() ? ike::Duration{0} : EventLoop::now() - waiting_.begin()->second.since;
}

bool KernelPort::deliver_replies() {
    auto replies = kernel_.on_readable();
    for (auto& [token, result] : replies) {
        // Taken out first: the reply's consequence may be the next request.
        auto waiting = waiting_.extract(token);
        if (waiting.empty()) continue;
        if (record_ != nullptr) record_->after(waiting.mapped().change, result.has_value());
        waiting.mapped().on_reply(std::move(result));
    }
    if (kernel_.lost_answers()) deliver_events();
    return !replies.empty();
}

void KernelPort::deliver_events() {
    std::vector<xfrm::KernelEvent> events = kernel_.on_events();
    resyncs_ += static_cast<std::uint64_t>(
        std::ranges::count_if(events, [](const xfrm::KernelEvent& event) {
            return std::holds_alternative<xfrm::Resync>(event);
        }));
    for (const xfrm::KernelEvent& event : events) {
        const auto* expired = std::get_if<xfrm::SaExpired>(&event);
        if (record_ != nullptr && expired != nullptr && expired->hard)
            record_->gone({expired->id.protocol, expired->id.spi, expired->reqid});
    }
    if (!events.empty()) on_events_(std::move(events));
}

}  // namespace xfrmd::daemon
