// SPDX-License-Identifier: Apache-2.0
#include "netlink/decode_notice.h"

#include <linux/xfrm.h>

#include <cerrno>
#include <utility>

#include "netlink/decode_stored.h"
#include "netlink/xfrm_values.h"

namespace xfrmd::netlink {

using namespace xfrm;

namespace {

using Read = Decoded<Notice>;

std::unexpected<KernelError> damaged(std::string what) {
    return std::unexpected{KernelError{EBADMSG, std::move(what)}};
}

// The ends of the wanted SA have the family of its template, which in a tunnel may differ from the
// packet's.
Family family_of_ends(const StoredPolicy& policy, std::uint8_t wanted) {
    for (const StoredTemplate& candidate : policy.templates)
        if (candidate.protocol == wanted) return candidate.destination.family();
    return policy.selector.family();
}

Read acquire(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_acquire>(payload, kXfrmAttributes));
    StoredPolicy policy = TRY(stored_policy_from_kernel(body.policy, attributes));
    const Selector packet = TRY(stored_selector_from_kernel(body.sel));
    const Family family = family_of_ends(policy, body.id.proto);
    return notice::Acquire{.sequence = body.seq,
                           .protocol = body.id.proto,
                           .spi = EspSpi{from_network(body.id.spi)},
                           .source = address_from_kernel(body.saddr, family),
                           .destination = address_from_kernel(body.id.daddr, family),
                           .packet = packet,
                           .policy = std::move(policy)};
}

Read sa_changed(View payload, notice::Change change, Keys keys) {
    return notice::SaChanged{change, TRY(decode_stored_sa(payload, keys))};
}

// The fixed part names the SA only; what it was stands in an attribute, and beside it.
Read sa_deleted(View payload, Keys keys) {
    const auto [id, attributes] = TRY(parse_body<xfrm_usersa_id>(payload, kXfrmAttributes));
    const auto info = attributes.value<xfrm_usersa_info>(XFRMA_SA);
    if (!info) return damaged("the kernel tells of a deleted SA without saying which");
    return notice::SaChanged{notice::Change::Deleted,
                             TRY(stored_sa_from_kernel(*info, attributes, keys))};
}

Read sa_expired(View payload, Keys keys) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_expire>(payload, kXfrmAttributes));
    return notice::SaExpired{TRY(stored_sa_from_kernel(body.state, attributes, keys)),
                             body.hard != 0};
}

Read sas_flushed(View payload) {
    const auto body = read_structure<xfrm_usersa_flush>(payload);
    if (!body) return damaged("the kernel's message is too short");
    return notice::SasFlushed{body->proto};
}

Read policy_changed(View payload, notice::Change change) {
    return notice::PolicyChanged{change, TRY(decode_stored_policy(payload))};
}

Read policy_deleted(View payload) {
    const auto [id, attributes] = TRY(parse_body<xfrm_userpolicy_id>(payload, kXfrmAttributes));
    const auto info = attributes.value<xfrm_userpolicy_info>(XFRMA_POLICY);
    if (!info) return damaged("the kernel tells of a deleted policy without saying which");
    return notice::PolicyChanged{notice::Change::Deleted,
                                 TRY(stored_policy_from_kernel(*info, attributes))};
}

Read policy_expired(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_polexpire>(payload, kXfrmAttributes));
    return notice::PolicyExpired{TRY(stored_policy_from_kernel(body.pol, attributes)),
                                 body.hard != 0};
}

std::uint8_t policy_type_of(const Attributes& attributes) {
    const auto type = attributes.value<xfrm_userpolicy_type>(XFRMA_POLICY_TYPE);
    return type ? type->type : std::uint8_t{XFRM_POLICY_TYPE_MAIN};
}

Read policies_flushed(View payload) {
    const Attributes attributes = TRY(Attributes::parse(payload, kXfrmAttributes));
    return notice::PoliciesFlushed{policy_type_of(attributes)};
}

Read defaults_changed(View payload) {
    const auto body = read_structure<xfrm_userpolicy_default>(payload);
    if (!body) return damaged("the kernel's message is too short");
    return notice::DefaultsChanged{body->in, body->fwd, body->out};
}

Read counters_told(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_aevent_id>(payload, kXfrmAttributes));
    const Family family = TRY(family_from_kernel(body.sa_id.family));
    const auto usage = attributes.value<xfrm_lifetime_cur>(XFRMA_LTIME_VAL);
    return notice::CountersTold{
        .source = address_from_kernel(body.saddr, family),
        .destination = address_from_kernel(body.sa_id.daddr, family),
        .protocol = body.sa_id.proto,
        .spi = EspSpi{from_network(body.sa_id.spi)},
        .mark = mark_of(attributes),
        .reqid = ReqId{body.reqid},
        .flags = body.flags,
        .replay = replay_from_kernel(attributes, 0),
        .usage = usage ? std::optional{usage_from_kernel(*usage)} : std::nullopt,
        .replay_threshold = attributes.value<std::uint32_t>(XFRMA_REPLAY_THRESH),
        .timer_threshold = attributes.value<std::uint32_t>(XFRMA_ETIMER_THRESH)};
}

