// SPDX-License-Identifier: Apache-2.0
// One UDP socket for IKE: one address family, one port, datagrams in batches, each with the local
// address it is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ike/io.h"
#include "netlink/model/address.h"

namespace xfrmd::daemon {

struct UdpSocketOptions {
    xfrm::Family family = xfrm::Family::V4;
    std::uint16_t port = 0;  // host byte order; 0 = any free one
    bool encapsulated =
        false;  // the socket for ESP in UDP and IKE behind a non-ESP marker: RFC 3948
};

struct UdpSocketError {
    enum class Code : std::uint8_t {
        FamilyUnsupported,  // the host has no such addresses: IPv6 switched off
        PortTaken,
        NotPermitted,
        System,
    } code = Code::System;
    std::string what;  // for people: the cause and what to do
};

class UdpSocket {
  public:
    // How many datagrams one receive() or one system call of send() takes at most.
    static constexpr std::size_t kBatch = 32;

    // `inherited`: the socket of a former run, or -1. It is gone on with if it is what is asked for,
    // with what has come in meanwhile, and closed if not.
    [[nodiscard]] static std::expected<UdpSocket, UdpSocketError> open(
        const UdpSocketOptions& options, int inherited = -1);
    UdpSocket(UdpSocket&& other) noexcept;
    UdpSocket& operator=(UdpSocket&& other) noexcept;
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
    ~UdpSocket();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] std::uint16_t port() const { return options_.port; }
    [[nodiscard]] const UdpSocketOptions& options() const { return options_; }
    // Not fatal, but worth a line in the journal: a small receive buffer, a missing permission.
    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

    // Appends what waits, at most kBatch datagrams, without waiting. Markers are taken off;
    // keepalives and what is no IKE are dropped (and count in the result). Returns how many
    // datagrams were taken from the kernel: kBatch means that there may be more.
    [[nodiscard]] std::size_t receive(std::vector<ike::Datagram>& into);

    struct Sent {
        std::size_t sent = 0;
        std::size_t refused = 0;  // lost, as the network could have lost them: IKE retransmits
        int first_error = 0;      // errno of the first refusal
    };
    // Sends from the local address of each path. Without waiting: what does not fit into the
    // socket's buffer is lost.
    [[nodiscard]] Sent send(std::span<const ike::Transmit> datagrams);
    // One octet without a marker, which keeps a NAT's mapping; lost if it cannot be sent.
    void send_keepalive(const ike::Path& path);

  private:
    struct Buffers;  // of one batch

    UdpSocket(int fd, const UdpSocketOptions& options);

    int fd_ = -1;
    UdpSocketOptions options_;
    std::vector<std::string> notices_;
    std::unique_ptr<Buffers> buffers_;
};

}  // namespace xfrmd::daemon
