// SPDX-License-Identifier: Apache-2.0
#include "netlink/xfrm_event.h"

#include <linux/xfrm.h>

#include <cerrno>

#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

using Event = std::optional<KernelEvent>;

// The ends of the wanted SA have the family of its template, which in a tunnel may differ from the
// packet's.
Family family_of_ends(const PolicySpec& policy, IpsecProtocol wanted) {
    for (const Template& candidate : policy.templates)
        if (candidate.protocol == wanted) return candidate.destination.family();
    return policy.id.selector.family();
}

Decoded<Event> acquire(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_acquire>(payload, kXfrmAttributes));
    PolicyInfo policy = TRY(policy_from_kernel(body.policy, attributes));
    Acquire event;
    event.sequence = body.seq;
    event.protocol = TRY(protocol_from_kernel(body.id.proto));
    const Family family = family_of_ends(policy.spec, event.protocol);
    event.source = address_from_kernel(body.saddr, family);
    event.destination = address_from_kernel(body.id.daddr, family);
    event.packet = TRY(selector_from_kernel(body.sel));
    event.policy = std::move(policy.spec);
    event.policy_index = policy.index;
    return event;
}

// xfrm_user_expire is xfrm_usersa_info with one octet behind it, then the attributes.
Decoded<Event> sa_expired(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_expire>(payload, kXfrmAttributes));
    if (body.state.id.spi == 0) return std::nullopt;
    const Family family = TRY(family_from_kernel(body.state.family));
    SaExpired event;
    event.id = {address_from_kernel(body.state.saddr, family),
                address_from_kernel(body.state.id.daddr, family),
                TRY(protocol_from_kernel(body.state.id.proto)),
                EspSpi{from_network(body.state.id.spi)}, mark_of(attributes)};
    event.reqid = ReqId{body.state.reqid};
    event.mode = TRY(mode_from_kernel(body.state.mode));
    event.hard = body.hard != 0;
    event.usage = usage_from_kernel(body.state.curlft);
    return event;
}

Decoded<Event> policy_expired(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_polexpire>(payload, kXfrmAttributes));
    const PolicyInfo policy = TRY(policy_from_kernel(body.pol, attributes));
    return PolicyExpired{policy.spec.id, body.hard != 0};
}

Decoded<Event> mapping_changed(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_mapping>(payload, kXfrmAttributes));
    const Family family = TRY(family_from_kernel(body.id.family));
    MappingChanged event;
    event.id = {address_from_kernel(body.old_saddr, family),
                address_from_kernel(body.id.daddr, family),
                TRY(protocol_from_kernel(body.id.proto)), EspSpi{from_network(body.id.spi)},
                mark_of(attributes)};
    event.reqid = ReqId{body.reqid};
    event.before = {address_from_kernel(body.old_saddr, family), from_network(body.old_sport)};
    event.after = {address_from_kernel(body.new_saddr, family), from_network(body.new_sport)};
    return event;
}

Decoded<Event> decode(const MessageView& message) {
    switch (message.type) {
        case XFRM_MSG_ACQUIRE: return acquire(message.payload);
        case XFRM_MSG_EXPIRE: return sa_expired(message.payload);
        case XFRM_MSG_POLEXPIRE: return policy_expired(message.payload);
        case XFRM_MSG_MAPPING: return mapping_changed(message.payload);
        default: return std::nullopt;
    }
}

}  // namespace

std::uint32_t xfrm_event_groups() {
    // Policy expiries come in the group of SA expiries.
    return group_bit(XFRMNLGRP_ACQUIRE) | group_bit(XFRMNLGRP_EXPIRE) |
           group_bit(XFRMNLGRP_MAPPING);
}

Decoded<std::optional<KernelEvent>> decode_xfrm_event(const MessageView& message) {
    auto event = decode(message);
    if (!event && event.error().error_number == EOPNOTSUPP) return std::nullopt;
    return event;
}

}  // namespace xfrmd::netlink
