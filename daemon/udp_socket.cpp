// SPDX-License-Identifier: Apache-2.0
// UDP for IKE with recvmmsg and sendmmsg, local addresses by IP_PKTINFO and IPV6_PKTINFO.
#include "daemon/udp_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <optional>
#include <utility>

#include "netlink/model/octets.h"

namespace xfrmd::daemon {
namespace {

using Code = UdpSocketError::Code;

constexpr std::size_t kDatagramMax = 65535;
constexpr std::size_t kControlMax = 128;
// A burst of handshakes must survive until the loop comes round: some 10,000 messages.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;
// RFC 3948 §2.2
constexpr std::size_t kMarkerSize = 4;
constexpr std::array<std::uint8_t, kMarkerSize> kMarker{};
// RFC 3948 §2.3
constexpr std::uint8_t kKeepalive = 0xff;

UdpSocketError open_error(const UdpSocketOptions& options, const char* call, int error) {
    const char* family = options.family == xfrm::Family::V4 ? "IPv4" : "IPv6";
    if (error == EADDRINUSE)
        return {Code::PortTaken,
                std::format("UDP port {} ({}) is taken by another program: another IKE daemon? "
                            "Find it with: ss -lunp 'sport = :{}'",
                            options.port, family, options.port)};
    if (error == EACCES || error == EPERM)
        return {Code::NotPermitted,
                std::format("UDP port {} ({}): {} is not permitted; start as root or with "
                            "CAP_NET_BIND_SERVICE and CAP_NET_ADMIN",
                            options.port, family, call)};
    if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL)
        return {Code::FamilyUnsupported, std::format("this host has no {}", family)};
    return {Code::System, std::format("UDP port {} ({}): {}: {}", options.port, family, call,
                                      std::strerror(error))};
}

bool set_option(int fd, int level, int name, int value) {
    return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

// The options without which the socket would not do what it is for. Returns the name of the one
// that failed.
const char* set_required_options(int fd, const UdpSocketOptions& options) {
    const bool v4 = options.family == xfrm::Family::V4;
    if (v4 ? !set_option(fd, IPPROTO_IP, IP_PKTINFO, 1)
           : !set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1))
        return "IP_PKTINFO";
    // A long message with certificates goes out in fragments rather than not at all.
    if (v4 ? !set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
           : !set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT))
        return "IP_MTU_DISCOVER";
    if (options.encapsulated && !set_option(fd, IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP))
        return "UDP_ENCAP";
    return nullptr;
}

socklen_t to_sockaddr(const xfrm::Endpoint& endpoint, sockaddr_storage& out) {
    out = {};
    void* place = &out;
    const View octets = endpoint.address.octets();
    if (endpoint.address.is_v4()) {
        auto* v4 = static_cast<sockaddr_in*>(place);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint.port);
        std::memcpy(&v4->sin_addr, octets.data(), octets.size());
        return sizeof *v4;
    }
    auto* v6 = static_cast<sockaddr_in6*>(place);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    std::memcpy(&v6->sin6_addr, octets.data(), octets.size());
    return sizeof *v6;
}

template <class T>
xfrm::Address address_of(const T& in_addr) {
    const void* place = &in_addr;
    return xfrm::Address::from_octets({static_cast<const std::uint8_t*>(place), sizeof in_addr})
        .value_or(xfrm::Address{});
}

xfrm::Endpoint from_sockaddr(const sockaddr_storage& from) {
    const void* place = &from;
    if (from.ss_family == AF_INET) {
        const auto* v4 = static_cast<const sockaddr_in*>(place);
        return {address_of(v4->sin_addr), ntohs(v4->sin_port)};
    }
    const auto* v6 = static_cast<const sockaddr_in6*>(place);
    return {address_of(v6->sin6_addr), ntohs(v6->sin6_port)};
}

std::optional<int> option_of(int fd, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0) return std::nullopt;
    return value;
}

std::optional<xfrm::Endpoint> bound_to(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    void* place = &address;
    if (::getsockname(fd, static_cast<sockaddr*>(place), &size) < 0) return std::nullopt;
    return from_sockaddr(address);
}

