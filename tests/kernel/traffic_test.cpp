// SPDX-License-Identifier: Apache-2.0
// What takes a second host, or a socket that overruns: the peer is another network namespace at the
// end of a wire.
#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <string>

#include "netlink/kernel.h"
#include "netlink/socket.h"
#include "netlink/socket_policy.h"
#include "netlink/xfrm_policy.h"
#include "tests/kernel/contract_parts.h"
#include "tests/kernel/linux_kernel.h"
#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using namespace kernel_contract;
using namespace std::chrono_literals;

namespace {

// 192.0.2.2 in a namespace of its own, on the other end of the host's veth; it knows the host's
// hardware address, so that no packet waits for one. Must be made in the host's namespace; the
// thread is back there after every call.
class PeerHost {
  public:
    PeerHost() : home_{open_namespace()} {
        REQUIRE(unshare(CLONE_NEWNET) == 0);
        away_ = open_namespace();
        enter(home_);
        REQUIRE(ip("link set lan0 arp on address 02:00:00:00:00:01"));
        REQUIRE(ip("link set lan1 netns /proc/" + std::to_string(getpid()) + "/fd/" +
                   std::to_string(away_)));
        within([] {
            REQUIRE(ip("addr add 192.0.2.2/24 dev lan1"));
            REQUIRE(ip("link set lan1 up"));
            REQUIRE(ip("neigh replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev lan1 nud permanent"));
            REQUIRE(wait_for_link("lan1"));
        });
        REQUIRE(wait_for_link("lan0"));
    }
    PeerHost(const PeerHost&) = delete;
    PeerHost& operator=(const PeerHost&) = delete;
    ~PeerHost() {
        close(away_);
        close(home_);
    }

    template <class Action>
    void within(Action action) {
        enter(away_);
        action();
        enter(home_);
    }

    void carry_out(KernelRequest request) {
        within([&] {
            auto kernel = netlink::Kernel::open();
            REQUIRE(kernel.has_value());
            require_done(kernel->run(std::move(request)));
        });
    }

  private:
    static int open_namespace() {
        const int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        REQUIRE(fd >= 0);
        return fd;
    }
    static void enter(int fd) { REQUIRE(setns(fd, CLONE_NEWNET) == 0); }

    int home_ = -1;
    int away_ = -1;
};

// A UDP socket on port 4500 whose ESP the kernel takes off.
class EncapsulationSocket {
  public:
    EncapsulationSocket() : fd_{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in self{};
        self.sin_family = AF_INET;
        self.sin_port = htons(4500);
        REQUIRE(bind(fd_, static_cast<const sockaddr*>(static_cast<const void*>(&self)),
                     sizeof self) == 0);
        REQUIRE(netlink::receive_esp_in_udp(fd_).has_value());
    }
    EncapsulationSocket(const EncapsulationSocket&) = delete;
    EncapsulationSocket& operator=(const EncapsulationSocket&) = delete;
    ~EncapsulationSocket() { close(fd_); }

  private:
    int fd_;
};

constexpr EspSpi kSpi{0x7700};

// The peer's SA towards us, in UDP from this port.
InstallSas outbound_of_peer(std::uint16_t port) {
    InstallSas request;
    request.sas.push_back(inbound(Family::V4, kSpi));
    request.sas[0].encapsulation = UdpEncapsulation{port, 4500, {}};
    return request;
}

std::uint64_t packets_received(LinuxKernel& kernel) {
    return query(kernel, inbound_id(Family::V4, kSpi)).usage.packets;
}

// How often the kernel has dropped a packet for this reason, a name of /proc/net/xfrm_stat.
std::uint64_t packets_dropped(const std::string& reason) {
    std::ifstream counters{"/proc/thread-self/net/xfrm_stat"};
    std::string name;
    for (std::uint64_t count = 0; counters >> name >> count;)
        if (name == reason) return count;
    return 0;
}

// Whether it comes about within ten seconds.
template <class Condition>
bool eventually(LinuxKernel& kernel, Condition condition) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        if (condition()) return true;
        kernel.pass_time(100ms);
    }
    return false;
}

}  // namespace

