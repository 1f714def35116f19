// SPDX-License-Identifier: Apache-2.0
#include "daemon/udp_socket.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

using namespace xfrmd;
using daemon::UdpSocket;
using daemon::UdpSocketError;

namespace {

xfrm::Address address(const char* text) {
    return xfrm::Address::parse(text).value();
}

// A path from `local` to the socket of `to`, as the sender sees it.
ike::Path path(const UdpSocket& from, const char* local, const char* remote,
               std::uint16_t to_port) {
    return {.local = {address(local), from.port()},
            .remote = {address(remote), to_port},
            .encapsulated = from.options().encapsulated};
}

bool wait_readable(int fd) {
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, 2000) == 1;
}

std::vector<ike::Datagram> receive_all(UdpSocket& socket, std::size_t expected) {
    std::vector<ike::Datagram> datagrams;
    while (datagrams.size() < expected && wait_readable(socket.fd()))
        if (socket.receive(datagrams) == 0) break;
    return datagrams;
}

// What arrives on the wire, seen by a socket without our code around it.
class PlainSocket {
  public:
    PlainSocket() : fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        void* place = &any;
        REQUIRE(::bind(fd_, static_cast<sockaddr*>(place), sizeof any) == 0);
        socklen_t size = sizeof any;
        REQUIRE(::getsockname(fd_, static_cast<sockaddr*>(place), &size) == 0);
        port_ = ntohs(any.sin_port);
    }
    PlainSocket(const PlainSocket&) = delete;
    PlainSocket& operator=(const PlainSocket&) = delete;
    ~PlainSocket() { ::close(fd_); }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    Bytes receive() {
        REQUIRE(wait_readable(fd_));
        Bytes octets(65536);
        const ssize_t size = ::recv(fd_, octets.data(), octets.size(), 0);
        REQUIRE(size >= 0);
        octets.resize(static_cast<std::size_t>(size));
        return octets;
    }
    void send(std::uint16_t port, View octets) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(port);
        void* place = &to;
        REQUIRE(::sendto(fd_, octets.data(), octets.size(), 0, static_cast<sockaddr*>(place),
                         sizeof to) == static_cast<ssize_t>(octets.size()));
    }

  private:
    int fd_;
    std::uint16_t port_ = 0;
};

UdpSocket open(xfrm::Family family, bool encapsulated = false) {
    auto socket = UdpSocket::open({.family = family, .port = 0, .encapsulated = encapsulated});
    INFO((socket ? "" : socket.error().what));
    REQUIRE(socket);
    return *std::move(socket);
}

}  // namespace

TEST_CASE("A datagram arrives with both of its ends", "[daemon]") {
    const bool v4 = GENERATE(true, false);
    const bool encapsulated = GENERATE(false, true);
    const xfrm::Family family = v4 ? xfrm::Family::V4 : xfrm::Family::V6;
    const char* loopback = v4 ? "127.0.0.1" : "::1";
    UdpSocket left = open(family, encapsulated);
    UdpSocket right = open(family, encapsulated);

    const ike::Transmit sent{path(left, loopback, loopback, right.port()), Bytes{1, 2, 3, 4, 5}};
    CHECK(left.send({&sent, 1}).sent == 1);
    const auto received = receive_all(right, 1);
    REQUIRE(received.size() == 1);
    CHECK(received[0].octets == sent.octets);
    CHECK(received[0].path.local == xfrm::Endpoint{address(loopback), right.port()});
    CHECK(received[0].path.remote == xfrm::Endpoint{address(loopback), left.port()});
    CHECK(received[0].path.encapsulated == encapsulated);
}

TEST_CASE("A reply leaves from the address that was asked", "[daemon]") {
    // All of 127.0.0.0/8 is ours, so the route alone would choose 127.0.0.1.
    UdpSocket client = open(xfrm::Family::V4);
    UdpSocket server = open(xfrm::Family::V4);
    const ike::Transmit question{path(client, "127.0.0.7", "127.0.0.9", server.port()), Bytes{7}};
    REQUIRE(client.send({&question, 1}).sent == 1);
    const auto asked = receive_all(server, 1);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].path.local.address == address("127.0.0.9"));
    CHECK(asked[0].path.remote.address == address("127.0.0.7"));

    const ike::Transmit answer{asked[0].path, Bytes{8}};
    REQUIRE(server.send({&answer, 1}).sent == 1);
    const auto answered = receive_all(client, 1);
    REQUIRE(answered.size() == 1);
    CHECK(answered[0].path.remote.address == address("127.0.0.9"));
    CHECK(answered[0].path.local.address == address("127.0.0.7"));
}

TEST_CASE("More datagrams than a batch all arrive, each with its own content", "[daemon]") {
    UdpSocket left = open(xfrm::Family::V4);
    UdpSocket right = open(xfrm::Family::V4);
    std::vector<ike::Transmit> sent;
    for (std::uint8_t i = 0; i < 100; ++i)
        sent.push_back({path(left, "127.0.0.1", "127.0.0.1", right.port()), Bytes(1 + i, i)});
    CHECK(left.send(sent).sent == 100);
    const auto received = receive_all(right, 100);
    REQUIRE(received.size() == 100);
    for (std::size_t i = 0; i < received.size(); ++i) CHECK(received[i].octets == sent[i].octets);
    std::vector<ike::Datagram> none;
    CHECK(right.receive(none) == 0);
    CHECK(none.empty());
}

