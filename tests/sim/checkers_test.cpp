// SPDX-License-Identifier: Apache-2.0
// The checkers find what they are there for: each is shown something wrong.
#include <catch2/catch_test_macros.hpp>

#include "ike/wire/payload.h"
#include "tests/sim/checkers/message_checker.h"
#include "tests/sim/checkers/table_checker.h"
#include "tests/sim/checkers/tamper_checker.h"
#include "tests/sim/checkers/traffic_oracle.h"
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
    CHECK_FALSE(checker.sent(sealed(1, false, 1, 1)));
    CHECK_FALSE(checker.sent(sealed(1, false, 1, 1)));
    CHECK(checker.sent(sealed(1, false, 2, 1)).value().contains("differs"));
    CHECK_FALSE(checker.sent(sealed(0, true, 3, 1)));
    CHECK(checker.sent(sealed(0, true, 4, 1)).value().contains("differs"));
}

TEST_CASE("messages: one request at a time, and no id is skipped", "[sim]") {
    MessageChecker skipped;
    CHECK(skipped.sent(sealed(2, false, 1, 1)).value().contains("1 is next"));
    MessageChecker checker;
    CHECK_FALSE(checker.sent(sealed(1, false, 2, 1)));
    CHECK(checker.sent(sealed(2, false, 3, 1)).value().contains("unanswered"));
    MessageChecker answered;
    CHECK_FALSE(answered.sent(sealed(1, false, 1, 1)));
    answered.received(sealed(1, true, 9, 9));
    CHECK_FALSE(answered.sent(sealed(2, false, 2, 1)));
    CHECK(answered.sent(sealed(3, false, 3, 1)).value().contains("unanswered"));
}

TEST_CASE("messages: no IV seals twice", "[sim]") {
    MessageChecker checker;
    CHECK_FALSE(checker.sent(sealed(1, false, 1, 1)));
    CHECK(checker.sent(sealed(1, true, 1, 2)).value().contains("IV"));
}

TEST_CASE("tables: different keys under one SPI are found", "[sim]") {
    KernelModel east{Prng{1}, {kEast}};
    KernelModel west{Prng{2}, {kWest}};
    install(east, sa(0x1000, 1));
    CHECK_FALSE(check_same_keys(east, west));
    install(west, sa(0x1000, 2));
    CHECK(check_same_keys(east, west).value().contains("other keys"));
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
    CHECK(check_agreement(east, west).value().contains("same role"));
    ike_sa.role = ike::Role::Responder;
    CHECK(check_agreement(east, west).value().contains("do not meet"));
    std::swap(ike_sa.local, ike_sa.remote);
    CHECK_FALSE(check_agreement(east, west));
    ike_sa.children[0].inbound = {0x3000};
    CHECK(check_agreement(east, west).value().contains("SPIs"));
    ike_sa.initiator_spi = {1};
    CHECK(check_agreement(east, west).value().contains("different IKE SAs"));
    east.connections.clear();
    CHECK(check_agreement(east, west).value().contains("0 and 1"));
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
    const Site site = make_site(options, Side::East);
    TrafficOracle oracle;
    const Packet out{.source = kEast, .destination = kWest, .probe = oracle.next_probe(Side::East)};
    const Packet in{.source = kWest, .destination = kEast, .probe = oracle.next_probe(Side::West)};
    CHECK_FALSE(oracle.left(Side::East, *site.configuration, out, out));  // nothing is promised yet
    oracle.policies_installed(Side::East);
    CHECK(oracle.left(Side::East, *site.configuration, out, out).value().contains("left in clear"));
    CHECK(oracle.delivered(Side::East, *site.configuration, {in, false}).value().contains("taken in clear"));
    CHECK_FALSE(oracle.delivered(Side::East, *site.configuration, {in, true}));
    CHECK(oracle.delivered(Side::East, *site.configuration, {in, true}).value().contains("twice"));
    CHECK(oracle.arrived_since(Side::West, 0));
    CHECK_FALSE(oracle.arrived_since(Side::East, 0));
    Packet unknown = in;
    unknown.probe = 99;
    CHECK(oracle.delivered(Side::East, *site.configuration, {unknown, true}).value().contains("nobody sent"));
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
