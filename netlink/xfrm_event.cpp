// SPDX-License-Identifier: Apache-2.0
#include "netlink/xfrm_event.h"

#include <linux/xfrm.h>

#include <cerrno>

#include "netlink/decode_notice.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

using Event = std::optional<KernelEvent>;

// Each is EOPNOTSUPP for what our values cannot say.

Decoded<Event> event_of(const notice::Acquire& told) {
    PolicyInfo policy = TRY(policy_from_stored(told.policy));
    Acquire event;
    event.sequence = told.sequence;
    event.protocol = TRY(protocol_from_kernel(told.protocol));
    event.source = told.source;
    event.destination = told.destination;
    event.packet = TRY(clean_selector(told.packet));
    event.policy = std::move(policy.spec);
    event.policy_index = policy.index;
    return event;
}

Decoded<Event> event_of(const notice::SaExpired& told) {
    const StoredSa& sa = told.sa;
    if (sa.spi == EspSpi{}) return std::nullopt;
    SaExpired event;
    event.id = {sa.source, sa.destination, TRY(protocol_from_kernel(sa.protocol)), sa.spi, sa.mark};
    event.reqid = sa.reqid;
    event.mode = TRY(mode_from_kernel(sa.mode));
    event.hard = told.hard;
    event.usage = sa.usage;
    return event;
}

Decoded<Event> event_of(const notice::PolicyExpired& told) {
    const PolicyInfo policy = TRY(policy_from_stored(told.policy));
    return PolicyExpired{policy.spec.id, told.hard};
}

Decoded<Event> event_of(const notice::MappingChanged& told) {
    MappingChanged event;
    event.id = {told.before.address, told.destination, TRY(protocol_from_kernel(told.protocol)),
                told.spi, told.mark};
    event.reqid = told.reqid;
    event.before = told.before;
    event.after = told.after;
    return event;
}

template <class OtherNotice>
Decoded<Event> event_of(const OtherNotice&) {
    return std::nullopt;
}

bool is_of_concern(std::uint16_t type) {
    return type == XFRM_MSG_ACQUIRE || type == XFRM_MSG_EXPIRE || type == XFRM_MSG_POLEXPIRE ||
           type == XFRM_MSG_MAPPING;
}

Decoded<Event> decode(const MessageView& message) {
    if (!is_of_concern(message.type)) return std::nullopt;
    const Notice notice = TRY(decode_notice(message, Keys::Skip));
    return std::visit([](const auto& told) { return event_of(told); }, notice);
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