TEST_CASE("The longest datagram arrives whole", "[daemon]") {
    UdpSocket left = open(xfrm::Family::V4);
    UdpSocket right = open(xfrm::Family::V4);
    const ike::Transmit sent{path(left, "127.0.0.1", "127.0.0.1", right.port()),
                             Bytes(65507, 0x5a)};
    REQUIRE(left.send({&sent, 1}).sent == 1);
    const auto received = receive_all(right, 1);
    REQUIRE(received.size() == 1);
    CHECK(received[0].octets == sent.octets);
}

TEST_CASE("One refused datagram does not hold up the others", "[daemon]") {
    UdpSocket left = open(xfrm::Family::V4);
    UdpSocket right = open(xfrm::Family::V4);
    std::vector<ike::Transmit> sent;
    sent.push_back({path(left, "127.0.0.1", "127.0.0.1", right.port()), Bytes{1}});
    sent.push_back(
        {path(left, "127.0.0.1", "127.0.0.1", right.port()), Bytes(65600, 2)});  // longer than UDP
    sent.push_back({path(left, "127.0.0.1", "127.0.0.1", right.port()), Bytes{3}});
    const auto result = left.send(sent);
    CHECK(result.sent == 2);
    CHECK(result.refused == 1);
    CHECK(result.first_error == EMSGSIZE);
    const auto received = receive_all(right, 2);
    REQUIRE(received.size() == 2);
    CHECK(received[0].octets == Bytes{1});
    CHECK(received[1].octets == Bytes{3});
}

TEST_CASE("With ESP in UDP an IKE message travels behind four zero octets", "[daemon]") {
    UdpSocket ours = open(xfrm::Family::V4, true);
    PlainSocket wire;
    const ike::Transmit sent{path(ours, "127.0.0.1", "127.0.0.1", wire.port()), Bytes{9, 8, 7}};
    REQUIRE(ours.send({&sent, 1}).sent == 1);
    CHECK(wire.receive() == Bytes{0, 0, 0, 0, 9, 8, 7});
}

TEST_CASE("A keepalive is one octet without a marker", "[daemon]") {
    UdpSocket ours = open(xfrm::Family::V4, true);
    PlainSocket wire;
    ours.send_keepalive(path(ours, "127.0.0.1", "127.0.0.1", wire.port()));
    CHECK(wire.receive() == Bytes{0xff});
}

TEST_CASE("Keepalives, ESP and empty datagrams are no IKE messages", "[daemon]") {
    UdpSocket ours = open(xfrm::Family::V4, true);
    PlainSocket wire;
    wire.send(ours.port(), Bytes{});
    wire.send(ours.port(), Bytes{0xff});
    wire.send(ours.port(), Bytes{1, 2, 3});
    wire.send(ours.port(), Bytes{0, 0, 0, 0});          // a marker and nothing behind it
    wire.send(ours.port(), Bytes{0, 0, 0, 0, 42, 43});  // the one message
    const auto received = receive_all(ours, 1);
    REQUIRE(received.size() == 1);
    CHECK(received[0].octets == Bytes{42, 43});
}

TEST_CASE("Without ESP in UDP nothing is put before a message or taken off", "[daemon]") {
    UdpSocket ours = open(xfrm::Family::V4);
    PlainSocket wire;
    const ike::Transmit sent{path(ours, "127.0.0.1", "127.0.0.1", wire.port()),
                             Bytes{0, 0, 0, 0, 1}};
    REQUIRE(ours.send({&sent, 1}).sent == 1);
    CHECK(wire.receive() == Bytes{0, 0, 0, 0, 1});
    wire.send(ours.port(), Bytes{0, 0, 0, 0, 2});
    const auto received = receive_all(ours, 1);
    REQUIRE(received.size() == 1);
    CHECK(received[0].octets == Bytes{0, 0, 0, 0, 2});
}

TEST_CASE("A port that is taken is named, with the command that finds who has it", "[daemon]") {
    UdpSocket first = open(xfrm::Family::V4);
    const auto second =
        UdpSocket::open({.family = xfrm::Family::V4, .port = first.port(), .encapsulated = false});
    REQUIRE_FALSE(second);
    CHECK(second.error().code == UdpSocketError::Code::PortTaken);
    CHECK(second.error().what.contains(std::to_string(first.port())));
    CHECK(second.error().what.contains("ss -lunp"));
}

TEST_CASE("IPv4 and IPv6 have the same port side by side", "[daemon]") {
    UdpSocket v6 = open(xfrm::Family::V6);
    const auto v4 =
        UdpSocket::open({.family = xfrm::Family::V4, .port = v6.port(), .encapsulated = false});
    CHECK(v4);
}
