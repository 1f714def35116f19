// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/network_namespace.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

namespace xfrmd::kernel_tests {

namespace {

void fill(sockaddr_in& to, const xfrm::Address& address) {
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    std::memcpy(&to.sin_addr, address.octets().data(), 4);
}

void fill(sockaddr_in6& to, const xfrm::Address& address) {
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(9);
    std::memcpy(&to.sin6_addr, address.octets().data(), 16);
}

template <class SocketAddress>
void send_to(int family, const xfrm::Address& destination) {
    SocketAddress to{};
    fill(to, destination);
    const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return;
    sockaddr_storage storage{};
    std::memcpy(&storage, &to, sizeof to);
    static_cast<void>(sendto(fd, "hello", 5, 0,
                             static_cast<const sockaddr*>(static_cast<const void*>(&storage)),
                             sizeof to));
    close(fd);
}

}  // namespace

std::string enter_fresh_network() {
    if (unshare(CLONE_NEWNET) != 0) return std::string{"unshare: "} + std::strerror(errno);
    for (const char* const step :
         {"link set lo up", "link add lan0 type veth peer name lan1", "link set lan0 arp off",
          "link set lan1 up", "addr add 192.0.2.1/24 dev lan0",
          "addr add 2001:db8::1/64 dev lan0 nodad", "link set lan0 up"})
        if (!ip(step)) return std::string{"ip "} + step;
    // No router solicitations or duplicate address detection: only the tests' own packets meet the
    // policies.
    set_sysctl("net/ipv6/conf/lan0/accept_dad", "0");
    set_sysctl("net/ipv6/conf/lan0/router_solicitations", "0");
    if (!set_sysctl("net/core/xfrm_acq_expires", "1")) return "sysctl net.core.xfrm_acq_expires";
    return {};
}

bool set_sysctl(const std::string& name, const std::string& value) {
    std::ofstream file{"/proc/sys/" + name};
    file << value << std::flush;
    return file.good();
}

void send_datagram(const xfrm::Address& destination) {
    if (destination.is_v4())
        send_to<sockaddr_in>(AF_INET, destination);
    else
        send_to<sockaddr_in6>(AF_INET6, destination);
}

bool wait_for_link(const std::string& interface) {
    const std::string is_up = "ip -o link show " + interface + " | grep -q 'state UP'";
    for (int attempt = 0; attempt < 100; ++attempt) {
        if (std::system(is_up.c_str()) == 0) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return false;
}

bool ip(const std::string& arguments) {
    return std::system(("ip " + arguments + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace xfrmd::kernel_tests
