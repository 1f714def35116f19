// SPDX-License-Identifier: Apache-2.0
// The checkers find what they are there for: each is shown something wrong.
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/payload.h"
#include "tests/sim/checkers/bounds_checker.h"
#include "tests/sim/checkers/deletion_checker.h"
#include "tests/sim/checkers/event_checker.h"
#include "tests/sim/checkers/key_checker.h"
#include "tests/sim/checkers/message_checker.h"
#include "tests/sim/checkers/progress_checker.h"
#include "tests/sim/checkers/switch_checker.h"
#include "tests/sim/checkers/table_checker.h"
#include "tests/sim/checkers/tamper_checker.h"
#include "tests/sim/checkers/traffic_oracle.h"
#include "tests/sim/checkers/zombie_checker.h"
#include "tests/sim/runner.h"

using namespace xfrmd;
using namespace xfrmd::sim;

namespace {

const xfrm::Address kEast = xfrm::Address::parse("192.0.2.1").value();
const xfrm::Address kWest = xfrm::Address::parse("192.0.2.2").value();

Bytes sealed(std::uint32_t id, bool response, std::uint8_t iv, std::uint8_t content) {
    ike::Header header;
    header.initiator_spi = {7};
    header.responder_spi = {9};
    header.exchange = ike::ExchangeType::Informational;
    header.initiator = true;
    header.response = response;
    header.message_id = {id};
    ike::Encrypted body;
    body.body = Bytes(8, iv);
    body.body.resize(40, content);
    return write_message(header, std::array<ike::Payload, 1>{body});
}

xfrm::SaSpec sa(std::uint32_t spi, std::uint8_t key) {
    xfrm::SaSpec spec;
    spec.id = {kEast, kWest, xfrm::IpsecProtocol::Esp, xfrm::EspSpi{spi}, {}};
    spec.aead = xfrm::AeadAlgorithm{"rfc4106(gcm(aes))", Secret{View{Bytes(20, key)}}, 128};
    return spec;
}

void install(KernelModel& kernel, xfrm::SaSpec spec) {
    xfrm::InstallSas request;
    request.sas.push_back(std::move(spec));
    request.reserved = {false};
    REQUIRE(kernel.run(std::move(request)).has_value());
}

ike::Snapshot snapshot_with_child(std::uint32_t inbound, std::uint32_t outbound) {
    ike::ChildSnapshot child;
    child.inbound = {inbound};
    child.outbound = {outbound};
    ike::IkeSaSnapshot ike_sa;
    ike_sa.state = "established";
    ike_sa.local = {kWest, 500};
    ike_sa.remote = {kEast, 500};
    ike_sa.children.push_back(child);
    ike::Snapshot snapshot;
    snapshot.connections.emplace_back().ike_sas.push_back(ike_sa);
    return snapshot;
}

}  // namespace

TEST_CASE("messages: what is repeated must be the same", "[sim]") {
    MessageChecker checker;
    CHECK_FALSE(checker.sent(sealed(0, false, 1, 1)));
    CHECK_FALSE(checker.sent(sealed(0, false, 1, 1)));
    CHECK(checker.sent(sealed(0, false, 2, 1)).value().contains("differs"));
    CHECK_FALSE(checker.sent(sealed(0, true, 3, 1)));
    CHECK(checker.sent(sealed(0, true, 4, 1)).value().contains("differs"));
}

TEST_CASE("messages: one request at a time, and no id is skipped", "[sim]") {
    ike::Header init;
    init.initiator_spi = {7};
    init.exchange = ike::ExchangeType::IkeSaInit;
    init.initiator = true;
    const auto begun = [&] {
        MessageChecker checker;
        CHECK_FALSE(checker.sent(write_message(init, std::array<ike::Payload, 1>{ike::Nonce{Bytes(16, 1)}})));
        return checker;
    };
    MessageChecker skipped = begun();
    CHECK(skipped.sent(sealed(2, false, 1, 1)).value().contains("1 is next"));
    MessageChecker checker = begun();
    CHECK_FALSE(checker.sent(sealed(1, false, 2, 1)));
    CHECK(checker.sent(sealed(2, false, 3, 1)).value().contains("unanswered"));
    MessageChecker answered = begun();
    CHECK_FALSE(answered.sent(sealed(1, false, 1, 1)));
    answered.received(sealed(1, true, 9, 9));
    CHECK_FALSE(answered.sent(sealed(2, false, 2, 1)));
    CHECK(answered.sent(sealed(3, false, 3, 1)).value().contains("unanswered"));
    MessageChecker rekeyed;  // without IKE_SA_INIT of its own
    CHECK(rekeyed.sent(sealed(1, false, 1, 1)).value().contains("0 is next"));
    MessageChecker also_rekeyed;
    CHECK_FALSE(also_rekeyed.sent(sealed(0, false, 1, 1)));
}

