// SPDX-License-Identifier: Apache-2.0
#include "netlink/socket.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <string.h>  // explicit_bzero
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

namespace xfrmd::netlink {

namespace {

// Bursts of acquires and expiries must fit: an overrun costs two dumps.
constexpr int kReceiveBufferOctets = 8 * 1024 * 1024;

int protocol_of(Bus bus) {
    return bus == Bus::Xfrm ? NETLINK_XFRM : NETLINK_ROUTE;
}

KernelError cannot(Bus bus, std::string_view what, int error_number) {
    const std::string name = bus == Bus::Xfrm ? "the kernel's XFRM" : "the kernel's routing";
    if (error_number == EPROTONOSUPPORT && bus == Bus::Xfrm)
        return {error_number,
                "this kernel has no XFRM interface: load module xfrm_user (CONFIG_XFRM_USER)"};
    if (error_number == EPERM)
        return {error_number,
                "cannot " + std::string{what} + " " + name + " socket: this needs CAP_NET_ADMIN"};
    return {error_number, "cannot " + std::string{what} + " " + name +
                              " socket: " + std::generic_category().message(error_number)};
}

void set_option(mnl_socket* socket, int option, int value) {
    mnl_socket_setsockopt(socket, option, &value, sizeof value);
}

std::expected<SocketHandle, KernelError> open_socket(Bus bus, std::uint32_t groups) {
    SocketHandle socket{mnl_socket_open2(protocol_of(bus), SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket) return std::unexpected{cannot(bus, "open", errno)};
    if (mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) != 0)
        return std::unexpected{cannot(bus, "bind", errno)};
    // Extended acknowledgements carry the kernel's words; capped ones do not echo the request,
    // which may hold keys. Kernels without either still work, so a failure is no error.
    set_option(socket.get(), NETLINK_EXT_ACK, 1);
    set_option(socket.get(), NETLINK_CAP_ACK, 1);
    const int fd = mnl_socket_get_fd(socket.get());
    const int octets = kReceiveBufferOctets;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets,
                   sizeof octets);  // as far as net.core.rmem_max lets us
    return socket;
}

void want_acknowledgement(std::span<std::uint8_t> message, bool wanted) {
    const auto place = message.subspan(offsetof(nlmsghdr, nlmsg_flags));
    decltype(nlmsghdr::nlmsg_flags) flags = 0;
    std::memcpy(&flags, place.data(), sizeof flags);
    flags = static_cast<decltype(flags)>(wanted ? flags | NLM_F_ACK : flags & ~NLM_F_ACK);
    std::memcpy(place.data(), &flags, sizeof flags);
}

// Reads one datagram of the kernel itself into `buffer`; `length` is how much of it counts.
Received receive_datagram(int fd, Botan::secure_vector<std::uint8_t>& buffer, std::size_t& length) {
    // What the last one held (keys, in the answers to dumps) goes before anything else comes.
    explicit_bzero(buffer.data(), length);
    for (length = 0;;) {
        sockaddr_nl sender{};
        iovec place{.iov_base = buffer.data(), .iov_len = buffer.size()};
        msghdr header{};
        header.msg_name = &sender;
        header.msg_namelen = sizeof sender;
        header.msg_iov = &place;
        header.msg_iovlen = 1;
        const ssize_t count = recvmsg(fd, &header, MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Received::Nothing;
        if (count < 0 || (header.msg_flags & MSG_TRUNC) != 0) return Received::Overrun;
        if (header.msg_namelen != sizeof sender || sender.nl_pid != 0) continue;  // not the kernel
        length = static_cast<std::size_t>(count);
        return Received::Datagram;
    }
}

}  // namespace

void CloseSocket::operator()(mnl_socket* socket) const noexcept {
    mnl_socket_close(socket);
}

// ---- requests --------------------

std::expected<RequestSocket, KernelError> RequestSocket::open(Bus bus) {
    return RequestSocket{TRY(open_socket(bus, 0))};
}

RequestSocket::RequestSocket(SocketHandle socket)
    : socket_{std::move(socket)}, datagram_(kDatagramOctetsMax) {}

int RequestSocket::fd() const {
    return mnl_socket_get_fd(socket_.get());
}

std::uint32_t RequestSocket::send(Message message) {
    const std::uint32_t sequence = next_sequence_++;
    if (next_sequence_ == 0) next_sequence_ = 1;  // zero marks multicast messages
    message.set_sequence(sequence);
    queue_.push_back({sequence, std::move(message)});
    return sequence;
}

void RequestSocket::flush() {
    while (!queue_.empty() && in_flight_.size() < kWindow) {
        if (!queue_.front().message.is_dump())
            send_batch();
        else if (!dump_in_flight())  // the kernel answers EBUSY to a second dump on one socket
            send_dump();
        else
            return;
    }
}

bool RequestSocket::dump_in_flight() const {
    return std::ranges::any_of(in_flight_,
                               [](const InFlight& request) { return request.dump.has_value(); });
}

void RequestSocket::send_dump() {
    auto [sequence, message] = std::move(queue_.front());
    queue_.pop_front();
    in_flight_.push_back({.sequence = sequence, .dump = std::move(message)});
    transmit(in_flight_.back().dump->octets, {sequence});
}

void RequestSocket::send_batch() {
    Botan::secure_vector<std::uint8_t> batch;
    std::vector<std::uint32_t> sequences;
    std::size_t last = 0;
    while (!queue_.empty() && in_flight_.size() < kWindow) {
        const Outgoing& next = queue_.front();
        const View octets = next.message.view();
        if (next.message.is_dump()) break;
        if (!batch.empty() && batch.size() + octets.size() > kBatchOctetsMax) break;
        last = batch.size();
        batch.insert(batch.end(), octets.begin(), octets.end());
        batch.resize((batch.size() + 3) & ~std::size_t{3});
        want_acknowledgement(std::span{batch}.subspan(last), false);
        sequences.push_back(next.sequence);
        in_flight_.push_back({.sequence = next.sequence, .dump = {}});
        queue_.pop_front();
    }
    want_acknowledgement(std::span{batch}.subspan(last), true);
    transmit(batch, sequences);
}

void RequestSocket::transmit(const Botan::secure_vector<std::uint8_t>& batch,
                             const std::vector<std::uint32_t>& sequences) {
    // The kernel works through the whole batch before the call returns.
    ssize_t count = 0;
    do count = mnl_socket_sendto(socket_.get(), batch.data(), batch.size());
    while (count < 0 && errno == EINTR);
    if (count >= 0) return;
    const int error_number = errno;  // nothing of the batch was looked at
    for (const std::uint32_t sequence : sequences)
        finish(sequence, Refusal{error_number, {}, false}, unsent_);
}

Received RequestSocket::receive(std::vector<Reply>& replies) {
    if (!unsent_.empty()) {
        replies.insert(replies.end(), std::make_move_iterator(unsent_.begin()),
                       std::make_move_iterator(unsent_.end()));
        unsent_.clear();
        return Received::Datagram;
    }
    const Received received = receive_datagram(fd(), datagram_, datagram_length_);
    if (received == Received::Overrun) lose_everything(replies);
    if (received != Received::Datagram) return received;
    MessageReader reader{View{datagram_}.first(datagram_length_)};
    while (const auto message = reader.next()) read_message(*message, replies);
    return Received::Datagram;
}

void RequestSocket::read_message(const MessageView& message, std::vector<Reply>& replies) {
    const auto request = std::ranges::find(in_flight_, message.sequence, &InFlight::sequence);
    if (request == in_flight_.end()) return;  // an answer that we gave up on
    if (request->dump) return answer_dump(*request, message, replies);
    finish_earlier(message.sequence, replies);
    if (message.type == NLMSG_ERROR || message.type == NLMSG_DONE)
        finish(message.sequence, decode_refusal(message), replies);
    else if (message.type >= NLMSG_MIN_TYPE)  // not NLMSG_NOOP
        replies.push_back({message.sequence, Reply::Kind::Part, message.type, message.payload, {}});
}

void RequestSocket::answer_dump(InFlight& dump, const MessageView& message,
                                std::vector<Reply>& replies) {
    if ((message.flags & NLM_F_DUMP_INTR) != 0) dump.interrupted = true;
    if (message.type == NLMSG_ERROR || message.type == NLMSG_DONE) {
        auto refusal = decode_refusal(message);
        if (refusal || !dump.interrupted)
            return finish(message.sequence, std::move(refusal), replies);
        if (dump.attempts == kDumpAttemptsMax)
            return finish(message.sequence, Refusal{EINTR, "the table keeps changing", false},
                          replies);
        replies.push_back({.sequence = message.sequence,
                           .kind = Reply::Kind::Again,
                           .payload = {},
                           .refusal = {}});
        dump.interrupted = false;
        ++dump.attempts;
        return transmit(dump.dump->octets, {message.sequence});
    }
    if (message.type < NLMSG_MIN_TYPE) return;  // NLMSG_NOOP
    replies.push_back({message.sequence, Reply::Kind::Part, message.type, message.payload, {}});
}

void RequestSocket::finish_earlier(std::uint32_t sequence, std::vector<Reply>& replies) {
    for (std::size_t i = 0; in_flight_[i].sequence != sequence;) {
        if (in_flight_[i].dump)  // its answers come by and by
            ++i;
        else
            finish(in_flight_[i].sequence, {}, replies);
    }
}

void RequestSocket::finish(std::uint32_t sequence, std::optional<Refusal> refusal,
                           std::vector<Reply>& replies) {
    in_flight_.erase(std::ranges::find(in_flight_, sequence, &InFlight::sequence));
    replies.push_back({.sequence = sequence,
                       .kind = Reply::Kind::End,
                       .payload = {},
                       .refusal = std::move(refusal)});
}

void RequestSocket::lose_everything(std::vector<Reply>& replies) {
    while (!in_flight_.empty())
        finish(in_flight_.front().sequence, Refusal{ENOBUFS, {}, true}, replies);
}

// ---- events --------------------

std::expected<EventSocket, KernelError> EventSocket::open(Bus bus, std::uint32_t groups) {
    return EventSocket{TRY(open_socket(bus, groups))};
}

EventSocket::EventSocket(SocketHandle socket)
    : socket_{std::move(socket)}, datagram_(kDatagramOctetsMax) {}

int EventSocket::fd() const {
    return mnl_socket_get_fd(socket_.get());
}

Received EventSocket::receive(std::vector<MessageView>& messages) {
    const Received received = receive_datagram(fd(), datagram_, datagram_length_);
    if (received != Received::Datagram) return received;
    MessageReader reader{View{datagram_}.first(datagram_length_)};
    while (const auto message = reader.next()) messages.push_back(*message);
    return reader.damaged() ? Received::Overrun : Received::Datagram;
}

// ---- refusals --------------------

std::optional<Refusal> decode_refusal(const MessageView& message) {
    const auto error = read_structure<int>(message.payload);
    if (!error) {
        // The end of a dump may come without a number; an error may not.
        if (message.type == NLMSG_DONE) return std::nullopt;
        return Refusal{EBADMSG, {}, false};
    }
    if (*error == 0) return std::nullopt;
    std::size_t offset = sizeof(int);
    if (message.type == NLMSG_ERROR) {
        const auto body = read_structure<nlmsgerr>(message.payload);
        if (!body) return Refusal{EBADMSG, {}, false};
        offset = sizeof(nlmsgerr);
        // Uncapped, the request itself stands before the attributes.
        if ((message.flags & NLM_F_CAPPED) == 0 && body->msg.nlmsg_len > sizeof(nlmsghdr))
            offset += (body->msg.nlmsg_len - sizeof(nlmsghdr) + 3) & ~std::size_t{3};
    }
    constexpr int kErrnoMax = 4095;  // MAX_ERRNO: anything else is no errno
    if (*error > 0 || *error < -kErrnoMax) return Refusal{EBADMSG, {}, false};
    Refusal refusal{-*error, {}, false};
    if ((message.flags & NLM_F_ACK_TLVS) != 0 && offset <= message.payload.size())
        if (const auto attributes =
                Attributes::parse(message.payload.subspan(offset), kErrorAttributes))
            refusal.text = attributes->text(NLMSGERR_ATTR_MSG);
    return refusal;
}

}  // namespace xfrmd::netlink
