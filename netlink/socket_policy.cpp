// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/socket_policy.h"

#include <linux/udp.h>
#include <linux/xfrm.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "netlink/errors.h"
#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

KernelError refusal_of(std::string_view what, int error_number) {
    if (error_number == ENOPROTOOPT)
        return {error_number,
                std::string{what} + ": this kernel has no XFRM (CONFIG_XFRM, CONFIG_INET_ESP)"};
    return explain(Refusal{error_number, {}, false}, what);
}

}  // namespace

std::expected<void, KernelError> bypass_policies(int socket_fd, Family family) {
    const int level = family == Family::V4 ? IPPROTO_IP : IPPROTO_IPV6;
    const int option = family == Family::V4 ? IP_XFRM_POLICY : IPV6_XFRM_POLICY;
    for (const Direction direction : {Direction::In, Direction::Out}) {
        xfrm_userpolicy_info policy{};
        policy.sel.family = to_kernel(family);
        policy.dir = to_kernel(direction);
        policy.action = XFRM_POLICY_ALLOW;
        policy.lft = to_kernel(LifetimeLimits{});
        if (setsockopt(socket_fd, level, option, &policy, sizeof policy) != 0)
            return std::unexpected{refusal_of("bypass policy of an IKE socket", errno)};
    }
    return {};
}

std::expected<void, KernelError> receive_esp_in_udp(int socket_fd) {
    const int type = UDP_ENCAP_ESPINUDP;
    if (setsockopt(socket_fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof type) != 0)
        return std::unexpected{refusal_of("ESP in UDP on an IKE socket", errno)};
    return {};
}

}  // namespace xfrmd::netlink
