// SPDX-License-Identifier: Apache-2.0
// Everything that the kernel multicasts about XFRM.
#include <catch2/catch_test_macros.hpp>

#include <linux/xfrm.h>
#include <netinet/in.h>

#include "netlink/decode_notice.h"
#include "netlink/xfrm_policy.h"
#include "netlink/xfrm_sa.h"
#include "netlink/xfrm_values.h"
#include "tests/kernel/contract_parts.h"
#include "tests/unit/netlink/samples.h"

namespace xfrmd::netlink::tests {

using namespace xfrm;
using kernel_contract::sa_catalogue;
using kernel_contract::tunnel_policies;

namespace {

Notice told(std::uint16_t type, View payload) {
    return notice_of({.type = type, .flags = 0, .sequence = 0, .payload = payload}, Keys::Skip);
}

template <class Kind>
Kind told_as(std::uint16_t type, View payload) {
    Notice notice = told(type, payload);
    REQUIRE(std::holds_alternative<Kind>(notice));
    return std::get<Kind>(std::move(notice));
}

Bytes sa_payload() {
    return to_bytes(payload_of(*encode_install_sa(sa_catalogue().at(1), SaEntry::New)));
}
Bytes policy_payload() {
    return to_bytes(
        payload_of(*encode_install_policy(tunnel_policies(Family::V4)[0], PolicyEntry::New)));
}

xfrm_usersa_info sa_info() {
    return read_structure<xfrm_usersa_info>(sa_payload()).value();
}
xfrm_userpolicy_info policy_info() {
    return read_structure<xfrm_userpolicy_info>(policy_payload()).value();
}

// What stands behind the fixed part of a payload.
Bytes attributes_behind(View payload, std::size_t fixed) {
    return to_bytes(payload.subspan(fixed));
}

template <class Structure>
Bytes octets_with(const Structure& fixed, View attributes = {}) {
    Bytes octets = to_bytes(octets_of(fixed));
    octets.resize((octets.size() + 3) & ~std::size_t{3});
    append(octets, attributes);
    return octets;
}

Bytes migration(const char* before, const char* after) {
    xfrm_user_migrate step{};
    step.old_saddr = to_kernel(address("192.0.2.1"));
    step.old_daddr = to_kernel(address(before));
    step.new_saddr = to_kernel(address("192.0.2.1"));
    step.new_daddr = to_kernel(address(after));
    step.proto = IPPROTO_ESP;
    step.mode = XFRM_MODE_TUNNEL;
    step.reqid = 7;
    step.old_family = step.new_family = AF_INET;
    return attribute_of(XFRMA_MIGRATE, step);
}

// One of each kind, as the kernel sends them.
std::vector<std::pair<std::uint16_t, Bytes>> one_of_each() {
    std::vector<std::pair<std::uint16_t, Bytes>> all;
    all.emplace_back(XFRM_MSG_NEWSA, sa_payload());
    xfrm_usersa_id sa_id{};
    sa_id.family = AF_INET;
    Bytes deleted_sa = attribute_of(XFRMA_SA, sa_info());
    append(deleted_sa, attributes_behind(sa_payload(), sizeof(xfrm_usersa_info)));
    all.emplace_back(XFRM_MSG_DELSA, octets_with(sa_id, deleted_sa));
    xfrm_user_expire expire{};
    expire.state = sa_info();
    expire.hard = 1;
    all.emplace_back(XFRM_MSG_EXPIRE,
                     octets_with(expire, attribute_of(XFRMA_MARK, xfrm_mark{5, 0xff})));
    all.emplace_back(XFRM_MSG_FLUSHSA, octets_with(xfrm_usersa_flush{IPPROTO_AH}));
    all.emplace_back(XFRM_MSG_NEWPOLICY, policy_payload());
    xfrm_userpolicy_id policy_id{};
    Bytes deleted_policy = attribute_of(XFRMA_POLICY, policy_info());
    append(deleted_policy, attributes_behind(policy_payload(), sizeof(xfrm_userpolicy_info)));
    all.emplace_back(XFRM_MSG_DELPOLICY, octets_with(policy_id, deleted_policy));
    xfrm_user_polexpire policy_expire{};
    policy_expire.pol = policy_info();
    all.emplace_back(XFRM_MSG_POLEXPIRE, octets_with(policy_expire));
    all.emplace_back(XFRM_MSG_FLUSHPOLICY,
                     attribute_of(XFRMA_POLICY_TYPE, xfrm_userpolicy_type{1, 0, 0}));
    all.emplace_back(XFRM_MSG_GETDEFAULT, octets_with(xfrm_userpolicy_default{1, 2, 1}));

    xfrm_user_acquire acquire{};
    acquire.id.proto = IPPROTO_ESP;
    acquire.id.daddr = to_kernel(address("192.0.2.2"));
    acquire.saddr = to_kernel(address("192.0.2.1"));
    acquire.sel = policy_info().sel;
    acquire.policy = policy_info();
    acquire.seq = 17;
    all.emplace_back(
        XFRM_MSG_ACQUIRE,
        octets_with(acquire, attributes_behind(policy_payload(), sizeof(xfrm_userpolicy_info))));

    xfrm_aevent_id counters{};
    counters.sa_id = sa_id;
    counters.sa_id.daddr = to_kernel(address("192.0.2.2"));
    counters.sa_id.spi = to_network(std::uint32_t{0x1000});
    counters.sa_id.proto = IPPROTO_ESP;
    counters.saddr = to_kernel(address("192.0.2.1"));
    counters.flags = XFRM_AE_RVAL | XFRM_AE_LVAL | XFRM_AE_CR;
    counters.reqid = 7;
    Bytes values = attribute_of(XFRMA_REPLAY_VAL, xfrm_replay_state{9, 8, 0xff});
    append(values, attribute_of(XFRMA_LTIME_VAL, xfrm_lifetime_cur{1, 2, 3, 4}));
    append(values, attribute_of(XFRMA_REPLAY_THRESH, std::uint32_t{32}));
    append(values, attribute_of(XFRMA_ETIMER_THRESH, std::uint32_t{10}));
    all.emplace_back(XFRM_MSG_NEWAE, octets_with(counters, values));

    xfrm_user_report report{};
    report.proto = 60;
    report.sel = policy_info().sel;
    all.emplace_back(
        XFRM_MSG_REPORT,
        octets_with(report, attribute_of(XFRMA_COADDR, to_kernel(address("192.0.2.9")))));

    policy_id.sel = policy_info().sel;
    policy_id.dir = XFRM_POLICY_FWD;
    Bytes steps = migration("192.0.2.2", "192.0.2.3");
    append(steps, migration("192.0.2.4", "192.0.2.5"));
    all.emplace_back(XFRM_MSG_MIGRATE, octets_with(policy_id, steps));

    xfrm_user_mapping mapping{};
    mapping.id = counters.sa_id;
    mapping.reqid = 7;
    mapping.old_saddr = to_kernel(address("192.0.2.1"));
    mapping.old_sport = to_network(std::uint16_t{4500});
    mapping.new_saddr = to_kernel(address("192.0.2.7"));
    mapping.new_sport = to_network(std::uint16_t{34500});
    all.emplace_back(XFRM_MSG_MAPPING, octets_with(mapping));
    return all;
}

Bytes payload_for(std::uint16_t type) {
    for (auto& [each, payload] : one_of_each())
        if (each == type) return payload;
    FAIL("no sample of message type " << type);
    return {};
}

template <class Kind>
Kind sample(std::uint16_t type) {
    return told_as<Kind>(type, payload_for(type));
}

}  // namespace

TEST_CASE("SAs that come and go are told whole", "[netlink]") {
    const SaSpec spec = std::move(sa_catalogue().at(1));
    for (const auto& [type, change] : {std::pair{XFRM_MSG_NEWSA, notice::Change::Added},
                                       std::pair{XFRM_MSG_UPDSA, notice::Change::Updated},
                                       std::pair{XFRM_MSG_DELSA, notice::Change::Deleted}}) {
        const auto changed = told_as<notice::SaChanged>(
            type, payload_for(type == XFRM_MSG_UPDSA ? XFRM_MSG_NEWSA : type));
        CHECK(changed.change == change);
        CHECK(changed.sa.spi == spec.id.spi);
        CHECK(changed.sa.encryption.value().name == "cbc(aes)");
        CHECK(changed.sa.encryption.value().key.empty());
        CHECK(changed.sa.others.empty());
    }
}

TEST_CASE("keys in notices are read only when asked for", "[netlink]") {
    const Bytes payload = sa_payload();
    const Notice notice = notice_of(
        {.type = XFRM_MSG_NEWSA, .flags = 0, .sequence = 0, .payload = payload}, Keys::Read);
    CHECK(std::get<notice::SaChanged>(notice).sa.encryption.value().key.size() == 32);
}

TEST_CASE("policies that come and go are told whole", "[netlink]") {
    for (const auto& [type, change] : {std::pair{XFRM_MSG_NEWPOLICY, notice::Change::Added},
                                       std::pair{XFRM_MSG_UPDPOLICY, notice::Change::Updated},
                                       std::pair{XFRM_MSG_DELPOLICY, notice::Change::Deleted}}) {
        const auto changed = told_as<notice::PolicyChanged>(
            type, payload_for(type == XFRM_MSG_UPDPOLICY ? XFRM_MSG_NEWPOLICY : type));
        CHECK(changed.change == change);
        CHECK(changed.policy.selector == tunnel_policies(Family::V4)[0].id.selector);
        CHECK(changed.policy.templates.size() == 1);
        CHECK(changed.policy.others.empty());
    }
}

TEST_CASE("expiries say what, and whether for good", "[netlink]") {
    const auto expired = sample<notice::SaExpired>(XFRM_MSG_EXPIRE);
    CHECK(expired.hard);
    CHECK(expired.sa.spi == sa_catalogue().at(1).id.spi);
    CHECK(expired.sa.mark == Mark{5, 0xff});
    const auto policy = sample<notice::PolicyExpired>(XFRM_MSG_POLEXPIRE);
    CHECK_FALSE(policy.hard);
    CHECK(policy.policy.direction == XFRM_POLICY_OUT);
}

TEST_CASE("flushes say of what", "[netlink]") {
    CHECK(sample<notice::SasFlushed>(XFRM_MSG_FLUSHSA).protocol == IPPROTO_AH);
    CHECK(sample<notice::PoliciesFlushed>(XFRM_MSG_FLUSHPOLICY).type == 1);
    CHECK(told_as<notice::PoliciesFlushed>(XFRM_MSG_FLUSHPOLICY, {}).type == 0);
}

TEST_CASE("changed defaults are told by direction", "[netlink]") {
    const auto defaults = sample<notice::DefaultsChanged>(XFRM_MSG_GETDEFAULT);
    CHECK(defaults.in == 1);
    CHECK(defaults.forward == 2);
    CHECK(defaults.out == 1);
}

TEST_CASE("an acquire names the SA that is wanted, the packet and the policy", "[netlink]") {
    const auto acquire = sample<notice::Acquire>(XFRM_MSG_ACQUIRE);
    CHECK(acquire.sequence == 17);
    CHECK(acquire.protocol == IPPROTO_ESP);
    CHECK(acquire.source == address("192.0.2.1"));
    CHECK(acquire.destination == address("192.0.2.2"));
    CHECK(acquire.packet.destination == prefix("10.2.0.0/16"));
    CHECK(acquire.policy.templates.size() == 1);
}

TEST_CASE("counters are told as far as they are there", "[netlink]") {
    const auto counters = sample<notice::CountersTold>(XFRM_MSG_NEWAE);
    CHECK(counters.source == address("192.0.2.1"));
    CHECK(counters.destination == address("192.0.2.2"));
    CHECK(counters.protocol == IPPROTO_ESP);
    CHECK(counters.spi == EspSpi{0x1000});
    CHECK(counters.reqid == ReqId{7});
    CHECK(counters.flags == (XFRM_AE_RVAL | XFRM_AE_LVAL | XFRM_AE_CR));
    CHECK(counters.replay == ReplayState{false, 0, 8, 9, {0xff}});
    CHECK(counters.usage == LifetimeUsage{1, 2, 3, 4});
    CHECK(counters.replay_threshold == 32);
    CHECK(counters.timer_threshold == 10);
    xfrm_aevent_id bare{};
    bare.sa_id.family = AF_INET6;
    const auto nothing = told_as<notice::CountersTold>(XFRM_MSG_NEWAE, octets_of(bare));
    CHECK_FALSE(nothing.replay.has_value());
    CHECK_FALSE(nothing.usage.has_value());
}

TEST_CASE("reports of Mobile IPv6 are told", "[netlink]") {
    const auto report = sample<notice::Report>(XFRM_MSG_REPORT);
    CHECK(report.protocol == 60);
    CHECK(report.packet.source == prefix("10.1.0.0/16"));
    CHECK(report.care_of == address("192.0.2.9"));
}

TEST_CASE("each step of a migration is told", "[netlink]") {
    const auto migrated = sample<notice::Migrated>(XFRM_MSG_MIGRATE);
    CHECK(migrated.selector.source == prefix("10.1.0.0/16"));
    CHECK(migrated.direction == XFRM_POLICY_FWD);
    REQUIRE(migrated.steps.size() == 2);
    CHECK(migrated.steps[0].old_destination == address("192.0.2.2"));
    CHECK(migrated.steps[0].new_destination == address("192.0.2.3"));
    CHECK(migrated.steps[1].old_destination == address("192.0.2.4"));
    CHECK(migrated.steps[1].reqid == ReqId{7});
}

TEST_CASE("a changed mapping is told with both ends", "[netlink]") {
    const auto mapping = sample<notice::MappingChanged>(XFRM_MSG_MAPPING);
    CHECK(mapping.spi == EspSpi{0x1000});
    CHECK(mapping.before == Endpoint{address("192.0.2.1"), 4500});
    CHECK(mapping.after == Endpoint{address("192.0.2.7"), 34500});
}

TEST_CASE("what cannot be read, and what is not known, is told as such", "[netlink]") {
    const auto unknown = told_as<notice::Other>(77, from_hex("01020304"));
    CHECK(unknown.type == 77);
    CHECK(unknown.size == 4);
    CHECK(unknown.why.empty());
    for (const auto& [type, payload] : one_of_each()) {
        if (type == XFRM_MSG_FLUSHPOLICY) continue;  // has no fixed part
        const auto other = told_as<notice::Other>(type, {});
        CHECK(other.type == type);
        CHECK_FALSE(other.why.empty());
    }
    xfrm_usersa_id id{};
    CHECK(told_as<notice::Other>(XFRM_MSG_DELSA, octets_of(id)).why.contains("which"));
}

TEST_CASE("every group of XFRM is listened to", "[netlink]") {
    CHECK(every_xfrm_group() == 0xff);
}

TEST_CASE("decoding notices survives damage at every place", "[netlink]") {
    for (const auto& [type, payload] : one_of_each()) {
        std::size_t whole = 0;
        damage_everywhere(payload, [&](View damaged) {
            if (!std::holds_alternative<notice::Other>(told(type, damaged))) ++whole;
        });
        CHECK(whole > 0);
    }
}

}  // namespace xfrmd::netlink::tests
