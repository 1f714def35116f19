// SPDX-License-Identifier: Apache-2.0
// Between our values and the structures of linux/xfrm.h, in both directions. Addresses, ports and
// SPIs are in network byte order in those structures, everything else in the host's. Not a public
// header.
#pragma once

#include <linux/xfrm.h>

#include <cstdint>

#include "netlink/message.h"
#include "netlink/model/kernel.h"

namespace xfrmd::netlink {

// AF_INET or AF_INET6.
std::uint16_t to_kernel(xfrm::Family family);
xfrm_address_t to_kernel(const xfrm::Address& address);
xfrm_selector to_kernel(const xfrm::Selector& selector);
xfrm_lifetime_cfg to_kernel(const xfrm::LifetimeLimits& limits);
xfrm_encap_tmpl to_kernel(const xfrm::UdpEncapsulation& encapsulation);
std::uint8_t to_kernel(xfrm::Mode mode);
std::uint8_t to_kernel(xfrm::Direction direction);
std::uint8_t to_kernel(xfrm::IpsecProtocol protocol);
std::uint32_t to_network(std::uint32_t host_order);
std::uint16_t to_network(std::uint16_t host_order);
std::uint32_t from_network(std::uint32_t network_order);
std::uint16_t from_network(std::uint16_t network_order);

// Each is EOPNOTSUPP for what our values cannot say: another address family, mode, protocol or
// direction. Such objects are somebody else's: dumps and events pass over them.
Decoded<xfrm::Family> family_from_kernel(std::uint16_t family);
xfrm::Address address_from_kernel(const xfrm_address_t& address, xfrm::Family family);
Decoded<xfrm::Selector> selector_from_kernel(const xfrm_selector& selector);
// As it is stored: bits past the prefixes stay, a length may be too long.
Decoded<xfrm::Selector> stored_selector_from_kernel(const xfrm_selector& selector);
// The same traffic with clean prefixes.
Decoded<xfrm::Selector> clean_selector(const xfrm::Selector& stored);
xfrm::LifetimeLimits limits_from_kernel(const xfrm_lifetime_cfg& limits);
xfrm::LifetimeUsage usage_from_kernel(const xfrm_lifetime_cur& usage);
Decoded<xfrm::Mode> mode_from_kernel(std::uint8_t mode);
Decoded<xfrm::Direction> direction_from_kernel(std::uint8_t direction);
Decoded<xfrm::IpsecProtocol> protocol_from_kernel(std::uint8_t protocol);

// XFRMA_MARK and XFRMA_IF_ID: left out when they say nothing.
void put_mark(MessageBuilder& builder, const xfrm::Mark& mark);
void put_if_id(MessageBuilder& builder, const xfrm::IfId& if_id);
// XFRMA_SEC_CTX, if there is one. A label has at most 4000 octets (EINVAL).
void put_security_context(MessageBuilder& builder,
                          const std::optional<xfrm::SecurityContext>& context);
// As it was asked for.
std::optional<xfrm::SecurityContext> asked(std::optional<xfrm::SecurityContext> stored);
xfrm::Mark mark_of(const Attributes& attributes);
xfrm::IfId if_id_of(const Attributes& attributes);

}  // namespace xfrmd::netlink
