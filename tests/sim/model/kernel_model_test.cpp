// SPDX-License-Identifier: Apache-2.0
// What the contract with Linux does not reach: packets from one kernel model to another.
#include "tests/sim/model/kernel_model.h"

#include <catch2/catch_test_macros.hpp>

#include <utility>

#include "tests/support/sa_spec_copy.h"

using namespace xfrmd;
using namespace xfrmd::sim;
using namespace xfrmd::xfrm;
using namespace std::chrono_literals;

namespace {

const Address kEast = Address::parse("192.0.2.1").value();
const Address kWest = Address::parse("192.0.2.2").value();
constexpr ReqId kReqid{7};

SaSpec sa(const Address& from, const Address& to, std::uint32_t spi, Mode mode, std::uint8_t key) {
    SaSpec spec;
    spec.id = {from, to, IpsecProtocol::Esp, EspSpi{spi}, {}};
    spec.mode = mode;
    spec.reqid = kReqid;
    spec.aead = AeadAlgorithm{"rfc4106(gcm(aes))", Secret{View{Bytes(20, key)}}, 128};
    spec.replay_window = 32;
    return spec;
}

// Both hosts with policies for everything between `local` and `remote`, and SAs if wanted.
struct Pair {
    KernelModel east{Prng{1}, {kEast, Address::parse("10.1.0.1").value()}};
    KernelModel west{Prng{2}, {kWest, Address::parse("10.2.0.1").value()}};
    Mode mode;

    explicit Pair(Mode wanted_mode) : mode{wanted_mode} {
        const Selector outward =
            mode == Mode::Transport
                ? Selector{Prefix::host(kEast), Prefix::host(kWest), 0, {}, {}, 0}
                : Selector{Prefix::parse("10.1.0.0/16").value(), Prefix::parse("10.2.0.0/16").value(), 0, {}, {}, 0};
        install_policies(east, outward, kEast, kWest);
        install_policies(west, outward.reversed(), kWest, kEast);
    }
    void install_policies(KernelModel& kernel, const Selector& outward, const Address& own, const Address& peer) const {
        InstallPolicies request;
        for (const Direction direction : {Direction::Out, Direction::In, Direction::Forward}) {
            const bool out = direction == Direction::Out;
            PolicySpec policy;
            policy.id = {out ? outward : outward.reversed(), direction, {}, {}};
            policy.templates.push_back(
                {.source = out ? own : peer, .destination = out ? peer : own, .mode = mode, .reqid = kReqid});
            request.policies.push_back(policy);
        }
        REQUIRE(kernel.run(std::move(request)).has_value());
    }
    static void install(KernelModel& kernel, SaSpec spec) {
        InstallSas request;
        request.sas.push_back(std::move(spec));
        request.reserved = {false};
        REQUIRE(kernel.run(std::move(request)).has_value());
    }
    void install_sas() {
        install(east, sa(kEast, kWest, 0x1000, mode, 1));
        install(west, sa(kEast, kWest, 0x1000, mode, 1));
        install(west, sa(kWest, kEast, 0x2000, mode, 2));
        install(east, sa(kWest, kEast, 0x2000, mode, 2));
    }
    Packet packet() const {
        if (mode == Mode::Transport) return {.source = kEast, .destination = kWest, .probe = 1};
        return {.source = Address::parse("10.1.0.1").value(), .destination = Address::parse("10.2.0.1").value(), .probe = 1};
    }
};

}  // namespace

TEST_CASE("a packet is protected, carried and opened", "[sim]") {
    for (const Mode mode : {Mode::Transport, Mode::Tunnel}) {
        Pair pair{mode};
        pair.install_sas();
        const auto wire = pair.east.output(pair.packet());
        REQUIRE(wire.has_value());
        REQUIRE(std::holds_alternative<IpsecPacket>(*wire));
        CHECK(std::get<IpsecPacket>(*wire).destination() == kWest);
        const auto delivered = pair.west.input(*wire);
        REQUIRE(delivered.has_value());
        CHECK(delivered->was_protected);
        CHECK(delivered->packet == pair.packet());
        CHECK(pair.west.input(*wire).error() == Drop::Replayed);
    }
}

TEST_CASE("without SAs a packet waits, and one acquire is raised", "[sim]") {
    Pair pair{Mode::Tunnel};
    CHECK(pair.east.output(pair.packet()).error() == Drop::WaitingForSa);
    CHECK(pair.east.output(pair.packet()).error() == Drop::WaitingForSa);
    const auto events = pair.east.take_events();
    REQUIRE(events.size() == 1);
    const auto& acquire = std::get<Acquire>(events[0]);
    CHECK(acquire.source == kEast);
    CHECK(acquire.destination == kWest);
}

