// SPDX-License-Identifier: Apache-2.0
#include "netlink/kernel.h"

#include <cerrno>

#include "netlink/conversation.h"
#include "netlink/requests.h"
#include "netlink/routing.h"
#include "netlink/rtnl.h"
#include "netlink/socket.h"
#include "netlink/xfrm_event.h"

namespace xfrmd::netlink {

using namespace xfrm;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// Datagrams per event socket and call: an acquire storm must not keep the daemon from its
// datagrams.
constexpr int kDatagramsPerCall = 256;

using Decoder = Decoded<std::optional<KernelEvent>> (*)(const MessageView&);

// True if something was lost.
bool drain(EventSocket& socket, Decoder decode, std::vector<KernelEvent>& events) {
    bool lost = false;
    std::vector<MessageView> messages;
    for (int count = 0; count < kDatagramsPerCall; ++count) {
        messages.clear();
        const Received received = socket.receive(messages);
        for (const MessageView& message : messages) {
            auto event = decode(message);
            if (!event)
                lost = true;  // one that we cannot read is as good as lost
            else if (*event)
                events.push_back(std::move(**event));
        }
        if (received == Received::Overrun) lost = true;
        if (received != Received::Datagram) break;
    }
    return lost;
}

}  // namespace

struct Kernel::Sockets {
    Requests requests;
    EventSocket xfrm_events;
    EventSocket route_events;
};

std::expected<Kernel, KernelError> Kernel::open() {
    Requests requests = TRY(Requests::open());
    EventSocket xfrm_events = TRY(EventSocket::open(Bus::Xfrm, xfrm_event_groups()));
    EventSocket route_events = TRY(EventSocket::open(Bus::Route, route_event_groups()));
    return Kernel{std::make_unique<Sockets>(std::move(requests), std::move(xfrm_events),
                                            std::move(route_events))};
}

Kernel::Kernel(std::unique_ptr<Sockets> sockets) : sockets_{std::move(sockets)} {}
Kernel::Kernel(Kernel&&) noexcept = default;
Kernel& Kernel::operator=(Kernel&&) noexcept = default;
Kernel::~Kernel() = default;

int Kernel::request_fd() const {
    return sockets_->requests.fd();
}
int Kernel::event_fd() const {
    return sockets_->xfrm_events.fd();
}
int Kernel::route_event_fd() const {
    return sockets_->route_events.fd();
}

// The routing socket answers at once, so nobody waits for it.
KernelResult Kernel::source_towards(const Address& destination) {
    const Route route = TRY(route_to(destination));
    if (route.source.is_unspecified())
        return std::unexpected{KernelError{
            EADDRNOTAVAIL, "the route to " + destination.to_string() + " has no source address"}};
    return route.source;
}

void Kernel::submit(Token token, KernelRequest request) {
    if (const auto* find = std::get_if<FindSource>(&request))
        return sockets_->requests.complete(token, source_towards(find->destination));
    sockets_->requests.submit(token, std::move(request));
}

Kernel::Completed Kernel::on_readable() {
    return sockets_->requests.on_readable();
}

bool Kernel::lost_answers() const {
    return sockets_->requests.overran();
}

std::vector<KernelEvent> Kernel::on_events() {
    std::vector<KernelEvent> events;
    const bool xfrm_lost = drain(sockets_->xfrm_events, decode_xfrm_event, events);
    const bool routes_lost = drain(sockets_->route_events, decode_route_event, events);
    const bool answers_lost = sockets_->requests.take_overrun();
    if (xfrm_lost || routes_lost || answers_lost) events.emplace_back(Resync{});
    return events;
}

KernelResult Kernel::run(KernelRequest request, std::chrono::milliseconds timeout) {
    if (const auto* find = std::get_if<FindSource>(&request)) return source_towards(find->destination);
    Requests requests = TRY(Requests::open());
    const auto until = Clock::now() + timeout;
    requests.submit(0, std::move(request));
    while (wait_readable(requests.fd(), until)) {
        auto completed = requests.on_readable();
        if (!completed.empty()) return std::move(completed.front().second);
    }
    return std::unexpected{timed_out()};
}

std::expected<std::vector<OwnAddress>, KernelError> Kernel::own_addresses() {
    return netlink::own_addresses();
}

std::expected<Route, KernelError> Kernel::route_to(const Address& destination,
                                                   const std::optional<Address>& source) {
    return netlink::route_to(destination, source);
}

}  // namespace xfrmd::netlink
