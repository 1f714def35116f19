// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/lookup/wire.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ranges>
#include <string>
#include <thread>
#include <utility>

#include "tests/kernel/network_namespace.h"

namespace xfrmd::kernel_tests {

using namespace xfrm;
using lookup::Flow;

namespace {

constexpr std::size_t kPacketOctetsMax = 2048;
constexpr std::array<Side, 2> kSides{Side::West, Side::East};

// By side.
struct Nets {
    const char* v4 = nullptr;
    const char* v6 = nullptr;
};
constexpr std::array<Nets, 2> kNets{Nets{"10.16.0.0/16", "fd10:16::/32"},
                                    Nets{"10.24.0.0/16", "fd10:24::/32"}};

std::string text_of(Side side, Family family, int subnet, int host) {
    const std::string net = side == Side::West ? "16" : "24";
    if (family == Family::V4)
        return "10." + net + "." + std::to_string(subnet) + "." + std::to_string(host);
    return "fd10:" + net + ":0:" + std::to_string(subnet) + "::" + std::to_string(host);
}

const sockaddr* as_socket_address(const void* address) {
    return static_cast<const sockaddr*>(address);
}

// A socket address of either family.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    SocketAddress(const Address& address, std::uint16_t port) {
        if (address.is_v4()) {
            sockaddr_in v4{};
            v4.sin_family = AF_INET;
            v4.sin_port = htons(port);
            std::memcpy(&v4.sin_addr, address.octets().data(), 4);
            std::memcpy(&storage, &v4, length = sizeof v4);
        } else {
            sockaddr_in6 v6{};
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(port);
            std::memcpy(&v6.sin6_addr, address.octets().data(), 16);
            std::memcpy(&storage, &v6, length = sizeof v6);
        }
    }
    [[nodiscard]] const sockaddr* get() const { return as_socket_address(&storage); }
};

void set(const char* value, std::initializer_list<const char*> names) {
    for (const char* const name : names) REQUIRE(set_sysctl(name, value));
}

// What the interfaces that are made below inherit: they say nothing of their own. Reports of
// multicast groups cannot be turned off, but they can be over before the tests begin.
void prepare_settings() {
    set("1", {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding",
              "net/ipv6/conf/default/mldv1_unsolicited_report_interval",
              "net/ipv6/conf/default/mldv2_unsolicited_report_interval"});
    set("0", {"net/ipv4/conf/all/rp_filter", "net/ipv4/conf/default/rp_filter",
              "net/ipv6/conf/default/router_solicitations"});
    // No larval SA lapses while the tests look at it.
    set("600", {"net/core/xfrm_acq_expires"});
}

// Addresses need no neighbours and no detection of duplicates.
void make_links(std::FILE* batch) {
    std::fputs("link set lo up\n", batch);
    for (const Side side : kSides) {
        const std::string name = side == Side::West ? "west" : "east";
        const char* const host = name.c_str();
        std::fprintf(batch, "link add %s0 type veth peer name %s1\n", host, host);
        std::fprintf(batch, "link set %s0 arp off addrgenmode none\n", host);
        std::fprintf(batch, "link set %s1 arp off addrgenmode none\n", host);
        std::fprintf(batch, "link set %s1 up\nlink set %s0 up\n", host, host);
        for (const Family family : {Family::V4, Family::V6})
            for (const Address& own : own_addresses(side, family))
                std::fprintf(batch, "addr add %s dev %s0 %s\n",
                             Prefix::host(own).to_string().c_str(), host,
                             family == Family::V6 ? "nodad" : "");
        for (const char* const net :
             {kNets.at(std::to_underlying(side)).v4, kNets.at(std::to_underlying(side)).v6})
            std::fprintf(batch, "route add %s dev %s0\n", net, host);
    }
}

void build_host() {
    REQUIRE(unshare(CLONE_NEWNET) == 0);
    prepare_settings();
    std::FILE* const batch = popen("ip -batch -", "w");
    REQUIRE(batch != nullptr);
    make_links(batch);
    REQUIRE(pclose(batch) == 0);
    set("1", {"net/ipv6/conf/west1/disable_ipv6", "net/ipv6/conf/east1/disable_ipv6"});
    std::this_thread::sleep_for(std::chrono::milliseconds{150});  // for the reports
}

}  // namespace

std::vector<Address> own_addresses(Side side, Family family) {
    return {*Address::parse(text_of(side, family, 0, 1)),
            *Address::parse(text_of(side, family, 1, 1))};
}

std::vector<Address> peer_addresses(Side side, Family family) {
    std::vector<Address> addresses;
    for (const int subnet : {0, 1})
        for (int host = 2; host <= 9; ++host)
            addresses.push_back(*Address::parse(text_of(side, family, subnet, host)));
    return addresses;
}

Address unreachable_address(Family family) {
    return *Address::parse(family == Family::V4 ? "10.99.0.1" : "fd99::1");
}

std::optional<Side> side_of(const Address& address) {
    for (const Side side : kSides) {
        const Nets& nets = kNets.at(std::to_underlying(side));
        if (Prefix::parse(address.is_v4() ? nets.v4 : nets.v6)->contains(address)) return side;
    }
    return std::nullopt;
}

