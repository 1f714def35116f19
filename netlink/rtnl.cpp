// SPDX-License-Identifier: Apache-2.0
#include "netlink/rtnl.h"

#include <net/if.h>
#include <sys/socket.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cerrno>

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

using Event = std::optional<KernelEvent>;

KernelError damaged(std::string what) {
    return {EBADMSG, std::move(what)};
}

std::optional<Family> family_of(std::uint8_t family) {
    if (family == AF_INET) return Family::V4;
    if (family == AF_INET6) return Family::V6;
    return std::nullopt;
}

// An attribute that holds an address of this family.
Decoded<std::optional<Address>> address_of(const Attributes& attributes, std::uint16_t type,
                                           Family family) {
    if (!attributes.has(type)) return std::nullopt;
    const auto address = Address::from_octets(attributes.get(type));
    if (!address || address->family() != family)
        return std::unexpected{damaged("the kernel's address has the wrong length")};
    return *address;
}

// Leads packets somewhere.
bool is_passable(std::uint8_t route_type) {
    return route_type == RTN_UNICAST || route_type == RTN_LOCAL || route_type == RTN_ANYCAST ||
           route_type == RTN_BROADCAST || route_type == RTN_MULTICAST;
}

Decoded<Event> address_changed(View payload, bool added) {
    const auto own = TRY(decode_own_address(payload));
    if (!own) return std::nullopt;
    return AddressChanged{own->address, own->interface_index, added};
}

Decoded<Event> route_changed(View payload, bool added) {
    const auto [body, attributes] = TRY(parse_body<rtmsg>(payload, kRouteAttributes));
    const auto family = family_of(body.rtm_family);
    const std::uint32_t table = attributes.value<std::uint32_t>(RTA_TABLE).value_or(body.rtm_table);
    const bool cached = (body.rtm_flags & RTM_F_CLONED) != 0;
    if (!family || table == RT_TABLE_LOCAL || cached || body.rtm_type == RTN_MULTICAST ||
        body.rtm_type == RTN_LOCAL || body.rtm_type == RTN_BROADCAST)
        return std::nullopt;
    const auto address = TRY(address_of(attributes, RTA_DST, *family));
    const auto destination =
        Prefix::make(address.value_or(Address::any(*family)), body.rtm_dst_len);
    if (!destination)
        return std::unexpected{damaged("the kernel's route has an impossible prefix length")};
    return RouteChanged{*destination, added};
}

Decoded<Event> link_changed(View payload, bool deleted) {
    const auto link = read_structure<ifinfomsg>(payload);
    if (!link) return std::unexpected{damaged("the kernel's link message is too short")};
    const bool went_down = (link->ifi_change & IFF_UP) != 0 && (link->ifi_flags & IFF_UP) == 0;
    if (!deleted && !went_down) return std::nullopt;
    return RouteChanged{Prefix::any(Family::V4), false};
}

}  // namespace

Encoded encode_dump_addresses() {
    MessageBuilder builder{RTM_GETADDR, NLM_F_DUMP, kAddressAttributes};
    builder.body(ifaddrmsg{});
    return builder.finish();
}

Decoded<std::optional<OwnAddress>> decode_own_address(View payload) {
    const auto [body, attributes] = TRY(parse_body<ifaddrmsg>(payload, kAddressAttributes));
    const auto family = family_of(body.ifa_family);
    if (!family) return std::nullopt;
    const std::uint32_t flags = attributes.value<std::uint32_t>(IFA_FLAGS).value_or(body.ifa_flags);
    const bool optimistic = (flags & IFA_F_OPTIMISTIC) != 0;
    if ((flags & IFA_F_DADFAILED) != 0 || ((flags & IFA_F_TENTATIVE) != 0 && !optimistic))
        return std::nullopt;
    // On a point-to-point link IFA_ADDRESS is the other end's and IFA_LOCAL ours; IPv6 often has
    // IFA_ADDRESS alone.
    const auto local = TRY(address_of(attributes, IFA_LOCAL, *family));
    const auto address = local ? local : TRY(address_of(attributes, IFA_ADDRESS, *family));
    if (!address) return std::nullopt;
    return OwnAddress{*address, body.ifa_prefixlen, body.ifa_index};
}

Encoded encode_route_lookup(const Address& destination, const std::optional<Address>& source) {
    if (source && source->family() != destination.family())
        return std::unexpected{
            KernelError{EINVAL, "a route's source and destination must be of one address family"}};
    rtmsg body{};
    body.rtm_family = destination.is_v4() ? AF_INET : AF_INET6;
    body.rtm_dst_len = static_cast<std::uint8_t>(destination.bits());
    body.rtm_src_len = source ? static_cast<std::uint8_t>(source->bits()) : std::uint8_t{0};
    MessageBuilder builder{RTM_GETROUTE, NLM_F_ACK, kRouteAttributes};
    builder.body(body);
    builder.attribute(RTA_DST, destination.octets());
    if (source) builder.attribute(RTA_SRC, source->octets());
    return builder.finish();
}

Decoded<Route> decode_route(View payload) {
    const auto [body, attributes] = TRY(parse_body<rtmsg>(payload, kRouteAttributes));
    const auto family = family_of(body.rtm_family);
    if (!family) return std::unexpected{damaged("the kernel's route is of another address family")};
    if (!is_passable(body.rtm_type))
        return std::unexpected{KernelError{ENETUNREACH, "the route leads nowhere"}};
    Route route;
    route.source =
        TRY(address_of(attributes, RTA_PREFSRC, *family)).value_or(Address::any(*family));
    route.gateway = TRY(address_of(attributes, RTA_GATEWAY, *family));
    route.interface_index = attributes.value<std::uint32_t>(RTA_OIF).value_or(0);
    route.local = body.rtm_type == RTN_LOCAL;
    return route;
}

std::uint32_t route_event_groups() {
    return group_bit(RTNLGRP_LINK) | group_bit(RTNLGRP_IPV4_IFADDR) |
           group_bit(RTNLGRP_IPV6_IFADDR) | group_bit(RTNLGRP_IPV4_ROUTE) |
           group_bit(RTNLGRP_IPV6_ROUTE);
}

Decoded<std::optional<KernelEvent>> decode_route_event(const MessageView& message) {
    switch (message.type) {
        case RTM_NEWADDR: return address_changed(message.payload, true);
        case RTM_DELADDR: return address_changed(message.payload, false);
        case RTM_NEWROUTE: return route_changed(message.payload, true);
        case RTM_DELROUTE: return route_changed(message.payload, false);
        case RTM_NEWLINK: return link_changed(message.payload, false);
        case RTM_DELLINK: return link_changed(message.payload, true);
        default: return std::nullopt;
    }
}

}  // namespace xfrmd::netlink