TEST_CASE("a peer whose port changes is told as a new mapping", "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    PeerHost peer_host;
    const EncapsulationSocket socket;
    SaSpec ours = inbound(Family::V4, kSpi);
    ours.replay_window = 0;  // the peer starts to count anew below
    ours.encapsulation = UdpEncapsulation{4500, 4500, {}};
    require_done(install(kernel, std::move(ours)));
    PolicySpec policy = transport_policy(Family::V4, Direction::Out);
    policy.id.selector = {Prefix::host(peer(Family::V4)),
                          Prefix::host(own(Family::V4)),
                          17,
                          {},
                          PortMask::exactly(9),
                          0};
    peer_host.carry_out(InstallPolicies{.policies = {policy}});

    peer_host.carry_out(outbound_of_peer(4500));
    peer_host.within([] { send_datagram(own(Family::V4)); });
    REQUIRE(eventually(kernel, [&] { return packets_received(kernel) == 1; }));
    CHECK(only<MappingChanged>(kernel.events()).empty());

    peer_host.carry_out(RemoveSas{{inbound_id(Family::V4, kSpi)}});
    peer_host.carry_out(outbound_of_peer(4600));
    peer_host.within([] { send_datagram(own(Family::V4)); });
    REQUIRE(eventually(kernel, [&] { return packets_received(kernel) == 2; }));
    const auto changes = only<MappingChanged>(kernel.events());
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].id == inbound_id(Family::V4, kSpi));
    CHECK(changes[0].reqid == kReqid);
    CHECK(changes[0].before == Endpoint{peer(Family::V4), 4500});
    CHECK(changes[0].after == Endpoint{peer(Family::V4), 4600});
}

TEST_CASE("a required policy drops the peer's clear packets until the SA is there",
          "[kernel][esp]") {
    LinuxKernel::require_esp();
    LinuxKernel kernel;
    PeerHost peer_host;
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::In)}}));
    const int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_port = htons(9);
    REQUIRE(bind(receiver, static_cast<const sockaddr*>(static_cast<const void*>(&self)),
                 sizeof self) == 0);
    const auto received = [&] {
        std::array<char, 16> octets{};
        return recv(receiver, octets.data(), octets.size(), 0) == 5;
    };
    peer_host.within([] { send_datagram(own(Family::V4)); });
    REQUIRE(eventually(kernel, [] { return packets_dropped("XfrmInTmplMismatch") == 1; }));
    CHECK_FALSE(received());

    require_done(install(kernel, inbound(Family::V4, kSpi)));
    PolicySpec policy = transport_policy(Family::V4, Direction::Out);
    policy.id.selector = {
        Prefix::host(peer(Family::V4)), Prefix::host(own(Family::V4)), 0, {}, {}, 0};
    peer_host.carry_out(InstallPolicies{.policies = {policy}});
    InstallSas sas;
    sas.sas.push_back(inbound(Family::V4, kSpi));
    peer_host.carry_out(std::move(sas));
    peer_host.within([] { send_datagram(own(Family::V4)); });
    CHECK(eventually(kernel, received));
    CHECK(packets_received(kernel) == 1);
    CHECK(packets_dropped("XfrmInTmplMismatch") == 1);
    close(receiver);
}

