// SPDX-License-Identifier: Apache-2.0
#include "netlink/monitor.h"

#include <utility>

#include "netlink/decode_notice.h"
#include "netlink/decode_stored.h"
#include "netlink/socket.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

// What comes faster than it is read must not keep the caller here.
constexpr int kDatagramsPerCall = 256;

}  // namespace

std::expected<Monitor, KernelError> Monitor::open(bool with_keys) {
    EventSocket socket = TRY(EventSocket::open(Bus::Xfrm, every_xfrm_group()));
    return Monitor{std::make_unique<EventSocket>(std::move(socket)), with_keys};
}

Monitor::Monitor(std::unique_ptr<EventSocket> socket, bool with_keys)
    : socket_{std::move(socket)}, with_keys_{with_keys} {}
Monitor::Monitor(Monitor&&) noexcept = default;
Monitor& Monitor::operator=(Monitor&&) noexcept = default;
Monitor::~Monitor() = default;

int Monitor::fd() const {
    return socket_->fd();
}

void Monitor::read(const std::function<void(const RawNotice&, Notice)>& take) {
    std::vector<MessageView> messages;
    for (int count = 0; count < kDatagramsPerCall; ++count) {
        messages.clear();
        const Received received = socket_->receive(messages);
        for (const MessageView& message : messages)
            take({message.type, message.payload, key_octets(message)},
                 notice_of(message, with_keys_ ? Keys::Read : Keys::Skip));
        if (received == Received::Overrun) take({}, notice::Lost{});
        if (received == Received::Nothing) return;
    }
}

}  // namespace xfrmd::netlink
