// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "netlink/xfrm_values.h"

#include <linux/udp.h>

#include <bit>
#include <cerrno>
#include <utility>

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

KernelError unknown(std::string what) {
    return {EOPNOTSUPP, "the kernel speaks of " + std::move(what)};
}

PortMask port_from_kernel(std::uint16_t port, std::uint16_t mask) {
    return {from_network(port), from_network(mask)};
}

}  // namespace

std::uint16_t to_kernel(Family family) {
    return family == Family::V4 ? AF_INET : AF_INET6;
}

xfrm_address_t to_kernel(const Address& address) {
    xfrm_address_t result{};
    const View octets = address.octets();
    std::memcpy(&result, octets.data(), octets.size());
    return result;
}

xfrm_selector to_kernel(const Selector& selector) {
    xfrm_selector result{};
    result.daddr = to_kernel(selector.destination.address);
    result.saddr = to_kernel(selector.source.address);
    result.dport = to_network(selector.destination_port.port);
    result.dport_mask = to_network(selector.destination_port.mask);
    result.sport = to_network(selector.source_port.port);
    result.sport_mask = to_network(selector.source_port.mask);
    result.family = to_kernel(selector.family());
    result.prefixlen_d = selector.destination.length;
    result.prefixlen_s = selector.source.length;
    result.proto = selector.protocol;
    result.ifindex = std::bit_cast<int>(selector.interface_index);
    return result;
}

xfrm_lifetime_cfg to_kernel(const LifetimeLimits& limits) {
    static_assert(LifetimeLimits::kUnlimited == XFRM_INF);
    return {.soft_byte_limit = limits.soft_bytes,
            .hard_byte_limit = limits.hard_bytes,
            .soft_packet_limit = limits.soft_packets,
            .hard_packet_limit = limits.hard_packets,
            .soft_add_expires_seconds = limits.soft_add_seconds,
            .hard_add_expires_seconds = limits.hard_add_seconds,
            .soft_use_expires_seconds = limits.soft_use_seconds,
            .hard_use_expires_seconds = limits.hard_use_seconds};
}

xfrm_encap_tmpl to_kernel(const UdpEncapsulation& encapsulation) {
    xfrm_encap_tmpl result{};
    result.encap_type = UDP_ENCAP_ESPINUDP;
    result.encap_sport = to_network(encapsulation.source_port);
    result.encap_dport = to_network(encapsulation.destination_port);
    result.encap_oa = to_kernel(encapsulation.original);
    return result;
}

std::uint8_t to_kernel(Mode mode) {
    switch (mode) {
        case Mode::Transport: return XFRM_MODE_TRANSPORT;
        case Mode::Tunnel: return XFRM_MODE_TUNNEL;
        case Mode::Beet: return XFRM_MODE_BEET;
    }
    std::unreachable();
}

std::uint8_t to_kernel(Direction direction) {
    switch (direction) {
        case Direction::In: return XFRM_POLICY_IN;
        case Direction::Out: return XFRM_POLICY_OUT;
        case Direction::Forward: return XFRM_POLICY_FWD;
    }
    std::unreachable();
}

std::uint8_t to_kernel(IpsecProtocol protocol) {
    return std::to_underlying(protocol);
}

std::uint32_t to_network(std::uint32_t host_order) {
    return htonl(host_order);
}
std::uint16_t to_network(std::uint16_t host_order) {
    return htons(host_order);
}
std::uint32_t from_network(std::uint32_t network_order) {
    return ntohl(network_order);
}
std::uint16_t from_network(std::uint16_t network_order) {
    return ntohs(network_order);
}

Decoded<Family> family_from_kernel(std::uint16_t family) {
    if (family == AF_INET) return Family::V4;
    if (family == AF_INET6) return Family::V6;
    return std::unexpected{unknown("address family " + std::to_string(family))};
}

Address address_from_kernel(const xfrm_address_t& address, Family family) {
    return *Address::from_octets(octets_of(address).first(family == Family::V4 ? 4 : 16));
}

Decoded<Selector> selector_from_kernel(const xfrm_selector& selector) {
    return clean_selector(TRY(stored_selector_from_kernel(selector)));
}