TEST_CASE("messages: no IV seals twice", "[sim]") {
    MessageChecker checker;
    CHECK_FALSE(checker.sent(sealed(0, false, 1, 1)));
    CHECK(checker.sent(sealed(0, true, 1, 2)).value().contains("IV"));
}

TEST_CASE("tables: different keys under one SPI are found", "[sim]") {
    KernelModel east{Prng{1}, {kEast}};
    KernelModel west{Prng{2}, {kWest}};
    install(east, sa(0x1000, 1));
    CHECK_FALSE(check_same_keys(east, west));
    install(west, sa(0x1000, 2));
    CHECK(check_same_keys(east, west).value().contains("other keys"));
}

TEST_CASE("tables: an SA in UDP at one end is found", "[sim]") {
    KernelModel east{Prng{1}, {kEast}};
    KernelModel west{Prng{2}, {kWest}};
    xfrm::SaSpec in_udp = sa(0x1000, 1);
    in_udp.encapsulation = xfrm::UdpEncapsulation{4500, 4500, {}};
    install(east, sa(0x1000, 1));
    CHECK_FALSE(check_same_encapsulation(east, west));
    install(west, std::move(in_udp));
    CHECK(check_same_encapsulation(east, west).value().contains("one end only"));
}

TEST_CASE("tables: what only one of kernel and host knows is found", "[sim]") {
    KernelModel kernel{Prng{1}, {kWest}};
    CHECK_FALSE(check_belief(kernel, {}));
    CHECK(check_belief(kernel, snapshot_with_child(0x1000, 0x2000)).value().contains("believed"));
    install(kernel, sa(0x1000, 1));
    CHECK(check_belief(kernel, {}).value().contains("knows nothing"));
    CHECK(check_nothing_left(kernel, {}).value().contains("left"));
    CHECK(check_nothing_left(KernelModel{Prng{1}, {}}, snapshot_with_child(1, 2)).value().contains("do not agree"));
    REQUIRE(kernel.run(xfrm::AllocateSpi{.source = kEast, .destination = kWest}).has_value());
    REQUIRE(kernel.run(xfrm::RemoveSas{{sa(0x1000, 1).id}}).has_value());
    CHECK(check_belief(kernel, {}).value().contains("larval"));
}

TEST_CASE("tables: ends that differ are found", "[sim]") {
    const auto west = snapshot_with_child(0x1000, 0x2000);
    auto east = snapshot_with_child(0x2000, 0x1000);
    auto& ike_sa = east.connections[0].ike_sas[0];
    const auto check = [&] { return check_agreement(east.connections[0], west.connections[0]); };
    CHECK(check().value().contains("same role"));
    ike_sa.role = ike::Role::Responder;
    CHECK(check().value().contains("do not meet"));
    CHECK_FALSE(check_agreement(east.connections[0], west.connections[0], true));  // through a NAT
    std::swap(ike_sa.local, ike_sa.remote);
    CHECK_FALSE(check());
    ike_sa.children[0].inbound = {0x3000};
    CHECK(check().value().contains("SPIs"));
    ike_sa.initiator_spi = {1};
    CHECK(check().value().contains("different IKE SAs"));
    east.connections[0].ike_sas.clear();
    CHECK(check().value().contains("0 and 1"));
}

TEST_CASE("tampering: a changed state, an effect and a large answer are found", "[sim]") {
    const Bytes octets(40, 0);
    CHECK_FALSE(check_tampered(octets, "a", "a", {}));
    CHECK(check_tampered(octets, "a", "b", {}).value().contains("changed the state"));
    ike::Effects effects;
    effects.emplace_back(ike::KernelRequest{{1}, xfrm::DumpSas{}});
    CHECK(check_tampered(octets, "a", "a", effects).has_value());
    effects.clear();
    effects.emplace_back(ike::Transmit{{}, Bytes(200, 0)});
    CHECK(check_tampered(octets, "a", "a", effects).value().contains("larger"));
}