Read report(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_report>(payload, kXfrmAttributes));
    const Selector packet = TRY(stored_selector_from_kernel(body.sel));
    notice::Report told{.protocol = body.proto, .packet = packet, .care_of = {}};
    if (const auto care_of = attributes.value<xfrm_address_t>(XFRMA_COADDR))
        told.care_of = address_from_kernel(*care_of, packet.family());
    return told;
}

Decoded<notice::MigrationStep> migration_step(View octets) {
    const auto step = read_structure<xfrm_user_migrate>(octets);
    if (!step) return damaged("the kernel's message ends in half a migration");
    const Family before = TRY(family_from_kernel(step->old_family));
    const Family after = TRY(family_from_kernel(step->new_family));
    return notice::MigrationStep{.protocol = step->proto,
                                 .mode = step->mode,
                                 .reqid = ReqId{step->reqid},
                                 .old_source = address_from_kernel(step->old_saddr, before),
                                 .old_destination = address_from_kernel(step->old_daddr, before),
                                 .new_source = address_from_kernel(step->new_saddr, after),
                                 .new_destination = address_from_kernel(step->new_daddr, after)};
}

Read migrated(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_userpolicy_id>(payload, kXfrmAttributes));
    const Selector selector = TRY(stored_selector_from_kernel(body.sel));
    notice::Migrated told{.selector = selector,
                          .direction = body.dir,
                          .type = policy_type_of(attributes),
                          .steps = {},
                          .encapsulation = {}};
    // One attribute for each step, so all of them count.
    for (View steps : attributes_of(payload.subspan(sizeof body), XFRMA_MIGRATE))
        for (; !steps.empty(); steps = steps.subspan(sizeof(xfrm_user_migrate)))
            told.steps.push_back(TRY(migration_step(steps)));
    told.encapsulation = encapsulation_from_kernel(
        attributes,
        told.steps.empty() ? selector.family() : told.steps[0].new_destination.family());
    return told;
}

Read mapping_changed(View payload) {
    const auto [body, attributes] = TRY(parse_body<xfrm_user_mapping>(payload, kXfrmAttributes));
    const Family family = TRY(family_from_kernel(body.id.family));
    return notice::MappingChanged{
        .destination = address_from_kernel(body.id.daddr, family),
        .protocol = body.id.proto,
        .spi = EspSpi{from_network(body.id.spi)},
        .mark = mark_of(attributes),
        .reqid = ReqId{body.reqid},
        .before = {address_from_kernel(body.old_saddr, family), from_network(body.old_sport)},
        .after = {address_from_kernel(body.new_saddr, family), from_network(body.new_sport)}};
}

}  // namespace

std::uint32_t every_xfrm_group() {
    std::uint32_t groups = 0;
    for (unsigned group = XFRMNLGRP_ACQUIRE; group <= XFRMNLGRP_MAX; ++group)
        groups |= group_bit(group);
    return groups;
}

Decoded<Notice> decode_notice(const MessageView& message, Keys keys) {
    const View payload = message.payload;
    switch (message.type) {
        case XFRM_MSG_ACQUIRE:
            return acquire(payload);
        case XFRM_MSG_NEWSA:
            return sa_changed(payload, notice::Change::Added, keys);
        case XFRM_MSG_UPDSA:
            return sa_changed(payload, notice::Change::Updated, keys);
        case XFRM_MSG_DELSA:
            return sa_deleted(payload, keys);
        case XFRM_MSG_EXPIRE:
            return sa_expired(payload, keys);
        case XFRM_MSG_FLUSHSA:
            return sas_flushed(payload);
        case XFRM_MSG_NEWPOLICY:
            return policy_changed(payload, notice::Change::Added);
        case XFRM_MSG_UPDPOLICY:
            return policy_changed(payload, notice::Change::Updated);
        case XFRM_MSG_DELPOLICY:
            return policy_deleted(payload);
        case XFRM_MSG_POLEXPIRE:
            return policy_expired(payload);
        case XFRM_MSG_FLUSHPOLICY:
            return policies_flushed(payload);
        case XFRM_MSG_GETDEFAULT:
            return defaults_changed(payload);
        case XFRM_MSG_NEWAE:
            return counters_told(payload);
        case XFRM_MSG_REPORT:
            return report(payload);
        case XFRM_MSG_MIGRATE:
            return migrated(payload);
        case XFRM_MSG_MAPPING:
            return mapping_changed(payload);
        default:
            return notice::Other{message.type, payload.size(), {}};
    }
}

Notice notice_of(const MessageView& message, Keys keys) {
    auto read = decode_notice(message, keys);
    if (read) return *std::move(read);
    return notice::Other{message.type, message.payload.size(), std::move(read.error().what)};
}

}  // namespace xfrmd::netlink