bool is_bound_as_asked(int fd, const UdpSocketOptions& options) {
    const int domain = options.family == xfrm::Family::V4 ? AF_INET : AF_INET6;
    return option_of(fd, SO_DOMAIN) == domain && option_of(fd, SO_PROTOCOL) == IPPROTO_UDP &&
           bound_to(fd) == xfrm::Endpoint{xfrm::Address::any(options.family), options.port} &&
           ::fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

// The address that a received datagram was sent to.
std::optional<xfrm::Address> local_address(msghdr& header) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
            return address_of(info.ipi_addr);
        }
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info;
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
            return address_of(info.ipi6_addr);
        }
    }
    return std::nullopt;
}

template <class Info>
void put_control(msghdr& header, int level, int type, const Info& info) {
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof info);
}

// Makes the datagram leave from `local`.
void set_local_address(msghdr& header, const xfrm::Address& local) {
    if (local.is_unspecified()) {
        header.msg_control = nullptr;
        header.msg_controllen = 0;
    } else if (local.is_v4()) {
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, local.octets().data(), 4);
        put_control(header, IPPROTO_IP, IP_PKTINFO, info);
    } else {
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, local.octets().data(), 16);
        put_control(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

// The IKE message in a datagram; nothing for a keepalive (RFC 3948 §2.3), for ESP and for an empty
// datagram.
std::optional<View> ike_message(View datagram, bool encapsulated) {
    if (datagram.empty()) return std::nullopt;
    if (!encapsulated) return datagram;
    if (datagram.size() <= kMarkerSize || !equal(datagram.first(kMarkerSize), kMarker))
        return std::nullopt;
    return datagram.subspan(kMarkerSize);
}

}  // namespace

struct UdpSocket::Buffers {
    // Not initialised: only what datagrams fill is ever touched.
    std::unique_ptr<std::uint8_t[]> octets =
        std::make_unique_for_overwrite<std::uint8_t[]>(kBatch * kDatagramMax);
    std::array<mmsghdr, kBatch> headers{};
    std::array<std::array<iovec, 2>, kBatch> parts{};
    std::array<sockaddr_storage, kBatch> addresses{};
    struct alignas(cmsghdr) Control {
        std::array<std::uint8_t, kControlMax> octets;
    };
    std::array<Control, kBatch> controls{};
};

UdpSocket::UdpSocket(int fd, const UdpSocketOptions& options)
    : fd_{fd}, options_{options}, buffers_{std::make_unique<Buffers>()} {}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      options_{other.options_},
      notices_{std::move(other.notices_)},
      buffers_{std::move(other.buffers_)} {}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(options_, other.options_);
    std::swap(notices_, other.notices_);
    std::swap(buffers_, other.buffers_);
    return *this;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) ::close(fd_);
}

std::expected<UdpSocket, UdpSocketError> UdpSocket::open(const UdpSocketOptions& options,
                                                         int inherited) {
    if (inherited >= 0 && !is_bound_as_asked(inherited, options)) {
        ::close(inherited);
        inherited = -1;
    }
    const int domain = options.family == xfrm::Family::V4 ? AF_INET : AF_INET6;
    const int fd = inherited >= 0 ? inherited
                                  : ::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
    if (fd < 0) return std::unexpected{open_error(options, "socket", errno)};
    UdpSocket udp{fd, options};
    if (inherited < 0 && options.family == xfrm::Family::V6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
        return std::unexpected{open_error(options, "IPV6_V6ONLY", errno)};
    if (const char* name = set_required_options(fd, options))
        return std::unexpected{open_error(options, name, errno)};
    if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer) &&
        !set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer))
        udp.notices_.push_back(std::format("UDP port {}: the receive buffer stays small: {}",
                                           options.port, std::strerror(errno)));
    if (inherited >= 0) return udp;

    sockaddr_storage address;
    const socklen_t length =
        to_sockaddr({xfrm::Address::any(options.family), options.port}, address);
    const void* place = &address;
    if (::bind(fd, static_cast<const sockaddr*>(place), length) < 0)
        return std::unexpected{open_error(options, "bind", errno)};
    const auto bound = bound_to(fd);
    if (!bound) return std::unexpected{open_error(options, "getsockname", errno)};
    udp.options_.port = bound->port;
    return udp;
}