Decoded<Selector> stored_selector_from_kernel(const xfrm_selector& selector) {
    const Family family = TRY(family_from_kernel(selector.family));
    return Selector{{address_from_kernel(selector.saddr, family), selector.prefixlen_s},
                    {address_from_kernel(selector.daddr, family), selector.prefixlen_d},
                    selector.proto,
                    port_from_kernel(selector.sport, selector.sport_mask),
                    port_from_kernel(selector.dport, selector.dport_mask),
                    std::bit_cast<std::uint32_t>(selector.ifindex)};
}

Decoded<Selector> clean_selector(const Selector& stored) {
    const auto source = Prefix::make(stored.source.address, stored.source.length);
    const auto destination = Prefix::make(stored.destination.address, stored.destination.length);
    if (!source || !destination) return std::unexpected{unknown("an impossible prefix length")};
    Selector clean = stored;
    clean.source = *source;
    clean.destination = *destination;
    return clean;
}

LifetimeLimits limits_from_kernel(const xfrm_lifetime_cfg& limits) {
    return {.soft_bytes = limits.soft_byte_limit,
            .hard_bytes = limits.hard_byte_limit,
            .soft_packets = limits.soft_packet_limit,
            .hard_packets = limits.hard_packet_limit,
            .soft_add_seconds = limits.soft_add_expires_seconds,
            .hard_add_seconds = limits.hard_add_expires_seconds,
            .soft_use_seconds = limits.soft_use_expires_seconds,
            .hard_use_seconds = limits.hard_use_expires_seconds};
}

LifetimeUsage usage_from_kernel(const xfrm_lifetime_cur& usage) {
    return {usage.bytes, usage.packets, usage.add_time, usage.use_time};
}

Decoded<Mode> mode_from_kernel(std::uint8_t mode) {
    if (mode == XFRM_MODE_TRANSPORT) return Mode::Transport;
    if (mode == XFRM_MODE_TUNNEL) return Mode::Tunnel;
    if (mode == XFRM_MODE_BEET) return Mode::Beet;
    return std::unexpected{unknown("transform mode " + std::to_string(mode))};
}

Decoded<Direction> direction_from_kernel(std::uint8_t direction) {
    if (direction == XFRM_POLICY_IN) return Direction::In;
    if (direction == XFRM_POLICY_OUT) return Direction::Out;
    if (direction == XFRM_POLICY_FWD) return Direction::Forward;
    return std::unexpected{unknown("policy direction " + std::to_string(direction))};
}

Decoded<IpsecProtocol> protocol_from_kernel(std::uint8_t protocol) {
    for (const IpsecProtocol known : {IpsecProtocol::Esp, IpsecProtocol::Ah, IpsecProtocol::Ipcomp})
        if (protocol == std::to_underlying(known)) return known;
    return std::unexpected{unknown("IP protocol " + std::to_string(protocol))};
}

void put_mark(MessageBuilder& builder, const Mark& mark) {
    if (mark.mask != 0) builder.attribute(XFRMA_MARK, xfrm_mark{mark.value, mark.mask});
}

void put_if_id(MessageBuilder& builder, const IfId& if_id) {
    if (if_id.value != 0) builder.attribute(XFRMA_IF_ID, if_id.value);
}

void put_security_context(MessageBuilder& builder, const std::optional<SecurityContext>& context) {
    if (!context) return;
    // The kernel wants the NUL, and counts it.
    const std::size_t length = context->label.size() + 1;
    xfrm_user_sec_ctx head{};
    head.len = static_cast<std::uint16_t>(sizeof head + length);
    head.exttype = XFRMA_SEC_CTX;
    head.ctx_alg = context->algorithm;
    head.ctx_doi = context->domain;
    head.ctx_len = static_cast<std::uint16_t>(length);
    Bytes label{as_view(context->label).begin(), as_view(context->label).end()};
    label.push_back(0);
    builder.attribute(XFRMA_SEC_CTX, octets_of(head), label);
}

std::optional<SecurityContext> asked(std::optional<SecurityContext> stored) {
    if (stored) stored->length = 0;
    return stored;
}

Mark mark_of(const Attributes& attributes) {
    const auto mark = attributes.value<xfrm_mark>(XFRMA_MARK);
    return mark ? Mark{mark->v, mark->m} : Mark{};
}

IfId if_id_of(const Attributes& attributes) {
    return IfId{attributes.value<std::uint32_t>(XFRMA_IF_ID).value_or(0)};
}

}  // namespace xfrmd::netlink
