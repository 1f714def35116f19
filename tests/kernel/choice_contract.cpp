// SPDX-License-Identifier: Apache-2.0
// Which SA a packet takes when several would do, and what a policy that can do without one does.
#include "tests/kernel/choice_contract.h"

#include <array>

#include "tests/kernel/contract_parts.h"

namespace xfrmd::kernel_contract {

namespace {

using namespace xfrm;
using namespace std::chrono_literals;

constexpr EspSpi kSecondSpi{0x1001};

SaId second_id() {
    SaId id = outbound_id(Family::V4);
    id.spi = kSecondSpi;
    return id;
}

SaSpec second() {
    SaSpec spec = outbound(Family::V4);
    spec.id = second_id();
    return spec;
}

std::uint64_t packets_of(KernelUnderTest& kernel, const SaId& id) {
    return query(kernel, id).usage.packets;
}

void require_outbound_policy(KernelUnderTest& kernel) {
    require_done(kernel.run(InstallPolicies{.policies = {transport_policy(Family::V4, Direction::Out)}}));
}

// A rekeyed child switches by installing its new outbound SA.
void the_sa_that_was_added_last_is_used(KernelUnderTest& kernel) {
    require_outbound_policy(kernel);
    require_done(install(kernel, outbound(Family::V4)));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
    kernel.pass_time(1100ms);  // Linux compares whole seconds
    require_done(install(kernel, second()));
    kernel.send_packet(peer(Family::V4));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
    CHECK(packets_of(kernel, second_id()) == 2);
}

void of_two_sas_of_one_moment_the_last_is_used(KernelUnderTest& kernel) {
    require_outbound_policy(kernel);
    require_done(install(kernel, outbound(Family::V4)));
    require_done(install(kernel, second()));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, second_id()) == 1);
}

void without_the_newer_sa_the_older_one_is_used_again(KernelUnderTest& kernel) {
    require_outbound_policy(kernel);
    require_done(install(kernel, outbound(Family::V4)));
    require_done(install(kernel, second()));
    kernel.send_packet(peer(Family::V4));
    require_done(kernel.run(RemoveSas{{second_id()}}));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
    CHECK(only<Acquire>(kernel.events()).empty());
}

void an_sa_past_its_soft_limit_is_the_second_choice(KernelUnderTest& kernel) {
    require_outbound_policy(kernel);
    require_done(install(kernel, outbound(Family::V4)));
    kernel.pass_time(1100ms);
    SaSpec dying = second();
    dying.limits.soft_packets = 1;
    require_done(install(kernel, std::move(dying)));
    // The soft limit is noticed by the packet after it, which still takes this SA.
    kernel.send_packet(peer(Family::V4));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, second_id()) == 2);
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, second_id()) == 2);
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
    // Once there is nothing else, it will do.
    require_done(kernel.run(RemoveSas{{outbound_id(Family::V4)}}));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, second_id()) == 3);
    CHECK(only<Acquire>(kernel.events()).empty());
}

void an_sa_limited_to_other_traffic_is_passed_over(KernelUnderTest& kernel) {
    require_outbound_policy(kernel);
    require_done(install(kernel, outbound(Family::V4)));
    SaSpec narrow = second();
    narrow.selector = Selector{Prefix::host(own(Family::V4)), Prefix::host(other_peer()), 0, {}, {}, 0};
    require_done(install(kernel, std::move(narrow)));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
    CHECK(packets_of(kernel, second_id()) == 0);
}

void esp_does_not_serve_a_policy_for_ah(KernelUnderTest& kernel) {
    PolicySpec policy = transport_policy(Family::V4, Direction::Out);
    policy.templates[0].protocol = IpsecProtocol::Ah;
    require_done(kernel.run(InstallPolicies{.policies = {policy}}));
    require_done(install(kernel, outbound(Family::V4)));
    kernel.send_packet(peer(Family::V4));
    const auto acquires = only<Acquire>(kernel.events());
    REQUIRE(acquires.size() == 1);
    CHECK(acquires[0].protocol == IpsecProtocol::Ah);
    SaSpec ah = outbound(Family::V4);
    ah.id.protocol = IpsecProtocol::Ah;
    ah.aead.reset();
    ah.integrity = IntegrityAlgorithm{"hmac(sha256)", Secret{View{Bytes(32, 5)}}, 128};
    ah.acquire_sequence = acquires[0].sequence;
    const SaId id = ah.id;
    require_done(install(kernel, std::move(ah)));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, id) == 1);
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 0);
}