TEST_CASE("traffic: clear packets under a policy, strangers and doubles are found", "[sim]") {
    Options options;
    options.ike_east = options.ike_west = "aes128gcm16-prfsha256-x25519";
    options.esp_east = options.esp_west = "aes128gcm16";
    const Site site = make_site(options, 0);
    const ike::Configuration& wanted = *site.configuration;
    TrafficOracle oracle;
    const Packet out{.source = kEast, .destination = kWest, .probe = oracle.next_probe(0, 1)};
    const Packet in{.source = kWest, .destination = kEast, .probe = oracle.next_probe(1, 0)};
    CHECK_FALSE(oracle.left(0, wanted, out, out));  // nothing is promised yet
    oracle.policies_installed(0, "to-west");
    CHECK(oracle.left(0, wanted, out, out).value().contains("left in clear"));
    CHECK(oracle.delivered(0, wanted, {in, false}).value().contains("taken in clear"));
    CHECK_FALSE(oracle.delivered(0, wanted, {in, true}));
    CHECK(oracle.delivered(0, wanted, {in, true}).value().contains("twice"));
    CHECK(oracle.arrived_since(1, 0, 0));
    CHECK_FALSE(oracle.arrived_since(1, 0, in.probe));
    CHECK(oracle.lost_since(0) == out.probe);
    CHECK_FALSE(oracle.lost_since(out.probe));
    CHECK_FALSE(oracle.arrived_since(0, 1, 0));
    Packet unknown = in;
    unknown.probe = 99;
    CHECK(oracle.delivered(0, wanted, {unknown, true}).value().contains("nobody sent"));
    oracle.policies_gone(0);
    CHECK_FALSE(oracle.left(0, wanted, out, out));
}

TEST_CASE("events: what they do not tell, and what contradicts itself, is found", "[sim]") {
    const auto shown = [](std::uint32_t inbound) {
        auto snapshot = snapshot_with_child(inbound, 0x2000);
        auto& sa = snapshot.connections[0].ike_sas[0];
        sa.connection = "to-west";
        sa.children[0].name = "net";
        return snapshot;
    };
    EventChecker checker;
    CHECK_FALSE(checker.check({}));
    CHECK(checker.check(shown(0x1000)).value().contains("IKE SA"));
    ike::IkeSaUp up;
    up.connection = "to-west";
    checker.happened(up);
    CHECK(checker.check(shown(0x1000)).value().contains("child to-west/net"));
    checker.happened(ike::ChildUp{"to-west", "net", {0x1000}, {0x2000}, ""});
    CHECK_FALSE(checker.check(shown(0x1000)));
    CHECK(checker.check(shown(0x3000)).has_value());
    checker.happened(ike::ChildDown{"to-west", "net", {0x3000}, {0x2000}, ike::Reason::Expired});
    CHECK(checker.check(shown(0x1000)).value().contains("contradict"));
}

TEST_CASE("deletions: a second Delete, and words after the last, are found", "[sim]") {
    const auto request = [](std::uint32_t id, ike::Payload payload) {
        OpenedMessage message;
        message.header.message_id = {id};
        message.was_sealed = true;
        message.payloads.push_back(std::move(payload));
        return message;
    };
    const ike::Delete child{ike::ProtocolId::Esp, {xfrm::EspSpi{7}}};
    DeletionChecker checker;
    CHECK_FALSE(checker.sent(request(1, child)));
    CHECK_FALSE(checker.sent(request(1, child)));  // a retransmission
    CHECK(checker.sent(request(2, child)).value().contains("two requests"));
    DeletionChecker closed;
    CHECK_FALSE(closed.sent(request(1, ike::Delete{})));
    CHECK(closed.sent(request(2, child)).value().contains("follows"));
}

TEST_CASE("switching: an SA that is used too early is found", "[sim]") {
    const IpsecPacket packet{.headers = {{.spi = {0x2000}}}, .udp = {}, .inner = {}};
    const auto ready = [](std::uint32_t which) {
        return [which](xfrm::IpsecProtocol, xfrm::EspSpi spi) { return spi.value == which; };
    };
    CHECK_FALSE(check_switch(packet, {{0x1000}}, ready(0x2000)));
    CHECK(check_switch(packet, {{0x1000}}, ready(0x1000)).value().contains("before"));
    CHECK_FALSE(check_switch(packet, {}, ready(0x1000)));  // nothing else could have been used
}

