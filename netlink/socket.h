// SPDX-License-Identifier: Apache-2.0
// Netlink sockets: one that pipelines requests and sorts out their answers, one that listens to
// multicast. Both are non-blocking. Not public headers: the daemon uses netlink/kernel.h.
#pragma once

#include <botan/secmem.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "netlink/errors.h"
#include "netlink/message.h"

struct mnl_socket;

namespace xfrmd::netlink {

struct CloseSocket {
    void operator()(mnl_socket* socket) const noexcept;
};
using SocketHandle = std::unique_ptr<mnl_socket, CloseSocket>;

enum class Bus : std::uint8_t { Xfrm, Route };

// What one look at a socket gave.
enum class Received : std::uint8_t { Datagram, Nothing, Overrun };

// One message of an answer. `payload` lives until the next receive().
struct Reply {
    enum class Kind : std::uint8_t {
        Part,   // carries data: `type`, `payload`
        Again,  // the table changed under a dump, which has been asked for anew: forget its parts
        End,    // done, or refused if `refusal` is set
    };
    std::uint32_t sequence = 0;
    Kind kind = Kind::Part;
    std::uint16_t type = 0;
    View payload;
    std::optional<Refusal> refusal;
};

// Sends requests without waiting for the answers of the earlier ones, up to a window; they take
// effect in the order of send(). One dump at a time: what is sent after a second one waits with it.
//
// Of the requests that travel in one call only the last asks for an acknowledgement. The kernel
// works through them one after another, and tells of each that it refuses: so whatever it answers
// to one says that those before it are done.
class RequestSocket {
  public:
    // EPROTONOSUPPORT and EPERM say in words what is missing.
    static std::expected<RequestSocket, KernelError> open(Bus bus);

    int fd() const;
    // Queues a request and returns the sequence number that its replies will bear.
    std::uint32_t send(Message message);
    // Hands as much of the queue to the kernel as the window allows, many messages in one call.
    void flush();
    // Appends the replies of one datagram; call until it returns Nothing. After an overrun every
    // outstanding request has ended as lost.
    Received receive(std::vector<Reply>& replies);
    // True if receive() has replies that did not come from the kernel, which the descriptor does
    // not announce.
    bool has_undelivered() const { return !unsent_.empty(); }
    // True until receive() has given the ends of all that was sent.
    bool is_owed() const { return !in_flight_.empty() || !unsent_.empty(); }

  private:
    // Requests whose answers have not come. 64 small acknowledgements fit the smallest receive
    // buffer there is.
    static constexpr std::size_t kWindow = 64;
    static constexpr std::size_t kBatchOctetsMax = 32768;
    static constexpr std::size_t kDatagramOctetsMax = 65536;
    static constexpr unsigned kDumpAttemptsMax = 8;

    struct Outgoing {
        std::uint32_t sequence = 0;
        Message message;
    };
    struct InFlight {
        std::uint32_t sequence = 0;
        std::optional<Message> dump;  // kept so that it can be asked again
        unsigned attempts = 1;
        bool interrupted = false;
    };

    explicit RequestSocket(SocketHandle socket);
    bool dump_in_flight() const;
    void send_dump();
    void send_batch();
    void transmit(const Botan::secure_vector<std::uint8_t>& batch,
                  const std::vector<std::uint32_t>& sequences);
    void read_message(const MessageView& message, std::vector<Reply>& replies);
    void answer_dump(InFlight& dump, const MessageView& message, std::vector<Reply>& replies);
    void finish_earlier(std::uint32_t sequence, std::vector<Reply>& replies);
    void finish(std::uint32_t sequence, std::optional<Refusal> refusal,
                std::vector<Reply>& replies);
    void lose_everything(std::vector<Reply>& replies);

    SocketHandle socket_;
    std::uint32_t next_sequence_ = 1;
    std::deque<Outgoing> queue_;
    std::deque<InFlight> in_flight_;  // in the order of sending
    std::vector<Reply> unsent_;  // refusals of requests that could not be handed over
    Botan::secure_vector<std::uint8_t> datagram_;
    std::size_t datagram_length_ = 0;
};

// Listens to multicast groups.
class EventSocket {
  public:
    // `groups` as in bind(2).
    static std::expected<EventSocket, KernelError> open(Bus bus, std::uint32_t groups);

    int fd() const;
    // Appends the messages of one datagram; their payloads live until the next receive(). Overrun:
    // some were lost.
    Received receive(std::vector<MessageView>& messages);

  private:
    static constexpr std::size_t kDatagramOctetsMax = 65536;
    explicit EventSocket(SocketHandle socket);

    SocketHandle socket_;
    Botan::secure_vector<std::uint8_t> datagram_;
    std::size_t datagram_length_ = 0;
};

// The refusal in an NLMSG_ERROR message or at the end of a dump (NLMSG_DONE), with the kernel's
// text; nothing for a success. Damaged ones read as EBADMSG.
std::optional<Refusal> decode_refusal(const MessageView& message);

}  // namespace xfrmd::netlink
