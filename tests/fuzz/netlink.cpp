// SPDX-License-Identifier: Apache-2.0
// Datagrams of the kernel.
// Every decoder sees them. An SA or a policy that decodes must encode, unless the structures cannot
// hold it, and what was encoded must decode as itself.
#include <netinet/in.h>

#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <sys/socket.h>

#include "netlink/decode_notice.h"
#include "netlink/decode_stored.h"
#include "netlink/rtnl.h"
#include "netlink/socket.h"
#include "netlink/xfrm_event.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_settings.h"
#include "netlink/xfrm_values.h"
#include "tests/fuzz/target.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::fuzz {

namespace {

using namespace netlink;
using tests::payload_of;

void check_sa(View payload) {
    const auto skipped = decode_sa(payload, Keys::Skip);
    const auto read = decode_sa(payload, Keys::Read);
    require(skipped.has_value() == read.has_value(), "whether an SA decodes depends on its keys");
    const auto stored = decode_stored_sa(payload, Keys::Read);
    require(stored.has_value() || !read, "an SA decodes in part but not in full");
    if (!read) return;
    const auto written = encode_install_sa(read->spec, SaEntry::New);
    if (!written) return;
    const auto again = decode_sa(payload_of(*written), Keys::Read);
    require(again.has_value(), "an SA that was encoded does not decode");
    const auto rewritten = encode_install_sa(again->spec, SaEntry::New);
    require(rewritten && equal(written->view(), rewritten->view()),
            "an SA encodes differently the second time");
}

void check_policy(View payload) {
    const auto read = decode_policy(payload);
    const auto stored = decode_stored_policy(payload);
    require(stored.has_value() || !read, "a policy decodes in part but not in full");
    if (!read) return;
    const auto written = encode_install_policy(read->spec, PolicyEntry::New);
    if (!written) return;
    const auto again = decode_policy(payload_of(*written));
    require(again.has_value(), "a policy that was encoded does not decode");
    const auto rewritten = encode_install_policy(again->spec, PolicyEntry::New);
    require(rewritten && equal(written->view(), rewritten->view()),
            "a policy encodes differently the second time");
}

void check_message(const MessageView& message) {
    const auto event = decode_xfrm_event(message);
    const auto notice = decode_notice(message, Keys::Read);
    require(notice.has_value() || !event || !*event, "an event decodes that is no notice");
    (void)decode_route_event(message);
    (void)decode_refusal(message);
    (void)decode_own_address(message.payload);
    (void)decode_route(message.payload);
    (void)decode_defaults(message.payload);
    (void)decode_sa_buckets(message.payload);
    for (const View place : key_octets(message))
        require(place.data() >= message.payload.data() &&
                    place.data() + place.size() <= message.payload.data() + message.payload.size(),
                "a key lies outside its message");
    check_sa(message.payload);
    check_policy(message.payload);
}

// ---- Seeds

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

std::vector<Bytes> seeds() {
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

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace xfrmd;
    netlink::MessageReader reader{View{data, size}};
    while (const auto message = reader.next()) fuzz::check_message(*message);
    fuzz::check_sa({data, size});
    fuzz::check_policy({data, size});
    return 0;
}
