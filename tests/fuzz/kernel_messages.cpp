// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "tests/fuzz/kernel_messages.h"

#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <sys/socket.h>

#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_values.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::fuzz {

namespace {

using namespace netlink;
using tests::payload_of;

Bytes message(std::uint16_t type, View payload) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload.size());
    Bytes octets = to_bytes(octets_of(header));
    append(octets, payload);
    return octets;
}

Bytes acquire(const xfrm::PolicySpec& policy) {
    const auto written = encode_install_policy(policy, PolicyEntry::New).value();
    xfrm_user_acquire body{};
    body.id.daddr = to_kernel(policy.templates[0].destination);
    body.id.proto = to_kernel(policy.templates[0].protocol);
    body.saddr = to_kernel(policy.templates[0].source);
    body.sel = to_kernel(policy.id.selector);
    body.policy = read_structure<xfrm_userpolicy_info>(payload_of(written)).value();
    body.seq = 17;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, payload_of(written).subspan(sizeof(xfrm_userpolicy_info)));
    return message(XFRM_MSG_ACQUIRE, octets);
}

Bytes expire(const xfrm::SaSpec& spec) {
    const auto written = encode_install_sa(spec, SaEntry::New).value();
    xfrm_user_expire body{};
    body.state = read_structure<xfrm_usersa_info>(payload_of(written)).value();
    body.hard = 1;
    return message(XFRM_MSG_EXPIRE, octets_of(body));
}

Bytes mapping() {
    xfrm_user_mapping body{};
    body.id.daddr = to_kernel(kernel_contract::own(xfrm::Family::V4));
    body.id.family = AF_INET;
    body.id.proto = IPPROTO_ESP;
    body.id.spi = 0x01020304;
    body.new_sport = 0x9411;
    return message(XFRM_MSG_MAPPING, octets_of(body));
}

// Told of what is no longer there: the whole of it in an attribute.
Bytes deleted_sa(const xfrm::SaSpec& spec) {
    const auto written = encode_install_sa(spec, SaEntry::New).value();
    xfrm_usersa_id id{};
    id.family = AF_INET;
    Bytes octets = to_bytes(octets_of(id));
    append(octets, tests::attribute(XFRMA_SA, payload_of(written).first(sizeof(xfrm_usersa_info))));
    append(octets, payload_of(written).subspan(sizeof(xfrm_usersa_info)));
    return message(XFRM_MSG_DELSA, octets);
}

Bytes deleted_policy(const xfrm::PolicySpec& policy) {
    const auto written = encode_install_policy(policy, PolicyEntry::New).value();
    Bytes octets = to_bytes(octets_of(xfrm_userpolicy_id{}));
    append(octets,
           tests::attribute(XFRMA_POLICY, payload_of(written).first(sizeof(xfrm_userpolicy_info))));
    append(octets, payload_of(written).subspan(sizeof(xfrm_userpolicy_info)));
    return message(XFRM_MSG_DELPOLICY, octets);
}

Bytes counters() {
    xfrm_aevent_id body{};
    body.sa_id.family = AF_INET;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, tests::attribute_of(XFRMA_REPLAY_VAL, xfrm_replay_state{9, 8, 0xff}));
    append(octets, tests::attribute_of(XFRMA_LTIME_VAL, xfrm_lifetime_cur{1, 2, 3, 4}));
    return message(XFRM_MSG_NEWAE, octets);
}

Bytes migrated() {
    xfrm_userpolicy_id body{};
    body.sel.family = AF_INET;
    xfrm_user_migrate step{};
    step.old_family = AF_INET;
    step.new_family = AF_INET6;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, tests::attribute_of(XFRMA_MIGRATE, step));
    append(octets, tests::attribute_of(XFRMA_MIGRATE, step));
    return message(XFRM_MSG_MIGRATE, octets);
}

Bytes report() {
    xfrm_user_report body{};
    body.sel.family = AF_INET6;
    return message(XFRM_MSG_REPORT, octets_of(body));
}

// What few SAs have, all at once.
Bytes decorated_sa() {
    const auto written =
        encode_install_sa(kernel_contract::outbound(xfrm::Family::V4), SaEntry::New).value();
    Bytes octets = to_bytes(payload_of(written));
    append(octets,
           tests::attribute(XFRMA_SEC_CTX, tests::from_hex("0c00 0800 01 01 0400 61626300")));
    append(octets, tests::attribute_of(XFRMA_COADDR, to_kernel(tests::address("192.0.2.9"))));
    append(octets, tests::attribute_of(XFRMA_OFFLOAD_DEV, xfrm_user_offload{3, 4}));
    append(octets, tests::attribute_of(XFRMA_SET_MARK, std::uint32_t{5}));
    append(octets, tests::attribute_of(XFRMA_SA_DIR, std::uint8_t{2}));
    append(octets, tests::attribute_of(XFRMA_TFCPAD, std::uint32_t{1500}));
    append(octets, tests::attribute(40, tests::from_hex("0102030405060708")));
    return message(XFRM_MSG_NEWSA, octets);
}

Bytes route() {
    rtmsg body{};
    body.rtm_family = AF_INET;
    body.rtm_table = RT_TABLE_MAIN;
    body.rtm_type = RTN_UNICAST;
    Bytes octets = to_bytes(octets_of(body));
    append(octets, tests::attribute(RTA_DST, tests::address("198.51.100.1").octets()));
    append(octets, tests::attribute(RTA_PREFSRC, tests::address("192.0.2.1").octets()));
    append(octets, tests::attribute_of(RTA_OIF, std::uint32_t{4}));
    return message(RTM_NEWROUTE, octets);
}

}  // namespace

std::vector<Bytes> kernel_messages() {
    std::vector<Bytes> all{mapping(), route(), counters(), migrated(), report(), decorated_sa()};
    for (const xfrm::SaSpec& spec : kernel_contract::sa_catalogue()) {
        all.push_back(to_bytes(encode_install_sa(spec, SaEntry::New).value().view()));
        all.push_back(expire(spec));
        all.push_back(deleted_sa(spec));
    }
    for (const xfrm::PolicySpec& spec : kernel_contract::policy_catalogue()) {
        all.push_back(to_bytes(encode_install_policy(spec, PolicyEntry::New).value().view()));
        all.push_back(deleted_policy(spec));
        if (!spec.templates.empty()) all.push_back(acquire(spec));
    }
    // Several in one datagram.
    all.push_back(all[0]);
    append(all.back(), all[1]);
    return all;
}

}  // namespace xfrmd::fuzz