namespace {

struct CoreUnderTest {
    SimulatedRandom random{Prng{1}};
    ike::Host host{random};
    ike::Core& core = core_of(host);

    ike::IkeSa& add(ike::Role role, std::uint8_t key) {
        ike::IkeSa sa;
        sa.role = role;
        sa.initiator_spi = {7};
        sa.responder_spi = {9};
        sa.state = ike::state::Established{};
        sa.sk_d = Secret{View{Bytes(32, key)}};
        return core.add(std::move(sa));
    }
};

}  // namespace

TEST_CASE("keys: two ends that share less than everything are found", "[sim]") {
    CoreUnderTest east;
    CoreUnderTest west;
    east.add(ike::Role::Initiator, 1);
    ike::IkeSa& theirs = west.add(ike::Role::Responder, 1);
    CHECK_FALSE(check_same_ike_sas(east.core, west.core));
    theirs.peer_id = "mallory";
    CHECK(check_same_ike_sas(east.core, west.core).value().contains("others"));
    theirs.sk_d = Secret{View{Bytes(32, 2)}};
    CHECK(check_same_ike_sas(east.core, west.core).value().contains("keys"));
    CoreUnderTest also_east;
    also_east.add(ike::Role::Initiator, 1).responder_spi = {7};
    CHECK_FALSE(check_same_ike_sas(east.core, also_east.core));  // another IKE SA
}

TEST_CASE("zombies: an IKE SA that waits for nothing is found", "[sim]") {
    CoreUnderTest east;
    ike::IkeSa& sa = east.add(ike::Role::Initiator, 1);
    CHECK(check_no_zombies(east.core).value().contains("established"));
    east.core.arm_in(sa, ike::Timer::Lifetime, std::chrono::hours{1});
    CHECK_FALSE(check_no_zombies(east.core));
    east.core.disarm_all(sa);
    (void)east.core.request_crypto(sa, ike::GenerateKeyShare{});
    CHECK_FALSE(check_no_zombies(east.core));
}

TEST_CASE("bounds: too many effects, jobs and half-open IKE SAs are found", "[sim]") {
    CoreUnderTest east;
    CHECK_FALSE(check_bounds(east.core, {}, 0));
    CHECK(check_bounds(east.core, {}, 1000).value().contains("jobs"));
    ike::Effects many;
    for (int i = 0; i < 300; ++i) many.emplace_back(ike::Transmit{});
    CHECK(check_bounds(east.core, many, 0).value().contains("effects"));
    for (std::uint32_t i = 0; i <= east.core.configuration->limits.half_open_max; ++i) east.core.half_open.add({i, 1}, kWest);
    CHECK(check_bounds(east.core, {}, 0).value().contains("half-open"));
}

TEST_CASE("progress: a host that ticks without end is found", "[sim]") {
    CoreUnderTest east;
    ProgressChecker checker;
    for (int i = 0; i < 20; ++i) REQUIRE_FALSE(checker.stepped({}, east.host, true));
    CHECK(checker.stepped({}, east.host, true).value().contains("one tick after another"));
    ProgressChecker moving;
    for (int i = 0; i < 100; ++i) REQUIRE_FALSE(moving.stepped(Time{std::chrono::seconds{i}}, east.host, true));
}

TEST_CASE("probes: what was never reached is told", "[sim]") {
    Probes probes;
    const std::size_t all = probes.missed().size();
    CHECK(all > 0);
    probes.happened(ike::ChildDown{"", "", {}, {}, ike::Reason::Expired});
    CHECK(probes.all().contains("child down expired"));
    CHECK(probes.missed().size() == all - 1);
}

TEST_CASE("a seed gives the same simulation each time, with and without its ladder", "[sim]") {
    for (const std::uint64_t seed : {3, 17, 42}) {
        const Outcome quiet = Simulation{draw_options(seed), false}.run();
        const Outcome again = Simulation{draw_options(seed), true}.run();
        CHECK(quiet.digest == again.digest);
        CHECK(quiet.unseed == again.unseed);
        CHECK(quiet.ladder.empty());
        CHECK_FALSE(again.ladder.empty());
        CHECK(Simulation{draw_options(seed + 1), false}.run().digest != quiet.digest);
    }
}
