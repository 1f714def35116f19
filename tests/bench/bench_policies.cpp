// SPDX-License-Identifier: Apache-2.0
// What the installing of policies may cost, for comparison.
//
//   bench_policies loop COUNT       a bare libmnl loop: one message, one acknowledgement, COUNT
//   times bench_policies run COMMAND…     runs a command
//
// Either prints "SECONDS MEBIBYTES": the time it took and the most memory it had.
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

// out, 10.x.y.z to 192.0.2.1, esp/transport//require, as setkey has it.
nlmsghdr* put_policy(char* buffer, std::uint32_t number) {
    nlmsghdr* const header = mnl_nlmsg_put_header(buffer);
    header->nlmsg_type = XFRM_MSG_NEWPOLICY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    header->nlmsg_seq = number + 1;
    auto* const info = static_cast<xfrm_userpolicy_info*>(
        mnl_nlmsg_put_extra_header(header, sizeof(xfrm_userpolicy_info)));
    info->sel.family = AF_INET;
    info->sel.saddr.a4 = htonl(0x0a000000 + number);
    info->sel.daddr.a4 = htonl(0xc0000201);
    info->sel.prefixlen_s = info->sel.prefixlen_d = 32;
    info->lft.soft_byte_limit = info->lft.hard_byte_limit = XFRM_INF;
    info->lft.soft_packet_limit = info->lft.hard_packet_limit = XFRM_INF;
    info->priority = 0x80000000;
    info->dir = XFRM_POLICY_OUT;
    xfrm_user_tmpl wanted{};
    wanted.id.proto = IPPROTO_ESP;
    wanted.family = AF_INET;
    wanted.aalgos = wanted.ealgos = wanted.calgos = ~std::uint32_t{0};
    mnl_attr_put(header, XFRMA_TMPL, sizeof wanted, &wanted);
    return header;
}

int loop(std::uint32_t count) {
    mnl_socket* const socket = mnl_socket_open(NETLINK_XFRM);
    if (socket == nullptr || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0) {
        std::perror("bench_policies");
        return 1;
    }
    std::array<char, 8192> buffer{};
    for (std::uint32_t i = 0; i < count; ++i) {
        const nlmsghdr* const message = put_policy(buffer.data(), i);
        if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0) return 1;
        const ssize_t length = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
        if (length <= 0 || mnl_cb_run(buffer.data(), static_cast<std::size_t>(length), i + 1,
                                      mnl_socket_get_portid(socket), nullptr, nullptr) < 0) {
            std::perror("bench_policies");
            return 1;
        }
    }
    mnl_socket_close(socket);
    return 0;
}

int run(char** command) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execvp(command[0], command);
        std::perror(command[0]);
        std::_Exit(127);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc >= 3 ? argv[1] : "";
    if (what != "loop" && what != "run") {
        std::fprintf(stderr, "usage: bench_policies loop COUNT | run COMMAND...\n");
        return 2;
    }
    const auto start = Clock::now();
    const int status = what == "loop"
                           ? loop(static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)))
                           : run(argv + 2);
    const std::chrono::duration<double> seconds = Clock::now() - start;
    rusage usage{};
    ::getrusage(what == "loop" ? RUSAGE_SELF : RUSAGE_CHILDREN, &usage);
    std::printf("%.3f %.1f\n", seconds.count(), static_cast<double>(usage.ru_maxrss) / 1024);
    return status;
}