bool is_own(const Address& address) {
    const auto side = side_of(address);
    return side && std::ranges::contains(own_addresses(*side, address.family()), address);
}

Wires::Wires() {
    build_host();
    ends_ = {open_end("west0", "west1"), open_end("east0", "east1")};
}

Wires::~Wires() {
    for (const End& end : ends_) close(end.fd);
}

Wires::End Wires::open_end(const std::string& host, const std::string& far) const {
    End end;
    end.interface_index = if_nametoindex(host.c_str());
    end.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    REQUIRE(end.fd >= 0);
    sockaddr_ll bound{};
    bound.sll_family = AF_PACKET;
    bound.sll_protocol = htons(ETH_P_ALL);
    bound.sll_ifindex = static_cast<int>(if_nametoindex(far.c_str()));
    REQUIRE(bind(end.fd, as_socket_address(&bound), sizeof bound) == 0);
    ifreq request{};
    host.copy(request.ifr_name, sizeof request.ifr_name - 1);
    REQUIRE(ioctl(end.fd, SIOCGIFHWADDR, &request) == 0);
    std::memcpy(end.host_address.data(), request.ifr_hwaddr.sa_data, end.host_address.size());
    return end;
}

std::uint32_t Wires::interface_of(Side side) const {
    return ends_.at(std::to_underlying(side)).interface_index;
}

std::array<int, 2> Wires::descriptors() const {
    return {ends_[0].fd, ends_[1].fd};
}

void Wires::inject(Side side, const Bytes& packet, std::uint32_t mark) const {
    const End& end = ends_.at(std::to_underlying(side));
    REQUIRE(setsockopt(end.fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0);
    Bytes frame = to_bytes(end.host_address);
    frame.insert(frame.end(), {2, 0, 0, 0, 0, 9});
    const bool v4 = packet.at(0) == 0x45;
    frame.insert(frame.end(), {v4 ? std::uint8_t{0x08} : std::uint8_t{0x86},
                               v4 ? std::uint8_t{0} : std::uint8_t{0xdd}});
    append(frame, packet);
    REQUIRE(send(end.fd, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size()));
}

std::vector<SeenPacket> Wires::seen(std::size_t side) {
    std::vector<SeenPacket> packets;
    std::array<std::uint8_t, kPacketOctetsMax> buffer{};
    for (;;) {
        sockaddr_ll from{};
        socklen_t length = sizeof from;
        const ssize_t count = recvfrom(ends_.at(side).fd, buffer.data(), buffer.size(), 0,
                                       static_cast<sockaddr*>(static_cast<void*>(&from)), &length);
        if (count < 0) return packets;
        if (from.sll_pkttype == PACKET_OUTGOING || count < ETH_HLEN) continue;
        const View frame{buffer.data(), static_cast<std::size_t>(count)};
        if (auto packet = read_packet(frame.subspan(ETH_HLEN)))
            packets.push_back(std::move(*packet));
    }
}

void send_locally(const Flow& flow, std::uint32_t tag, const std::string& interface) {
    const int family = flow.family() == Family::V4 ? AF_INET : AF_INET6;
    const bool udp = flow.protocol == IPPROTO_UDP;
    const bool tcp = flow.protocol == IPPROTO_TCP;
    const int type = udp ? SOCK_DGRAM : tcp ? SOCK_STREAM : SOCK_RAW;
    const int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, flow.protocol);
    REQUIRE(fd >= 0);
    const int on = 1;
    REQUIRE(setsockopt(fd, SOL_SOCKET, SO_MARK, &flow.mark, sizeof flow.mark) == 0);
    REQUIRE(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    if (!interface.empty())
        REQUIRE(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.data(),
                           static_cast<socklen_t>(interface.size())) == 0);
    const bool ports = udp || tcp;
    const SocketAddress from{flow.source, ports ? flow.source_port : std::uint16_t{0}};
    const SocketAddress to{flow.destination, ports ? flow.destination_port : std::uint16_t{0}};
    REQUIRE(bind(fd, from.get(), from.length) == 0);
    // What the kernel says to it is no matter: being dropped is part of the game.
    const Bytes payload = udp ? tag_octets(tag) : make_payload(flow, tag);
    if (tcp)
        static_cast<void>(connect(fd, to.get(), to.length));
    else
        static_cast<void>(sendto(fd, payload.data(), payload.size(), 0, to.get(), to.length));
    close(fd);
}

Receivers::Receivers(const std::vector<std::uint8_t>& protocols) {
    for (const std::uint8_t protocol : protocols)
        for (const int family : {AF_INET, AF_INET6}) {
            const int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
            REQUIRE(fd >= 0);
            sockets_.push_back(fd);
        }
}

Receivers::~Receivers() {
    for (const int fd : sockets_) close(fd);
}

std::vector<std::uint32_t> Receivers::tags(int descriptor) {
    std::vector<std::uint32_t> tags;
    std::array<std::uint8_t, kPacketOctetsMax> buffer{};
    for (;;) {
        const ssize_t count = recv(descriptor, buffer.data(), buffer.size(), 0);
        if (count < 0) return tags;
        if (const auto tag = tag_of(View{buffer.data(), static_cast<std::size_t>(count)}))
            tags.push_back(*tag);
    }
}

}  // namespace xfrmd::kernel_tests