TEST_CASE("nobody listening, a packet is dropped without a trace", "[sim]") {
    Pair pair{Mode::Transport};
    pair.east.set_listening(false);
    CHECK(pair.east.output(pair.packet()).error() == Drop::WaitingForSa);
    CHECK(pair.east.sas().empty());
    pair.east.set_listening(true);
    CHECK(pair.east.output(pair.packet()).error() == Drop::WaitingForSa);
    CHECK(pair.east.take_events().size() == 1);
}

TEST_CASE("a clear packet from a protected peer is dropped", "[sim]") {
    for (const Mode mode : {Mode::Transport, Mode::Tunnel}) {
        Pair pair{mode};
        CHECK(pair.west.input(pair.packet()).error() == Drop::NotProtected);
        pair.install_sas();
        CHECK(pair.west.input(pair.packet()).error() == Drop::NotProtected);
    }
}

TEST_CASE("an ESP packet opens with the same keys only", "[sim]") {
    Pair pair{Mode::Transport};
    Pair::install(pair.east, sa(kEast, kWest, 0x1000, Mode::Transport, 1));
    const auto wire = pair.east.output(pair.packet());
    REQUIRE(wire.has_value());
    CHECK(pair.west.input(*wire).error() == Drop::NoSuchSa);
    Pair::install(pair.west, sa(kEast, kWest, 0x1000, Mode::Transport, 3));
    CHECK(pair.west.input(*wire).error() == Drop::WrongProtection);
    CHECK(pair.west.sas()[0].integrity_failures == 1);
    REQUIRE(pair.west.run(RemoveSas{{pair.west.sas()[0].spec.id}}).has_value());
    SaSpec encapsulated = sa(kEast, kWest, 0x1000, Mode::Transport, 1);
    encapsulated.encapsulation = UdpEncapsulation{4500, 4500, {}};
    Pair::install(pair.west, std::move(encapsulated));
    CHECK(pair.west.input(*wire).error() == Drop::WrongEncapsulation);
}

TEST_CASE("an SA with another reqid does not satisfy a policy", "[sim]") {
    Pair pair{Mode::Transport};
    Pair::install(pair.east, sa(kEast, kWest, 0x1000, Mode::Transport, 1));
    SaSpec other = sa(kEast, kWest, 0x1000, Mode::Transport, 1);
    other.reqid = ReqId{8};
    Pair::install(pair.west, std::move(other));
    const auto wire = pair.east.output(pair.packet());
    REQUIRE(wire.has_value());
    CHECK(pair.west.input(*wire).error() == Drop::NotProtected);
}

TEST_CASE("a tunnel to where no policy is, is refused", "[sim]") {
    Pair pair{Mode::Tunnel};
    pair.install_sas();
    const auto wire = pair.east.output(pair.packet());
    REQUIRE(wire.has_value());
    std::vector<PolicyId> ids;
    for (const PolicyInfo& policy : pair.west.policies()) ids.push_back(policy.spec.id);
    REQUIRE(pair.west.run(RemovePolicies{ids}).has_value());
    CHECK(pair.west.input(*wire).error() == Drop::NoPolicy);
}

TEST_CASE("traffic that no policy names passes in clear", "[sim]") {
    Pair pair{Mode::Tunnel};
    const Packet other{.source = kEast, .destination = kWest, .probe = 2};
    const auto wire = pair.east.output(other);
    REQUIRE(wire.has_value());
    CHECK(std::holds_alternative<Packet>(*wire));
    CHECK_FALSE(pair.west.input(*wire).value().was_protected);
}

TEST_CASE("the youngest SA that is not dying is used", "[sim]") {
    Pair pair{Mode::Transport};
    SaSpec old = sa(kEast, kWest, 0x1000, Mode::Transport, 1);
    old.limits.soft_add_seconds = 10;
    Pair::install(pair.east, std::move(old));
    pair.east.advance(Time{1s});
    Pair::install(pair.east, sa(kEast, kWest, 0x1001, Mode::Transport, 1));
    CHECK(std::get<IpsecPacket>(pair.east.output(pair.packet()).value()).headers[0].spi == EspSpi{0x1001});
    CHECK(pair.east.next_timer() == Time{10s});
    pair.east.advance(Time{11s});
    REQUIRE(pair.east.take_events().size() == 1);
}

TEST_CASE("of two SAs of one moment the one that was added last is used", "[sim]") {
    Pair pair{Mode::Transport};
    Pair::install(pair.east, sa(kEast, kWest, 0x1001, Mode::Transport, 1));
    Pair::install(pair.east, sa(kEast, kWest, 0x1000, Mode::Transport, 1));
    CHECK(std::get<IpsecPacket>(pair.east.output(pair.packet()).value()).headers[0].spi == EspSpi{0x1000});
}