// Both SAs of AH around ESP count the packet, which passed through both.
void a_policy_of_two_transforms_takes_an_sa_for_each(KernelUnderTest& kernel) {
    PolicySpec policy = transport_policy(Family::V4, Direction::Out);
    policy.templates.push_back(policy.templates[0]);
    policy.templates[1].protocol = IpsecProtocol::Ah;
    require_done(kernel.run(InstallPolicies{.policies = {policy}}));
    require_done(install(kernel, outbound(Family::V4)));
    SaSpec ah = outbound(Family::V4);
    ah.id.protocol = IpsecProtocol::Ah;
    ah.aead.reset();
    ah.integrity = IntegrityAlgorithm{"hmac(sha256)", Secret{View{Bytes(32, 5)}}, 128};
    const SaId id = ah.id;
    kernel.send_packet(peer(Family::V4));
    const auto acquires = only<Acquire>(kernel.events());
    REQUIRE(acquires.size() == 1);  // for what is missing
    CHECK(acquires[0].protocol == IpsecProtocol::Ah);
    require_done(install(kernel, std::move(ah)));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
    CHECK(packets_of(kernel, id) == 1);
}

void an_optional_transform_is_asked_for_all_the_same(KernelUnderTest& kernel) {
    PolicySpec policy = transport_policy(Family::V4, Direction::Out);
    policy.templates[0].optional = true;
    require_done(kernel.run(InstallPolicies{.policies = {policy}}));
    kernel.send_packet(peer(Family::V4));
    kernel.send_packet(peer(Family::V4));
    const auto acquires = only<Acquire>(kernel.events());
    REQUIRE(acquires.size() == 1);
    SaSpec answer = outbound(Family::V4);
    answer.acquire_sequence = acquires[0].sequence;
    require_done(install(kernel, std::move(answer)));
    kernel.send_packet(peer(Family::V4));
    CHECK(packets_of(kernel, outbound_id(Family::V4)) == 1);
}

void packets_to_several_peers_ask_for_an_sa_each(KernelUnderTest& kernel) {
    require_outbound_policy(kernel);
    kernel.send_packet(peer(Family::V4));
    kernel.send_packet(other_peer());
    const auto acquires = only<Acquire>(kernel.events());
    REQUIRE(acquires.size() == 2);
    CHECK(acquires[0].destination == peer(Family::V4));
    CHECK(acquires[1].destination == other_peer());
    CHECK(acquires[0].sequence != acquires[1].sequence);
}

constexpr auto kScenarios = std::to_array<Scenario>({
    {"the SA that was added last is used", Needs::SecurityAssociations, the_sa_that_was_added_last_is_used},
    {"of two SAs of one moment the last is used", Needs::SecurityAssociations,
     of_two_sas_of_one_moment_the_last_is_used},
    {"without the newer SA the older one is used again", Needs::SecurityAssociations,
     without_the_newer_sa_the_older_one_is_used_again},
    {"an SA past its soft limit is the second choice", Needs::SecurityAssociations,
     an_sa_past_its_soft_limit_is_the_second_choice},
    {"an SA limited to other traffic is passed over", Needs::SecurityAssociations,
     an_sa_limited_to_other_traffic_is_passed_over},
    {"ESP does not serve a policy for AH", Needs::SecurityAssociations, esp_does_not_serve_a_policy_for_ah},
    {"a policy of two transforms takes an SA for each", Needs::SecurityAssociations,
     a_policy_of_two_transforms_takes_an_sa_for_each},
    {"an optional transform is asked for all the same", Needs::SecurityAssociations,
     an_optional_transform_is_asked_for_all_the_same},
    {"packets to several peers ask for an SA each", Needs::Policies, packets_to_several_peers_ask_for_an_sa_each},
});

}  // namespace

std::span<const Scenario> choice_scenarios() {
    return kScenarios;
}

}  // namespace xfrmd::kernel_contract