std::size_t UdpSocket::receive(std::vector<ike::Datagram>& into) {
    for (std::size_t i = 0; i < kBatch; ++i) {
        buffers_->parts[i][0] = {buffers_->octets.get() + i * kDatagramMax, kDatagramMax};
        msghdr& header = buffers_->headers[i].msg_hdr;
        header = {};
        header.msg_name = &buffers_->addresses[i];
        header.msg_namelen = sizeof buffers_->addresses[i];
        header.msg_iov = buffers_->parts[i].data();
        header.msg_iovlen = 1;
        header.msg_control = buffers_->controls[i].octets.data();
        header.msg_controllen = kControlMax;
    }
    int count = 0;
    do {
        count = ::recvmmsg(fd_, buffers_->headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    } while (count < 0 && errno == EINTR);
    // Other errors than "nothing there" are what the network reported about earlier datagrams;
    // reading clears them.
    if (count <= 0) return 0;

    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        mmsghdr& received = buffers_->headers[i];
        const View datagram{buffers_->octets.get() + i * kDatagramMax, received.msg_len};
        const auto message = ike_message(datagram, options_.encapsulated);
        const auto local = local_address(received.msg_hdr);
        if (!message || !local || (received.msg_hdr.msg_flags & MSG_TRUNC) != 0) continue;
        into.push_back({.path = {.local = {*local, options_.port},
                                 .remote = from_sockaddr(buffers_->addresses[i]),
                                 .encapsulated = options_.encapsulated},
                        .octets = to_bytes(*message)});
    }
    return static_cast<std::size_t>(count);
}

UdpSocket::Sent UdpSocket::send(std::span<const ike::Transmit> datagrams) {
    Sent result;
    while (!datagrams.empty()) {
        const std::size_t batch = std::min(datagrams.size(), kBatch);
        for (std::size_t i = 0; i < batch; ++i) {
            const ike::Transmit& datagram = datagrams[i];
            msghdr& header = buffers_->headers[i].msg_hdr;
            header = {};
            header.msg_name = &buffers_->addresses[i];
            header.msg_namelen = to_sockaddr(datagram.path.remote, buffers_->addresses[i]);
            // sendmmsg() does not write through these; the interface is older than const.
            auto& parts = buffers_->parts[i];
            parts[0] = {const_cast<std::uint8_t*>(kMarker.data()),
                        options_.encapsulated ? kMarkerSize : 0};
            parts[1] = {const_cast<std::uint8_t*>(datagram.octets.data()), datagram.octets.size()};
            header.msg_iov = parts.data();
            header.msg_iovlen = parts.size();
            buffers_->controls[i].octets.fill(0);
            header.msg_control = buffers_->controls[i].octets.data();
            header.msg_controllen = kControlMax;
            set_local_address(header, datagram.path.local.address);
        }
        int sent = 0;
        do {
            sent = ::sendmmsg(fd_, buffers_->headers.data(), static_cast<unsigned>(batch),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
        } while (sent < 0 && errno == EINTR);
        if (sent > 0) {
            result.sent += static_cast<std::size_t>(sent);
            datagrams = datagrams.subspan(static_cast<std::size_t>(sent));
        } else {
            // The first of the batch was refused; the others may have another fate.
            if (result.refused++ == 0) result.first_error = errno;
            datagrams = datagrams.subspan(1);
        }
    }
    return result;
}

void UdpSocket::send_keepalive(const ike::Path& path) {
    std::uint8_t octet = kKeepalive;
    iovec part{&octet, 1};
    sockaddr_storage address;
    Buffers::Control control{};
    msghdr header{};
    header.msg_name = &address;
    header.msg_namelen = to_sockaddr(path.remote, address);
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.octets.data();
    header.msg_controllen = kControlMax;
    set_local_address(header, path.local.address);
    static_cast<void>(::sendmsg(fd_, &header, MSG_DONTWAIT | MSG_NOSIGNAL));
}

}  // namespace xfrmd::daemon
