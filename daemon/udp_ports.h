// SPDX-License-Identifier: Apache-2.0
// The daemon's UDP sockets in the event loop: plain IKE and ESP in UDP, each for IPv4 and IPv6.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/event_loop.h"
#include "daemon/inherited_fds.h"
#include "daemon/journal.h"
#include "daemon/udp_socket.h"

namespace xfrmd::daemon {

struct UdpPortNumbers {
    std::uint16_t plain = 500;
    std::uint16_t encapsulated = 4500;
};

class UdpPorts {
  public:
    // What came in with one wake-up, in order of arrival at each socket.
    using OnDatagrams = std::move_only_function<void(std::vector<ike::Datagram>)>;
    // Makes a socket fit for use beside IPsec policies, before anything is received on it. Error: a
    // sentence.
    using Prepare = std::function<std::expected<void, std::string>(int fd, xfrm::Family family)>;

    struct Counters {
        std::uint64_t received = 0;
        std::uint64_t sent = 0;
        std::uint64_t refused = 0;
    };

    // A host without IPv6, or without IPv4, is no error; one with neither is. Error: a sentence.
    // `loop` and `journal` must outlive the ports. Sockets of a former run are taken from `inherited`,
    // and all of them are given to the service manager for the next run: while nobody reads them, the
    // kernel goes on to decrypt ESP in UDP, and tells no peer that nobody is there.
    [[nodiscard]] static std::expected<std::unique_ptr<UdpPorts>, std::string> open(
        EventLoop& loop, const Journal& journal, UdpPortNumbers numbers, InheritedFds& inherited,
        const Prepare& prepare, OnDatagrams on_datagrams);
    UdpPorts(const UdpPorts&) = delete;
    UdpPorts& operator=(const UdpPorts&) = delete;

    // Keeps the datagram until flush().
    void queue(ike::Transmit datagram);
    // RFC 3948 §2.3. At once; if it is refused, the next one is soon due.
    void send_keepalive(const ike::Path& path);
    // Sends all that is queued, each socket's in one go.
    void flush();

    // The ports as they are, which differ from the numbers asked for only if those were 0.
    [[nodiscard]] UdpPortNumbers numbers() const { return numbers_; }
    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    struct Port {
        explicit Port(UdpSocket opened) : socket{std::move(opened)} {}
        UdpSocket socket;
        std::vector<ike::Transmit> outgoing;
        EventLoop::Watch watch;  // last: it must go before the socket
    };

    UdpPorts(const Journal& journal, OnDatagrams on_datagrams)
        : journal_{journal}, on_datagrams_{std::move(on_datagrams)} {}
    std::expected<void, std::string> add(EventLoop& loop, const UdpSocketOptions& options,
                                         InheritedFds& inherited, const Prepare& prepare);
    [[nodiscard]] Port* port_for(const ike::Path& path);
    void receive(UdpSocket& socket);
    void report(const UdpSocket& socket, const UdpSocket::Sent& sent);

    const Journal& journal_;
    OnDatagrams on_datagrams_;
    UdpPortNumbers numbers_{.plain = 0, .encapsulated = 0};
    Counters counters_;
    std::vector<std::unique_ptr<Port>> ports_;
    ike::Time reported_at_{};
    std::uint64_t refused_reported_ = 0;
};

}  // namespace xfrmd::daemon
