// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/migration_contract.h"

#include <array>
#include <cerrno>

#include "tests/kernel/contract_parts.h"

namespace xfrmd::kernel_contract {

namespace {

using namespace xfrm;
using namespace std::chrono_literals;

constexpr EspSpi kInbound{0x7700};

SaSpec in_tunnel(SaSpec spec) {
    spec.mode = Mode::Tunnel;
    return spec;
}

// A tunnel's policies, with a pair of SAs between the own address and the peer's.
void install_tunnel(KernelUnderTest& kernel, Family family) {
    require_done(kernel.run(InstallPolicies{.policies = tunnel_policies(family)}));
    require_done(install(kernel, in_tunnel(inbound(family, kInbound))));
    require_done(install(kernel, in_tunnel(outbound(family))));
}

// What the tunnel's policies ask for, with the peer at another address.
std::vector<Migration> to_peer_at(Family family, const Address& address) {
    std::vector<Migration> migrations;
    for (const PolicySpec& policy : tunnel_policies(family)) {
        const bool outward = policy.id.direction == Direction::Out;
        migrations.push_back({.policy = policy.id,
                              .mode = Mode::Tunnel,
                              .reqid = kReqid,
                              .source = outward ? own(family) : peer(family),
                              .destination = outward ? peer(family) : own(family),
                              .new_source = outward ? own(family) : address,
                              .new_destination = outward ? address : own(family),
                              .encapsulation = {}});
    }
    return migrations;
}

Address elsewhere(Family family) {
    return Address::parse(family == Family::V4 ? "192.0.2.3" : "2001:db8::3").value();
}

void an_sa_moves_with_its_policies(KernelUnderTest& kernel) {
    for (const Family family : {Family::V4, Family::V6}) {
        install_tunnel(kernel, family);
        require_done(kernel.run(Migrate{to_peer_at(family, elsewhere(family))}));

        CHECK(dump_sas(kernel).size() == 2);
        SaSpec in = in_tunnel(inbound(family, kInbound));
        in.id.source = elsewhere(family);
        check_same(in, query(kernel, in.id).spec);
        SaSpec out = in_tunnel(outbound(family));
        out.id.destination = elsewhere(family);
        check_same(out, query(kernel, out.id).spec);
        CHECK(error_of(kernel.run(QuerySa{outbound_id(family)})) == ESRCH);

        for (const PolicyInfo& policy : dump_policies(kernel)) {
            const bool outward = policy.spec.id.direction == Direction::Out;
            const Template& wanted = policy.spec.templates.at(0);
            CHECK(wanted.source == (outward ? own(family) : elsewhere(family)));
            CHECK(wanted.destination == (outward ? elsewhere(family) : own(family)));
            CHECK(wanted.reqid == kReqid);
        }
        require_done(kernel.run(RemoveSas{{in.id, out.id}}));
        require_done(kernel.run(RemovePolicies{ids_of(tunnel_policies(family))}));
    }
}

void keys_and_counters_move_along(KernelUnderTest& kernel) {
    PolicySpec policy = tunnel_policies(Family::V4)[0];
    policy.id.selector = {Prefix::host(own(Family::V4)), Prefix::host(peer(Family::V4)), 0, {}, {}, 0};
    require_done(kernel.run(InstallPolicies{.policies = {policy}}));
    require_done(install(kernel, in_tunnel(outbound(Family::V4))));
    for (int packet = 0; packet < 3; ++packet) kernel.send_packet(peer(Family::V4));
    kernel.pass_time(200ms);
    const SaInfo before = query(kernel, outbound_id(Family::V4));
    CHECK(before.usage.packets >= 1);

    Migration migration = to_peer_at(Family::V4, elsewhere(Family::V4))[0];
    migration.policy = policy.id;
    require_done(kernel.run(Migrate{{migration}}));
    SaId moved = outbound_id(Family::V4);
    moved.destination = elsewhere(Family::V4);
    const SaInfo after = query(kernel, moved);
    CHECK(after.usage.add_time == before.usage.add_time);
    const auto keys = kernel.run(QuerySa{.id = moved, .with_keys = true});
    REQUIRE(keys.has_value());
    const auto& sa = std::get<SaInfo>(*keys);
    REQUIRE(sa.spec.aead.has_value());
    CHECK(equal_in_constant_time(sa.spec.aead->key.view(), outbound(Family::V4).aead->key.view()));
}

void ports_of_esp_in_udp_change_in_place(KernelUnderTest& kernel) {
    const Family family = Family::V4;
    require_done(kernel.run(InstallPolicies{.policies = tunnel_policies(family)}));
    SaSpec in = in_tunnel(inbound(family, kInbound));
    in.encapsulation = UdpEncapsulation{4500, 4500, {}};
    require_done(install(kernel, std::move(in)));
    SaSpec out = in_tunnel(outbound(family));
    out.encapsulation = UdpEncapsulation{4500, 4500, {}};
    require_done(install(kernel, std::move(out)));

    auto migrations = to_peer_at(family, peer(family));
    for (Migration& migration : migrations) {
        const bool outward = migration.policy.direction == Direction::Out;
        migration.encapsulation = outward ? UdpEncapsulation{4500, 31000, {}} : UdpEncapsulation{31000, 4500, {}};
    }
    require_done(kernel.run(Migrate{migrations}));
    CHECK(dump_sas(kernel).size() == 2);
    CHECK(query(kernel, inbound_id(family, kInbound)).spec.encapsulation == UdpEncapsulation{31000, 4500, {}});
    CHECK(query(kernel, outbound_id(family)).spec.encapsulation == UdpEncapsulation{4500, 31000, {}});
}

void esp_is_put_into_udp_and_not_taken_out(KernelUnderTest& kernel) {
    const Family family = Family::V4;
    install_tunnel(kernel, family);
    Migration there = to_peer_at(family, elsewhere(family))[0];
    there.encapsulation = UdpEncapsulation{4500, 4500, {}};
    require_done(kernel.run(Migrate{{there}}));
    SaId moved = outbound_id(family);
    moved.destination = elsewhere(family);
    CHECK(query(kernel, moved).spec.encapsulation == UdpEncapsulation{4500, 4500, {}});

    Migration back = there;
    std::swap(back.destination, back.new_destination);
    back.encapsulation.reset();
    require_done(kernel.run(Migrate{{back}}));
    CHECK(query(kernel, outbound_id(family)).spec.encapsulation == UdpEncapsulation{4500, 4500, {}});
}

void policies_move_without_an_sa(KernelUnderTest& kernel) {
    require_done(kernel.run(InstallPolicies{.policies = tunnel_policies(Family::V4)}));
    require_done(kernel.run(Migrate{to_peer_at(Family::V4, elsewhere(Family::V4))}));
    for (const PolicyInfo& policy : dump_policies(kernel))
        CHECK((policy.spec.templates.at(0).source == elsewhere(Family::V4) ||
               policy.spec.templates.at(0).destination == elsewhere(Family::V4)));
    CHECK(dump_sas(kernel).empty());
}

void the_policies_in_and_forward_take_two_sas_along(KernelUnderTest& kernel) {
    const Family family = Family::V4;
    install_tunnel(kernel, family);
    constexpr EspSpi kSecond{0x7701};
    require_done(install(kernel, in_tunnel(inbound(family, kSecond))));
    require_done(kernel.run(Migrate{to_peer_at(family, elsewhere(family))}));
    for (const SaInfo& sa : dump_sas(kernel))
        CHECK((sa.spec.id.source == elsewhere(family) || sa.spec.id.destination == elsewhere(family)));
}

void a_reserved_spi_does_not_move(KernelUnderTest& kernel) {
    const Family family = Family::V4;
    install_tunnel(kernel, family);
    const auto reserved = kernel.run(AllocateSpi{
        .source = peer(family), .destination = own(family), .mode = Mode::Tunnel, .reqid = kReqid});
    REQUIRE(reserved.has_value());
    CHECK(error_of(kernel.run(Migrate{to_peer_at(family, elsewhere(family))})) != 0);
    // What goes the other way has moved all the same.
    SaId moved = outbound_id(family);
    moved.destination = elsewhere(family);
    CHECK_FALSE(query(kernel, moved).larval);
}

void only_what_is_asked_for_moves(KernelUnderTest& kernel) {
    install_tunnel(kernel, Family::V4);
    auto migrations = to_peer_at(Family::V4, elsewhere(Family::V4));
    migrations[0].reqid = ReqId{kReqid.value + 1};
    CHECK(error_of(kernel.run(Migrate{{migrations[0]}})) == ENODATA);
    migrations[1].policy.selector.source = Prefix::parse("10.9.0.0/16").value();
    CHECK(error_of(kernel.run(Migrate{{migrations[1]}})) == ENOENT);
    migrations[2].new_source = Address::any(Family::V4);
    CHECK(error_of(kernel.run(Migrate{{migrations[2]}})) == EINVAL);
    CHECK_FALSE(query(kernel, outbound_id(Family::V4)).larval);
    CHECK_FALSE(query(kernel, inbound_id(Family::V4, kInbound)).larval);
}

void the_way_to_a_peer_has_an_own_address(KernelUnderTest& kernel) {
    for (const Family family : {Family::V4, Family::V6}) {
        const auto answer = kernel.run(FindSource{peer(family)});
        REQUIRE(answer.has_value());
        CHECK(std::get<Address>(*answer) == own(family));
    }
}

constexpr auto kScenarios = std::to_array<Scenario>({
    {"an SA moves with its policies", Needs::SecurityAssociations, an_sa_moves_with_its_policies},
    {"keys and counters move along", Needs::SecurityAssociations, keys_and_counters_move_along},
    {"ports of ESP in UDP change in place", Needs::SecurityAssociations,
     ports_of_esp_in_udp_change_in_place},
    {"ESP is put into UDP and not taken out", Needs::SecurityAssociations,
     esp_is_put_into_udp_and_not_taken_out},
    {"policies move without an SA", Needs::SecurityAssociations, policies_move_without_an_sa},
    {"the policies in and forward take two SAs along", Needs::SecurityAssociations,
     the_policies_in_and_forward_take_two_sas_along},
    {"a reserved SPI does not move", Needs::SecurityAssociations, a_reserved_spi_does_not_move},
    {"only what is asked for moves", Needs::SecurityAssociations, only_what_is_asked_for_moves},
    {"the way to a peer has an own address", Needs::Policies, the_way_to_a_peer_has_an_own_address},
});

}  // namespace

std::span<const Scenario> migration_scenarios() { return kScenarios; }

}  // namespace xfrmd::kernel_contract