TEST_CASE("all inbound SAs of one reqid are taken side by side", "[sim]") {
    Pair pair{Mode::Tunnel};
    Pair::install(pair.east, sa(kEast, kWest, 0x1000, Mode::Tunnel, 1));
    Pair::install(pair.west, sa(kEast, kWest, 0x1000, Mode::Tunnel, 1));
    Pair::install(pair.west, sa(kEast, kWest, 0x1001, Mode::Tunnel, 2));
    const auto late = pair.east.output(pair.packet());
    pair.east.advance(Time{1s});
    Pair::install(pair.east, sa(kEast, kWest, 0x1001, Mode::Tunnel, 2));
    CHECK(pair.west.input(pair.east.output(pair.packet()).value()).has_value());
    CHECK(pair.west.input(late.value()).has_value());
}

TEST_CASE("an optional template asks for an SA and lets the packet pass", "[sim]") {
    Pair pair{Mode::Transport};
    PolicySpec policy = pair.east.policies().front().spec;
    policy.templates[0].optional = true;
    REQUIRE(pair.east.run(InstallPolicies{{policy}, true}).has_value());
    CHECK(std::holds_alternative<Packet>(pair.east.output(pair.packet()).value()));
    CHECK(pair.east.take_events().size() == 1);
    pair.install_sas();
    CHECK(std::holds_alternative<IpsecPacket>(pair.east.output(pair.packet()).value()));
}

TEST_CASE("without extended sequence numbers an SA ends with its last one", "[sim]") {
    for (const bool extended : {false, true}) {
        Pair pair{Mode::Transport};
        SaSpec spec = sa(kEast, kWest, 0x1000, Mode::Transport, 1);
        spec.extended_sequence_numbers = extended;
        const SaId id = spec.id;
        Pair::install(pair.east, std::move(spec));
        pair.east.wind_sequence(id, 0xffff'fffe);
        CHECK(pair.east.output(pair.packet()).has_value());
        CHECK(pair.east.output(pair.packet()).has_value() == extended);
    }
}

TEST_CASE("AH around ESP is put on and taken off as the templates say", "[sim]") {
    Pair pair{Mode::Transport};
    const auto require_both = [](KernelModel& kernel) {
        InstallPolicies request{.policies = {}, .replace = true};
        for (const PolicyInfo& policy : kernel.policies()) {
            request.policies.push_back(policy.spec);
            Template ah = policy.spec.templates[0];
            ah.protocol = IpsecProtocol::Ah;
            request.policies.back().templates.push_back(ah);
        }
        REQUIRE(kernel.run(std::move(request)).has_value());
    };
    require_both(pair.east);
    require_both(pair.west);
    SaSpec esp = sa(kEast, kWest, 0x1000, Mode::Transport, 1);
    SaSpec ah = sa(kEast, kWest, 0x1000, Mode::Transport, 1);
    ah.id.protocol = IpsecProtocol::Ah;
    ah.aead.reset();
    ah.integrity = IntegrityAlgorithm{"hmac(sha256)", Secret{View{Bytes(32, 9)}}, 128};
    for (KernelModel* kernel : {&pair.east, &pair.west}) {
        Pair::install(*kernel, test::copy(esp, true));
        Pair::install(*kernel, test::copy(ah, true));
    }
    const auto wire = pair.east.output(pair.packet());
    REQUIRE(wire.has_value());
    const auto& headers = std::get<IpsecPacket>(*wire).headers;
    REQUIRE(headers.size() == 2);
    CHECK(headers[0].protocol == IpsecProtocol::Ah);  // the last template is the outermost
    CHECK(headers[1].protocol == IpsecProtocol::Esp);
    IpsecPacket esp_alone = std::get<IpsecPacket>(*wire);
    esp_alone.headers.erase(esp_alone.headers.begin());
    CHECK(pair.west.input(esp_alone).error() == Drop::NotProtected);
    pair.east.advance(Time{1s});
    CHECK(pair.west.input(pair.east.output(pair.packet()).value()).has_value());
}

TEST_CASE("a peer behind another port is told as a new mapping", "[sim]") {
    Pair pair{Mode::Tunnel};
    SaSpec spec = sa(kEast, kWest, 0x1000, Mode::Tunnel, 1);
    spec.encapsulation = UdpEncapsulation{4500, 4500, {}};
    Pair::install(pair.east, test::copy(spec, true));
    Pair::install(pair.west, std::move(spec));
    auto wire = std::get<IpsecPacket>(pair.east.output(pair.packet()).value());
    CHECK(pair.west.input(wire).has_value());
    CHECK(pair.west.take_events().empty());
    wire = std::get<IpsecPacket>(pair.east.output(pair.packet()).value());
    wire.udp->source = 31000;
    CHECK(pair.west.input(wire).has_value());
    const auto events = pair.west.take_events();
    REQUIRE(events.size() == 1);
    CHECK(std::get<MappingChanged>(events[0]).after == Endpoint{kEast, 31000});
}
