// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/contract_parts.h"

#include <algorithm>
#include <optional>

#include "tests/support/sa_spec_copy.h"

namespace xfrmd::kernel_contract {

using namespace xfrm;

namespace {

Address address(std::string_view text) {
    return Address::parse(text).value();
}
Prefix prefix(std::string_view text) {
    return Prefix::parse(text).value();
}

// Keys need no randomness here; the octets count up so that a misplaced one shows.
Secret key(std::size_t size) {
    Bytes octets(size);
    for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(i + 1);
    return Secret{View{octets}};
}

AeadAlgorithm aes_128_gcm() {
    return {"rfc4106(gcm(aes))", key(20), 128};
}

SaSpec aead_sa(const SaId& id) {
    SaSpec spec;
    spec.id = id;
    spec.reqid = kReqid;
    spec.aead = aes_128_gcm();
    spec.replay_window = 32;
    return spec;
}

SaSpec cbc_sa(const SaId& id) {
    SaSpec spec = aead_sa(id);
    spec.aead.reset();
    spec.encryption = EncryptionAlgorithm{"cbc(aes)", key(32)};
    spec.integrity = IntegrityAlgorithm{"hmac(sha256)", key(32), 128};
    return spec;
}

SaId catalogue_id(Family family, std::uint32_t spi) {
    SaId id = outbound_id(family);
    id.spi = EspSpi{spi};
    return id;
}

SaSpec limited_sa(const SaId& id) {
    SaSpec spec = aead_sa(id);
    spec.limits = {.soft_bytes = 1'000'000'000'000,
                   .hard_bytes = 2'000'000'000'000,
                   .soft_packets = 3'000'000'000,
                   .hard_packets = 0x1'0000'0000,
                   .soft_add_seconds = 3600,
                   .hard_add_seconds = 7200,
                   .soft_use_seconds = 1800,
                   .hard_use_seconds = 5400};
    return spec;
}

SaSpec tunnel_sa_with_selector(const SaId& id) {
    SaSpec spec = aead_sa(id);
    spec.mode = Mode::Tunnel;
    spec.selector = Selector{
        prefix("10.1.0.0/16"), prefix("10.2.0.0/16"), 6, PortMask{}, PortMask::exactly(443), 0};
    spec.decapsulate_dscp = true;
    spec.dont_encapsulate_dscp = true;
    spec.no_path_mtu_discovery = true;
    return spec;
}

}  // namespace

Address own(Family family) {
    return address(family == Family::V4 ? "192.0.2.1" : "2001:db8::1");
}
Address peer(Family family) {
    return address(family == Family::V4 ? "192.0.2.2" : "2001:db8::2");
}
Address other_peer() {
    return address("192.0.2.3");
}

SaId inbound_id(Family family, EspSpi spi) {
    return {peer(family), own(family), IpsecProtocol::Esp, spi, {}};
}
SaId outbound_id(Family family) {
    return {own(family), peer(family), IpsecProtocol::Esp, EspSpi{0x1000}, {}};
}
SaSpec inbound(Family family, EspSpi spi) {
    return aead_sa(inbound_id(family, spi));
}
SaSpec outbound(Family family) {
    return aead_sa(outbound_id(family));
}

std::vector<SaSpec> sa_catalogue() {
    std::vector<SaSpec> all;
    std::uint32_t spi = 0x2000;
    for (const Family family : {Family::V4, Family::V6}) {
        all.push_back(aead_sa(catalogue_id(family, spi++)));
        all.push_back(cbc_sa(catalogue_id(family, spi++)));
        all.push_back(limited_sa(catalogue_id(family, spi++)));
        SaSpec& wide = all.emplace_back(aead_sa(catalogue_id(family, spi++)));
        wide.replay_window = 2048;
        SaSpec& extended = all.emplace_back(aead_sa(catalogue_id(family, spi++)));
        extended.replay_window = 64;
        extended.extended_sequence_numbers = true;
        SaSpec& widest = all.emplace_back(cbc_sa(catalogue_id(family, spi++)));
        widest.replay_window = 4096;
        widest.extended_sequence_numbers = true;
        SaSpec& unchecked = all.emplace_back(aead_sa(catalogue_id(family, spi++)));
        unchecked.replay_window = 0;
        SaSpec& tunnel = all.emplace_back(cbc_sa(catalogue_id(family, spi++)));
        tunnel.mode = Mode::Tunnel;
        tunnel.af_unspec = true;
        SaSpec& marked = all.emplace_back(aead_sa(catalogue_id(family, spi++)));
        marked.id.mark = {5, 0xff};
        marked.if_id = IfId{9};
        SaSpec& flagged = all.emplace_back(cbc_sa(catalogue_id(family, spi++)));
        flagged.mode = Mode::Tunnel;
        flagged.no_ecn = flagged.wildcard_receive = flagged.for_icmp_errors = true;
        flagged.sequence_may_wrap = true;
        flagged.output_mark = Mark{0x10, 0xff};
    }
    all.push_back(tunnel_sa_with_selector(catalogue_id(Family::V4, spi++)));
    SaSpec& encapsulated = all.emplace_back(aead_sa(catalogue_id(Family::V4, spi++)));
    encapsulated.encapsulation = UdpEncapsulation{4500, 34500, address("10.0.0.7")};
    // Narrowed to traffic of the other family.
    SaSpec& six_in_four = all.emplace_back(cbc_sa(catalogue_id(Family::V4, spi++)));
    six_in_four.mode = Mode::Tunnel;
    six_in_four.selector = Selector{Prefix::host(peer(Family::V6)), Prefix::host(own(Family::V6)),
                                    58, PortMask::exactly(128), {}, 0};
    SaSpec& four_in_six = all.emplace_back(cbc_sa(catalogue_id(Family::V6, spi++)));
    four_in_six.mode = Mode::Tunnel;
    four_in_six.selector = Selector{
        Prefix::host(peer(Family::V4)), Prefix::host(own(Family::V4)), 6, {}, PortMask{8000, 0xfff8}, 0};
    SaSpec& authentication = all.emplace_back(cbc_sa(catalogue_id(Family::V4, spi++)));
    authentication.id.protocol = IpsecProtocol::Ah;
    authentication.encryption.reset();
    authentication.align4 = true;
    SaSpec& authentication6 = all.emplace_back(test::copy(all.back(), true));
    authentication6.id = catalogue_id(Family::V6, spi++);
    authentication6.id.protocol = IpsecProtocol::Ah;
    authentication6.align4 = false;
    authentication6.mode = Mode::Tunnel;
    authentication6.af_unspec = true;
    authentication6.replay_window = 1024;
    authentication6.extended_sequence_numbers = true;
    return all;
}

std::string describe(const SaSpec& spec) {
    return spec.id.source.to_string() + " -> " + spec.id.destination.to_string() + " SPI " +
           std::to_string(spec.id.spi.value);
}

std::vector<PolicySpec> tunnel_policies(Family family) {
    const bool v4 = family == Family::V4;
    const Selector out{prefix(v4 ? "10.1.0.0/16" : "2001:db8:1::/48"),
                       prefix(v4 ? "10.2.0.0/16" : "2001:db8:2::/48"),
                       0,
                       {},
                       {},
                       0};
    std::vector<PolicySpec> policies;
    for (const Direction direction : {Direction::Out, Direction::In, Direction::Forward}) {
        const bool outward = direction == Direction::Out;
        PolicySpec policy;
        policy.id.selector = outward ? out : out.reversed();
        policy.id.direction = direction;
        policy.priority = 1000;
        policy.templates.push_back({.source = outward ? own(family) : peer(family),
                                    .destination = outward ? peer(family) : own(family),
                                    .mode = Mode::Tunnel,
                                    .reqid = kReqid});
        policies.push_back(policy);
    }
    return policies;
}

PolicySpec transport_policy(Family family, Direction direction) {
    const bool v4 = family == Family::V4;
    const Selector out{
        Prefix::host(own(family)), prefix(v4 ? "192.0.2.0/24" : "2001:db8::/64"), 0, {}, {}, 0};
    PolicySpec policy;
    policy.id.selector = direction == Direction::Out ? out : out.reversed();
    policy.id.direction = direction;
    policy.priority = 2000;
    policy.templates.push_back(
        {.source = Address::any(family), .destination = Address::any(family), .reqid = kReqid});
    return policy;
}

std::vector<PolicySpec> policy_catalogue() {
    std::vector<PolicySpec> all{transport_policy(Family::V4, Direction::Out),
                                transport_policy(Family::V6, Direction::In)};
    PolicySpec& ports = all.emplace_back(transport_policy(Family::V4, Direction::Out));
    ports.id.selector.protocol = 6;
    ports.id.selector.source_port = {1024, 0xfc00};
    ports.id.selector.destination_port = PortMask::exactly(443);
    PolicySpec& icmp = all.emplace_back(transport_policy(Family::V6, Direction::Out));
    icmp.id.selector.protocol = 58;
    icmp.id.selector.source_port = PortMask::exactly(135);  // neighbour solicitation
    icmp.templates.clear();
    PolicySpec& block = all.emplace_back(transport_policy(Family::V4, Direction::In));
    block.action = PolicyAction::Block;
    block.templates.clear();
    PolicySpec& opportunistic = all.emplace_back(transport_policy(Family::V4, Direction::Out));
    opportunistic.templates[0].optional = true;
    PolicySpec& bundle = all.emplace_back(transport_policy(Family::V4, Direction::Out));
    bundle.templates.push_back(bundle.templates[0]);
    bundle.templates[1].protocol = IpsecProtocol::Ah;
    PolicySpec& bound = all.emplace_back(tunnel_policies(Family::V6)[0]);
    bound.templates[0].spi = EspSpi{0x1234};
    bound.id.mark = {3, 0x0f};
    bound.id.if_id = IfId{77};
    PolicySpec& crossed = all.emplace_back(tunnel_policies(Family::V6)[0]);  // IPv6 inside IPv4
    crossed.templates[0].source = own(Family::V4);
    crossed.templates[0].destination = peer(Family::V4);
    return all;
}

std::vector<PolicyId> ids_of(const std::vector<PolicySpec>& policies) {
    std::vector<PolicyId> ids;
    for (const PolicySpec& policy : policies) ids.push_back(policy.id);
    return ids;
}

const PolicyInfo* find(const std::vector<PolicyInfo>& policies, const PolicyId& id) {
    const auto at =
        std::ranges::find_if(policies, [&](const PolicyInfo& info) { return info.spec.id == id; });
    return at == policies.end() ? nullptr : &*at;
}

void require_done(const KernelResult& result) {
    if (!result) FAIL("refused: " << result.error().error_number << " " << result.error().what);
    REQUIRE(std::holds_alternative<Done>(*result));
}

EspSpi reserve(KernelUnderTest& kernel, Family family) {
    const auto answer = kernel.run(
        AllocateSpi{.source = peer(family), .destination = own(family), .reqid = kReqid});
    if (!answer) FAIL("no SPI: " << answer.error().error_number << " " << answer.error().what);
    REQUIRE(std::holds_alternative<EspSpi>(*answer));
    return std::get<EspSpi>(*answer);
}

SaInfo query(KernelUnderTest& kernel, const SaId& id) {
    auto answer = kernel.run(QuerySa{id});
    if (!answer) FAIL("no such SA: " << answer.error().error_number << " " << answer.error().what);
    REQUIRE(std::holds_alternative<SaInfo>(*answer));
    return std::get<SaInfo>(std::move(*answer));
}

std::vector<SaInfo> dump_sas(KernelUnderTest& kernel) {
    auto answer = kernel.run(DumpSas{});
    if (!answer) FAIL("no dump: " << answer.error().error_number << " " << answer.error().what);
    REQUIRE(std::holds_alternative<std::vector<SaInfo>>(*answer));
    return std::get<std::vector<SaInfo>>(std::move(*answer));
}

std::vector<PolicyInfo> dump_policies(KernelUnderTest& kernel) {
    auto answer = kernel.run(DumpPolicies{});
    if (!answer) FAIL("no dump: " << answer.error().error_number << " " << answer.error().what);
    REQUIRE(std::holds_alternative<std::vector<PolicyInfo>>(*answer));
    return std::get<std::vector<PolicyInfo>>(std::move(*answer));
}

KernelResult install(KernelUnderTest& kernel, SaSpec spec) {
    InstallSas request;
    request.sas.push_back(std::move(spec));
    request.reserved = {false};
    return kernel.run(std::move(request));
}

KernelResult install_pair(KernelUnderTest& kernel, Family family, EspSpi reserved) {
    InstallSas request;
    request.sas.push_back(inbound(family, reserved));
    request.sas.push_back(outbound(family));
    request.reserved = {true, false};
    return kernel.run(std::move(request));
}

int error_of(const KernelResult& result) {
    return result ? 0 : result.error().error_number;
}

void check_same(const SaSpec& asked, const SaSpec& read) {
    CHECK(read.id == asked.id);
    CHECK(read.mode == asked.mode);
    CHECK(read.reqid == asked.reqid);
    CHECK(read.if_id == asked.if_id);
    CHECK(read.selector == asked.selector);
    REQUIRE(read.aead.has_value() == asked.aead.has_value());
    REQUIRE(read.encryption.has_value() == asked.encryption.has_value());
    REQUIRE(read.integrity.has_value() == asked.integrity.has_value());
    REQUIRE(read.compression.has_value() == asked.compression.has_value());
    if (asked.aead) {
        CHECK(read.aead->name == asked.aead->name);
        CHECK(read.aead->icv_bits == asked.aead->icv_bits);
    }
    if (asked.encryption) CHECK(read.encryption->name == asked.encryption->name);
    if (asked.integrity) {
        CHECK(read.integrity->name == asked.integrity->name);
        CHECK(read.integrity->truncated_bits == asked.integrity->truncated_bits);
    }
    CHECK(read.replay_window == asked.replay_window);
    CHECK(read.extended_sequence_numbers == asked.extended_sequence_numbers);
    CHECK(read.dont_encapsulate_dscp == asked.dont_encapsulate_dscp);
    CHECK(read.decapsulate_dscp == asked.decapsulate_dscp);
    CHECK(read.no_path_mtu_discovery == asked.no_path_mtu_discovery);
    CHECK(read.align4 == asked.align4);
    CHECK(read.af_unspec == asked.af_unspec);
    CHECK(read.no_ecn == asked.no_ecn);
    CHECK(read.wildcard_receive == asked.wildcard_receive);
    CHECK(read.for_icmp_errors == asked.for_icmp_errors);
    CHECK(read.sequence_may_wrap == asked.sequence_may_wrap);
    CHECK(read.encapsulation == asked.encapsulation);
    CHECK(read.output_mark == asked.output_mark);
    CHECK(read.security_context == asked.security_context);
    CHECK(read.offload == asked.offload);
    CHECK(read.limits == asked.limits);
}

}  // namespace xfrmd::kernel_contract