TEST_CASE("requests whose answers are lost end as lost", "[kernel]") {
    const LinuxKernel kernel;
    auto socket = netlink::RequestSocket::open(netlink::Bus::Xfrm);
    REQUIRE(socket.has_value());
    const int small = 1;
    REQUIRE(setsockopt(socket->fd(), SOL_SOCKET, SO_RCVBUFFORCE, &small, sizeof small) == 0);
    constexpr std::size_t kRequests = 40;
    for (std::size_t i = 0; i < kRequests; ++i) {
        auto message = netlink::encode_remove_policy(tunnel_policies(Family::V4)[0].id);
        REQUIRE(message.has_value());
        socket->send(std::move(*message));
    }
    socket->flush();
    std::size_t refused = 0;
    std::size_t lost = 0;
    bool overran = false;
    for (;;) {
        std::vector<netlink::Reply> replies;
        const auto received = socket->receive(replies);
        overran = overran || received == netlink::Received::Overrun;
        for (const netlink::Reply& reply : replies) {
            REQUIRE(reply.refusal.has_value());
            lost += reply.refusal->lost ? 1 : 0;
            refused += reply.refusal->lost ? 0 : 1;
            if (!reply.refusal->lost) CHECK(reply.refusal->error_number == ENOENT);
        }
        if (received == netlink::Received::Nothing) break;
    }
    CHECK(overran);
    CHECK(lost > 0);
    CHECK(lost + refused == kRequests);
}

TEST_CASE("each of many requests ends, in their order, the refused ones with their reasons",
          "[kernel]") {
    const LinuxKernel kernel;
    auto socket = netlink::RequestSocket::open(netlink::Bus::Xfrm);
    REQUIRE(socket.has_value());
    const auto policies = tunnel_policies(Family::V4);
    const auto send = [&](netlink::Encoded message) {
        REQUIRE(message.has_value());
        return socket->send(std::move(*message));
    };
    using netlink::PolicyEntry;
    std::vector<std::uint32_t> sent;
    constexpr int kRounds = 30;  // more than one call takes
    for (int i = 0; i < kRounds; ++i) {
        sent.push_back(send(netlink::encode_install_policy(policies[0], PolicyEntry::New)));
        sent.push_back(send(netlink::encode_install_policy(policies[0], PolicyEntry::New)));
        sent.push_back(send(netlink::encode_query_policy(policies[0].id)));
        sent.push_back(send(netlink::encode_remove_policy(policies[0].id)));
    }
    std::vector<std::uint32_t> ended;
    std::size_t told = 0;
    while (ended.size() < sent.size()) {
        socket->flush();
        std::vector<netlink::Reply> replies;
        REQUIRE(socket->receive(replies) == netlink::Received::Datagram);
        for (const netlink::Reply& reply : replies) {
            const std::size_t kind = (reply.sequence - sent.front()) % 4;
            if (reply.kind == netlink::Reply::Kind::Part) {
                CHECK(kind == 2);
                ++told;
                continue;
            }
            ended.push_back(reply.sequence);
            CHECK(reply.refusal.has_value() == (kind == 1));
            if (reply.refusal) CHECK(reply.refusal->error_number == EEXIST);
        }
    }
    CHECK(ended == sent);
    CHECK(told == kRounds);
}

TEST_CASE("what is sent behind a dump does not wait for it", "[kernel]") {
    LinuxKernel kernel;
    require_done(kernel.run(InstallPolicies{.policies = tunnel_policies(Family::V4)}));
    auto socket = netlink::RequestSocket::open(netlink::Bus::Xfrm);
    REQUIRE(socket.has_value());
    auto dump = netlink::encode_dump_policies();
    auto query = netlink::encode_query_policy(tunnel_policies(Family::V4)[0].id);
    REQUIRE((dump.has_value() && query.has_value()));
    const std::uint32_t dumped = socket->send(std::move(*dump));
    const std::uint32_t queried = socket->send(std::move(*query));
    socket->flush();
    std::map<std::uint32_t, std::size_t> parts;
    std::map<std::uint32_t, bool> good;
    while (good.size() < 2) {
        std::vector<netlink::Reply> replies;
        REQUIRE(socket->receive(replies) == netlink::Received::Datagram);
        for (const netlink::Reply& reply : replies) {
            if (reply.kind == netlink::Reply::Kind::Part) ++parts[reply.sequence];
            if (reply.kind == netlink::Reply::Kind::End) good[reply.sequence] = !reply.refusal;
        }
    }
    CHECK((good[dumped] && good[queried]));
    CHECK(parts[dumped] == 3);
    CHECK(parts[queried] == 1);
}

}  // namespace xfrmd::kernel_tests
