// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/kernel_contract.h"

#include <array>
#include <cerrno>

#include "tests/kernel/choice_contract.h"
#include "tests/kernel/contract_parts.h"
#include "tests/kernel/migration_contract.h"
#include "tests/support/sa_spec_copy.h"

namespace xfrmd::kernel_contract {

namespace {

using namespace xfrm;
using namespace std::chrono_literals;

// ---- SPI reservations --------------------

void reserved_spis_are_distinct_larval_sas(KernelUnderTest& kernel) {
    for (const Family family : {Family::V4, Family::V6}) {
        const EspSpi first = reserve(kernel, family);
        const EspSpi second = reserve(kernel, family);
        CHECK(first.value >= 256);  // RFC 4303 §2.1
        CHECK(second.value >= 256);
        CHECK(first != second);
        const SaInfo larval = query(kernel, inbound_id(family, first));
        CHECK(larval.larval);
        CHECK(larval.spec.id == inbound_id(family, first));
        CHECK(larval.spec.reqid == kReqid);
    }
    CHECK(dump_sas(kernel).size() == 4);
}

void a_reserved_ipcomp_cpi_fits_sixteen_bits(KernelUnderTest& kernel) {
    const Family family = Family::V4;
    const auto answer = kernel.run(AllocateSpi{.source = peer(family),
                                               .destination = own(family),
                                               .protocol = IpsecProtocol::Ipcomp,
                                               .reqid = kReqid});
    REQUIRE(answer.has_value());
    const EspSpi cpi = std::get<EspSpi>(*answer);
    CHECK(cpi.value >= 256);  // RFC 3173 §3.3
    CHECK(cpi.value <= 61439);
}

void a_reservation_lapses_and_says_so(KernelUnderTest& kernel) {
    const EspSpi spi = reserve(kernel, Family::V4);
    kernel.pass_time(kernel.reservation_lifetime() + 3s);
    CHECK(dump_sas(kernel).empty());
    const auto expiries = only<SaExpired>(kernel.events());
    REQUIRE(expiries.size() == 1);
    CHECK(expiries[0].hard);
    CHECK(expiries[0].id == inbound_id(Family::V4, spi));
}

void a_lapsed_reservation_is_installed_all_the_same(KernelUnderTest& kernel) {
    const EspSpi spi = reserve(kernel, Family::V4);
    kernel.pass_time(kernel.reservation_lifetime() + 3s);
    REQUIRE(dump_sas(kernel).empty());
    InstallSas request;
    request.sas.push_back(inbound(Family::V4, spi));
    request.reserved = {true};
    require_done(kernel.run(std::move(request)));
    CHECK_FALSE(query(kernel, inbound_id(Family::V4, spi)).larval);
}

// ---- SAs --------------------

void a_pair_is_installed_queried_dumped_and_removed(KernelUnderTest& kernel) {
    for (const Family family : {Family::V4, Family::V6}) {
        const EspSpi spi = reserve(kernel, family);
        require_done(install_pair(kernel, family, spi));
        CHECK(dump_sas(kernel).size() == 2);

        const SaInfo in = query(kernel, inbound_id(family, spi));
        CHECK_FALSE(in.larval);
        check_same(inbound(family, spi), in.spec);
        CHECK(in.usage.packets == 0);
        CHECK(in.usage.bytes == 0);
        CHECK(in.usage.add_time != 0);
        CHECK(in.replay_errors == 0);
        CHECK(in.integrity_failures == 0);
        check_same(outbound(family), query(kernel, outbound_id(family)).spec);

        require_done(kernel.run(RemoveSas{{inbound_id(family, spi), outbound_id(family)}}));
        CHECK(dump_sas(kernel).empty());
    }
    CHECK(kernel.events().empty());
}

void keys_are_not_read_back_unasked(KernelUnderTest& kernel) {
    const EspSpi spi = reserve(kernel, Family::V4);
    require_done(install_pair(kernel, Family::V4, spi));
    const SaInfo one = query(kernel, inbound_id(Family::V4, spi));
    REQUIRE(one.spec.aead.has_value());
    CHECK(one.spec.aead->key.empty());
    for (const SaInfo& sa : dump_sas(kernel)) {
        REQUIRE(sa.spec.aead.has_value());
        CHECK(sa.spec.aead->key.empty());
    }
}

void keys_are_read_back_when_asked(KernelUnderTest& kernel) {
    require_done(install(kernel, outbound(Family::V4)));
    const auto answer = kernel.run(QuerySa{.id = outbound_id(Family::V4), .with_keys = true});
    REQUIRE(answer.has_value());
    const auto& sa = std::get<SaInfo>(*answer);
    REQUIRE(sa.spec.aead.has_value());
    CHECK(equal_in_constant_time(sa.spec.aead->key.view(), outbound(Family::V4).aead->key.view()));
}

void every_kind_of_sa_reads_back_as_it_was_asked(KernelUnderTest& kernel) {
    for (const SaSpec& spec : sa_catalogue()) {
        INFO(describe(spec));
        require_done(install(kernel, test::copy(spec, true)));
        check_same(spec, query(kernel, spec.id).spec);
        require_done(kernel.run(RemoveSas{{spec.id}}));
    }
    CHECK(dump_sas(kernel).empty());
}

void marks_tell_sas_with_one_spi_apart(KernelUnderTest& kernel) {
    SaSpec first = outbound(Family::V4);
    first.id.mark = {1, 0xff};
    SaSpec second = outbound(Family::V4);
    second.id.mark = {2, 0xff};
    second.reqid = ReqId{kReqid.value + 1};
    const SaId first_id = first.id;
    const SaId second_id = second.id;
    require_done(install(kernel, std::move(first)));
    require_done(install(kernel, std::move(second)));
    CHECK(query(kernel, first_id).spec.reqid == kReqid);
    CHECK(query(kernel, second_id).spec.reqid != kReqid);
    require_done(kernel.run(RemoveSas{{first_id}}));
    CHECK(error_of(kernel.run(QuerySa{first_id})) == ESRCH);
    CHECK(query(kernel, second_id).spec.id == second_id);
}

void a_duplicate_sa_is_refused(KernelUnderTest& kernel) {
    require_done(install(kernel, outbound(Family::V4)));
    SaSpec again = outbound(Family::V4);
    again.reqid = ReqId{kReqid.value + 1};
    const auto refused = install(kernel, std::move(again));
    CHECK(error_of(refused) == EEXIST);
    CHECK_FALSE(refused.error().what.empty());
    CHECK(query(kernel, outbound_id(Family::V4)).spec.reqid == kReqid);
    CHECK(dump_sas(kernel).size() == 1);
}

void a_refused_pair_leaves_nothing(KernelUnderTest& kernel) {
    require_done(install(kernel, outbound(Family::V4)));  // stands in the way of the pair below
    const EspSpi spi = reserve(kernel, Family::V4);
    CHECK(error_of(install_pair(kernel, Family::V4, spi)) == EEXIST);
    CHECK(error_of(kernel.run(QuerySa{inbound_id(Family::V4, spi)})) == ESRCH);
    const auto left = dump_sas(kernel);
    REQUIRE(left.size() == 1);  // the one that was there before is untouched
    CHECK(left[0].spec.id == outbound_id(Family::V4));
}

void the_first_of_a_set_may_be_the_one_refused(KernelUnderTest& kernel) {
    require_done(install(kernel, outbound(Family::V4)));
    const EspSpi spi = reserve(kernel, Family::V4);
    InstallSas request;
    request.sas.push_back(outbound(Family::V4));
    request.sas.push_back(inbound(Family::V4, spi));
    request.reserved = {false, true};
    CHECK(error_of(kernel.run(std::move(request))) == EEXIST);
    const auto left = dump_sas(kernel);  // neither the inbound SA nor its larval state
    REQUIRE(left.size() == 1);
    CHECK(left[0].spec.id == outbound_id(Family::V4));
}

void removing_missing_sas_is_done(KernelUnderTest& kernel) {
    require_done(install(kernel, outbound(Family::V4)));
    require_done(kernel.run(RemoveSas{{inbound_id(Family::V4, EspSpi{0x777}),
                                       outbound_id(Family::V4), outbound_id(Family::V6)}}));
    CHECK(dump_sas(kernel).empty());
    require_done(kernel.run(RemoveSas{{outbound_id(Family::V4)}}));
    require_done(kernel.run(RemoveSas{}));
}

void querying_a_missing_sa_is_refused(KernelUnderTest& kernel) {
    const auto refused = kernel.run(QuerySa{outbound_id(Family::V4)});
    CHECK(error_of(refused) == ESRCH);
    CHECK_FALSE(refused.error().what.empty());
}

void time_limits_expire_softly_then_hard(KernelUnderTest& kernel) {
    SaSpec spec = outbound(Family::V4);
    spec.limits.soft_add_seconds = 1;
    spec.limits.hard_add_seconds = 3;
    require_done(install(kernel, std::move(spec)));
    kernel.pass_time(6s);
    const auto expiries = only<SaExpired>(kernel.events());
    REQUIRE(expiries.size() == 2);
    CHECK_FALSE(expiries[0].hard);
    CHECK(expiries[1].hard);
    for (const SaExpired& expiry : expiries) {
        CHECK(expiry.id == outbound_id(Family::V4));
        CHECK(expiry.reqid == kReqid);
        CHECK(expiry.mode == Mode::Transport);
    }
    CHECK(dump_sas(kernel).empty());
}

void removing_an_sa_raises_no_expiry(KernelUnderTest& kernel) {
    require_done(install(kernel, outbound(Family::V4)));
    require_done(kernel.run(RemoveSas{{outbound_id(Family::V4)}}));
    CHECK(kernel.events().empty());
}

// ---- Policies --------------------

void policies_of_all_directions_are_installed_dumped_and_removed(KernelUnderTest& kernel) {
    for (const Family family : {Family::V4, Family::V6}) {
        const auto policies = tunnel_policies(family);
        require_done(kernel.run(InstallPolicies{.policies = policies}));
        const auto dumped = dump_policies(kernel);
        CHECK(dumped.size() == policies.size());
        for (const PolicySpec& policy : policies) {
            const PolicyInfo* found = find(dumped, policy.id);
            REQUIRE(found != nullptr);
            CHECK(found->spec == policy);
            CHECK(found->index != 0);
        }
        require_done(kernel.run(RemovePolicies{ids_of(policies)}));
        CHECK(dump_policies(kernel).empty());
    }
    CHECK(kernel.events().empty());
}

void every_kind_of_policy_reads_back_as_it_was_asked(KernelUnderTest& kernel) {
    for (const PolicySpec& policy : policy_catalogue()) {
        INFO(policy.id.selector.to_string());
        require_done(kernel.run(InstallPolicies{.policies = {policy}}));
        const auto dumped = dump_policies(kernel);
        REQUIRE(dumped.size() == 1);
        CHECK(dumped[0].spec == policy);
        require_done(kernel.run(RemovePolicies{{policy.id}}));
    }
    CHECK(dump_policies(kernel).empty());
}

void a_duplicate_policy_is_refused_with_its_set(KernelUnderTest& kernel) {
    auto policies = tunnel_policies(Family::V4);
    require_done(kernel.run(InstallPolicies{.policies = {policies[1]}}));
    policies[1].priority += 1;  // the priority is no part of a policy's identity
    const auto refused = kernel.run(InstallPolicies{.policies = policies});
    CHECK(error_of(refused) == EEXIST);
    CHECK_FALSE(refused.error().what.empty());
    const auto left = dump_policies(kernel);
    REQUIRE(left.size() == 1);
    CHECK(left[0].spec == tunnel_policies(Family::V4)[1]);
}

void marks_interfaces_and_directions_tell_policies_apart(KernelUnderTest& kernel) {
    PolicySpec plain = tunnel_policies(Family::V4)[0];
    PolicySpec marked = plain;
    marked.id.mark = {7, 0xff};
    PolicySpec interfaced = plain;
    interfaced.id.if_id = IfId{42};
    require_done(kernel.run(InstallPolicies{.policies = {plain, marked, interfaced}}));
    CHECK(dump_policies(kernel).size() == 3);
    require_done(kernel.run(RemovePolicies{{marked.id}}));
    CHECK(find(dump_policies(kernel), marked.id) == nullptr);
    require_done(kernel.run(RemovePolicies{{interfaced.id}}));
    const auto left = dump_policies(kernel);
    REQUIRE(left.size() == 1);
    CHECK(left[0].spec == plain);
}

void replacing_policies_overwrites_and_adds(KernelUnderTest& kernel) {
    auto policies = tunnel_policies(Family::V4);
    require_done(kernel.run(InstallPolicies{.policies = {policies[0]}}));
    policies[0].priority += 10;
    policies[0].templates[0].reqid = ReqId{kReqid.value + 1};
    require_done(kernel.run(InstallPolicies{.policies = policies, .replace = true}));
    const auto dumped = dump_policies(kernel);
    CHECK(dumped.size() == policies.size());
    for (const PolicySpec& policy : policies) {
        REQUIRE(find(dumped, policy.id) != nullptr);
        CHECK(find(dumped, policy.id)->spec == policy);
    }
}

void a_refused_replacement_puts_the_former_back(KernelUnderTest& kernel) {
    const auto former = tunnel_policies(Family::V4);
    require_done(kernel.run(InstallPolicies{.policies = {former[0]}}));
    auto wanted = former;
    wanted[0].priority += 10;
    wanted[0].action = PolicyAction::Block;
    wanted[0].templates.clear();
    wanted[2].templates.assign(7, former[2].templates[0]);  // one more than XFRM_MAX_DEPTH
    CHECK(error_of(kernel.run(InstallPolicies{.policies = wanted, .replace = true})) == EINVAL);
    const auto left = dump_policies(kernel);
    REQUIRE(left.size() == 1);
    CHECK(left[0].spec == former[0]);
}

void a_refused_set_of_policies_leaves_nothing(KernelUnderTest& kernel) {
    auto policies = tunnel_policies(Family::V6);
    policies.back().templates.assign(7, policies.back().templates[0]);
    CHECK(error_of(kernel.run(InstallPolicies{.policies = policies})) == EINVAL);
    CHECK(dump_policies(kernel).empty());
}

void removing_missing_policies_is_done(KernelUnderTest& kernel) {
    const auto policies = tunnel_policies(Family::V4);
    require_done(kernel.run(InstallPolicies{.policies = {policies[2]}}));
    require_done(kernel.run(RemovePolicies{ids_of(policies)}));
    CHECK(dump_policies(kernel).empty());
    require_done(kernel.run(RemovePolicies{ids_of(policies)}));
}

// ---- Packets --------------------

void a_packet_under_a_policy_without_sa_raises_one_acquire(KernelUnderTest& kernel) {
    for (const Family family : {Family::V4, Family::V6}) {
        const PolicySpec policy = transport_policy(family, Direction::Out);
        require_done(kernel.run(InstallPolicies{.policies = {policy}}));
        const std::uint32_t index = dump_policies(kernel).at(0).index;
        kernel.send_packet(peer(family));
        kernel.send_packet(peer(family));
        const auto acquires = only<Acquire>(kernel.events());
        REQUIRE(acquires.size() == 1);
        const Acquire& acquire = acquires[0];
        CHECK(acquire.sequence != 0);
        CHECK(acquire.protocol == IpsecProtocol::Esp);
        CHECK(acquire.source == own(family));
        CHECK(acquire.destination == peer(family));
        CHECK(acquire.packet.source == Prefix::host(own(family)));
        CHECK(acquire.packet.destination == Prefix::host(peer(family)));
        CHECK(acquire.packet.protocol == 17);
        CHECK(acquire.packet.destination_port == PortMask::exactly(9));
        CHECK(acquire.policy == policy);
        CHECK(acquire.policy_index == index);

        const auto sas = dump_sas(kernel);  // the kernel remembers that it has asked
        REQUIRE(sas.size() == 1);
        CHECK(sas[0].larval);
        CHECK(sas[0].spec.id.spi == EspSpi{0});
        require_done(kernel.run(RemovePolicies{{policy.id}}));
        kernel.pass_time(kernel.reservation_lifetime() + 3s);
        CHECK(dump_sas(kernel).empty());
        CHECK(kernel.events().empty());  // nobody is told of that
    }
}

void an_unanswered_acquire_is_raised_again_after_a_while(KernelUnderTest& kernel) {
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    kernel.send_packet(peer(Family::V4));
    REQUIRE(only<Acquire>(kernel.events()).size() == 1);
    kernel.pass_time(kernel.reservation_lifetime() + 3s);
    kernel.send_packet(peer(Family::V4));
    CHECK(only<Acquire>(kernel.events()).size() == 1);
}

void the_answer_to_an_acquire_ends_the_larval_state(KernelUnderTest& kernel) {
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    kernel.send_packet(peer(Family::V4));
    const auto acquires = only<Acquire>(kernel.events());
    REQUIRE(acquires.size() == 1);
    SaSpec answer = outbound(Family::V4);
    answer.acquire_sequence = acquires[0].sequence;
    require_done(install(kernel, std::move(answer)));
    const auto sas = dump_sas(kernel);
    REQUIRE(sas.size() == 1);
    CHECK(sas[0].spec.id == outbound_id(Family::V4));

    kernel.send_packet(peer(Family::V4));
    CHECK(only<Acquire>(kernel.events()).empty());
    CHECK(query(kernel, outbound_id(Family::V4)).usage.packets >= 1);
}

void an_sa_serves_only_policies_with_its_reqid(KernelUnderTest& kernel) {
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    SaSpec other = outbound(Family::V4);
    other.reqid = ReqId{kReqid.value + 1};
    require_done(install(kernel, std::move(other)));
    kernel.send_packet(peer(Family::V4));
    CHECK(only<Acquire>(kernel.events()).size() == 1);
    CHECK(query(kernel, outbound_id(Family::V4)).usage.packets == 0);
}

void the_lowest_priority_number_wins(KernelUnderTest& kernel) {
    PolicySpec wide = transport_policy(Family::V4, Direction::Out);
    PolicySpec pass = wide;
    pass.id.selector.destination = Prefix::host(peer(Family::V4));
    pass.templates.clear();
    pass.priority = wide.priority - 1;
    require_done(kernel.run(InstallPolicies{.policies = {wide, pass}}));
    kernel.send_packet(peer(Family::V4));
    CHECK(only<Acquire>(kernel.events()).empty());
    kernel.send_packet(other_peer());
    CHECK(only<Acquire>(kernel.events()).size() == 1);
}

void a_block_policy_raises_no_acquire(KernelUnderTest& kernel) {
    PolicySpec block = transport_policy(Family::V4, Direction::Out);
    block.action = PolicyAction::Block;
    block.templates.clear();
    require_done(kernel.run(InstallPolicies{.policies = {block}}));
    kernel.send_packet(peer(Family::V4));
    CHECK(kernel.events().empty());
    CHECK(dump_sas(kernel).empty());
}

void byte_limits_expire_softly_then_hard(KernelUnderTest& kernel) {
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    SaSpec spec = outbound(Family::V4);
    spec.limits.soft_bytes = 1;
    spec.limits.hard_bytes = 500;
    require_done(install(kernel, std::move(spec)));
    // A packet is counted after the limits are looked at, so it is the next one that meets them. Linux
    // counts what stands behind the IP header in transport mode.
    kernel.send_packet(peer(Family::V4));
    kernel.pass_time(1s);
    CHECK(only<SaExpired>(kernel.events()).empty());
    kernel.send_packet(peer(Family::V4));
    kernel.pass_time(1s);
    const auto soft = only<SaExpired>(kernel.events());
    REQUIRE(soft.size() == 1);
    CHECK_FALSE(soft[0].hard);
    CHECK(soft[0].id == outbound_id(Family::V4));
    CHECK(soft[0].reqid == kReqid);
    for (int packet = 0; packet < 60; ++packet) kernel.send_packet(peer(Family::V4));
    kernel.pass_time(1s);
    const auto hard = only<SaExpired>(kernel.events());
    REQUIRE(hard.size() == 1);
    CHECK(hard[0].hard);
    CHECK(error_of(kernel.run(QuerySa{outbound_id(Family::V4)})) == ESRCH);
}

void packet_limits_expire_softly_then_hard(KernelUnderTest& kernel) {
    require_done(
        kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
    SaSpec spec = outbound(Family::V4);
    spec.limits.soft_packets = 2;
    spec.limits.hard_packets = 5;
    require_done(install(kernel, std::move(spec)));
    for (int packet = 0; packet < 8; ++packet) kernel.send_packet(peer(Family::V4));
    kernel.pass_time(1s);
    const auto expiries = only<SaExpired>(kernel.events());
    REQUIRE(expiries.size() == 2);
    CHECK_FALSE(expiries[0].hard);
    CHECK(expiries[1].hard);
    CHECK(expiries[1].id == outbound_id(Family::V4));
    CHECK(error_of(kernel.run(QuerySa{outbound_id(Family::V4)})) == ESRCH);
}

constexpr auto kScenarios = std::to_array<Scenario>({
    {"reserved SPIs are distinct larval SAs", Needs::SecurityAssociations,
     reserved_spis_are_distinct_larval_sas},
    {"a reserved IPComp CPI fits sixteen bits", Needs::SecurityAssociations,
     a_reserved_ipcomp_cpi_fits_sixteen_bits},
    {"a reservation lapses and says so", Needs::SecurityAssociations,
     a_reservation_lapses_and_says_so},
    {"a lapsed reservation is installed all the same", Needs::SecurityAssociations,
     a_lapsed_reservation_is_installed_all_the_same},
    {"a pair is installed, queried, dumped and removed", Needs::SecurityAssociations,
     a_pair_is_installed_queried_dumped_and_removed},
    {"keys are not read back unasked", Needs::SecurityAssociations, keys_are_not_read_back_unasked},
    {"keys are read back when asked", Needs::SecurityAssociations, keys_are_read_back_when_asked},
    {"every kind of SA reads back as it was asked", Needs::SecurityAssociations,
     every_kind_of_sa_reads_back_as_it_was_asked},
    {"marks tell SAs with one SPI apart", Needs::SecurityAssociations,
     marks_tell_sas_with_one_spi_apart},
    {"a duplicate SA is refused", Needs::SecurityAssociations, a_duplicate_sa_is_refused},
    {"a refused pair leaves nothing", Needs::SecurityAssociations, a_refused_pair_leaves_nothing},
    {"the first of a set may be the one refused", Needs::SecurityAssociations,
     the_first_of_a_set_may_be_the_one_refused},
    {"removing missing SAs is done", Needs::SecurityAssociations, removing_missing_sas_is_done},
    {"querying a missing SA is refused", Needs::SecurityAssociations,
     querying_a_missing_sa_is_refused},
    {"time limits expire softly, then hard", Needs::SecurityAssociations,
     time_limits_expire_softly_then_hard},
    {"removing an SA raises no expiry", Needs::SecurityAssociations,
     removing_an_sa_raises_no_expiry},
    {"policies of all directions are installed, dumped and removed", Needs::Policies,
     policies_of_all_directions_are_installed_dumped_and_removed},
    {"every kind of policy reads back as it was asked", Needs::Policies,
     every_kind_of_policy_reads_back_as_it_was_asked},
    {"a duplicate policy is refused with its set", Needs::Policies,
     a_duplicate_policy_is_refused_with_its_set},
    {"marks, interfaces and directions tell policies apart", Needs::Policies,
     marks_interfaces_and_directions_tell_policies_apart},
    {"replacing policies overwrites and adds", Needs::Policies,
     replacing_policies_overwrites_and_adds},
    {"a refused replacement puts the former back", Needs::Policies,
     a_refused_replacement_puts_the_former_back},
    {"a refused set of policies leaves nothing", Needs::Policies,
     a_refused_set_of_policies_leaves_nothing},
    {"removing missing policies is done", Needs::Policies, removing_missing_policies_is_done},
    {"a packet under a policy without SA raises one acquire", Needs::Policies,
     a_packet_under_a_policy_without_sa_raises_one_acquire},
    {"an unanswered acquire is raised again after a while", Needs::Policies,
     an_unanswered_acquire_is_raised_again_after_a_while},
    {"the answer to an acquire ends the larval state", Needs::SecurityAssociations,
     the_answer_to_an_acquire_ends_the_larval_state},
    {"an SA serves only policies with its reqid", Needs::SecurityAssociations,
     an_sa_serves_only_policies_with_its_reqid},
    {"the lowest priority number wins", Needs::Policies, the_lowest_priority_number_wins},
    {"a block policy raises no acquire", Needs::Policies, a_block_policy_raises_no_acquire},
    {"byte limits expire softly, then hard", Needs::SecurityAssociations,
     byte_limits_expire_softly_then_hard},
    {"packet limits expire softly, then hard", Needs::SecurityAssociations,
     packet_limits_expire_softly_then_hard},
});

}  // namespace

std::vector<Scenario> scenarios() {
    std::vector<Scenario> all{kScenarios.begin(), kScenarios.end()};
    for (const auto& more : {choice_scenarios(), migration_scenarios()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace xfrmd::kernel_contract
