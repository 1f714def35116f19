// SPDX-License-Identifier: Apache-2.0
// What an IKE socket needs of XFRM: its own datagrams pass every policy, and ESP in UDP is taken
// off it.
#pragma once

#include <expected>

#include "netlink/model/address.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// Lets everything that this socket sends and receives pass in clear, whatever the SPD says: IKE
// must not be caught by the policies it serves (RFC 7296 §2, RFC 4301 §4.4.1: IKE traffic is
// bypassed). `family` is the socket's. An IPv6 socket must be IPV6_V6ONLY: the kernel keeps one
// family of policies a socket. EPERM names CAP_NET_ADMIN; ENOPROTOOPT a kernel without XFRM.
std::expected<void, xfrm::KernelError> bypass_policies(int socket_fd, xfrm::Family family);

// Makes the kernel decapsulate ESP from datagrams of this UDP socket (RFC 3948); what starts with
// the non-ESP marker is still delivered to its reader.
std::expected<void, xfrm::KernelError> receive_esp_in_udp(int socket_fd);

}  // namespace xfrmd::netlink
