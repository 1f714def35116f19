// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/model/nat.h"

#include <catch2/catch_test_macros.hpp>

using namespace xfrmd;
using namespace xfrmd::sim;
using namespace std::chrono_literals;

namespace {

const xfrm::Address kInside = xfrm::Address::v4(0xc0a80102);
const xfrm::Address kOutside = xfrm::Address::v4(0xc0000265);
const xfrm::Endpoint kPeer{xfrm::Address::v4(0xc0000202), 4500};
const xfrm::Endpoint kPeersOtherPort{kPeer.address, 500};
const xfrm::Endpoint kStranger{xfrm::Address::v4(0xc0000203), 4500};

Frame from(const xfrm::Endpoint& source, const xfrm::Endpoint& destination) {
    return {IkeDatagram{source, destination, true, Bytes(4, 1)}, false};
}
std::uint16_t port_of(const std::optional<Frame>& frame) {
    return std::get<IkeDatagram>(frame.value().content).source.port;
}

struct Box {
    Nat nat;
    explicit Box(NatBehaviour behaviour) : nat{Prng{1}, behaviour, kInside, kOutside} {}
    std::uint16_t send(const xfrm::Endpoint& to, ike::Time at = {}) {
        return port_of(nat.outward(at, from({kInside, 4500}, to)));
    }
    bool lets_in(const xfrm::Endpoint& source, std::uint16_t port, ike::Time at = {}) {
        const auto frame = nat.inward(at, from(source, {kOutside, port}));
        if (frame) CHECK(std::get<IkeDatagram>(frame->content).destination == xfrm::Endpoint{kInside, 4500});
        return frame.has_value();
    }
};

}  // namespace

TEST_CASE("a NAT maps as it is told to depend on the other end", "[sim]") {
    Box independent{{.mapping = NatDependence::EndpointIndependent}};
    CHECK(independent.send(kPeer) == independent.send(kStranger));
    Box by_address{{.mapping = NatDependence::AddressDependent}};
    CHECK(by_address.send(kPeer) == by_address.send(kPeersOtherPort));
    CHECK(by_address.send(kPeer) != by_address.send(kStranger));
    Box by_port{{.mapping = NatDependence::AddressAndPortDependent}};
    CHECK(by_port.send(kPeer) == by_port.send(kPeer));
    CHECK(by_port.send(kPeer) != by_port.send(kPeersOtherPort));
}

TEST_CASE("a NAT lets in whom its filter knows", "[sim]") {
    Box open{{.filtering = NatDependence::EndpointIndependent}};
    CHECK(open.lets_in(kStranger, open.send(kPeer)));
    Box by_address{{.filtering = NatDependence::AddressDependent}};
    const auto port = by_address.send(kPeer);
    CHECK(by_address.lets_in(kPeersOtherPort, port));
    CHECK_FALSE(by_address.lets_in(kStranger, port));
    Box by_port{{.filtering = NatDependence::AddressAndPortDependent}};
    CHECK_FALSE(by_port.lets_in(kPeersOtherPort, by_port.send(kPeer)));
    CHECK_FALSE(by_port.lets_in(kPeer, 1));
}

TEST_CASE("a mapping lives as long as something goes out", "[sim]") {
    Box box{{.lifetime = 60s}};
    const auto port = box.send(kPeer);
    CHECK(box.lets_in(kPeer, port, ike::Time{50s}));
    CHECK_FALSE(box.lets_in(kPeer, port, ike::Time{61s}));  // what came in did not count
    const auto fresh = box.send(kPeer, ike::Time{62s});
    CHECK(fresh != port);
    CHECK(box.send(kPeer, ike::Time{120s}) == fresh);
    CHECK(box.lets_in(kPeer, fresh, ike::Time{170s}));
    box.nat.rebind();
    CHECK_FALSE(box.lets_in(kPeer, fresh, ike::Time{170s}));
    CHECK(box.send(kPeer, ike::Time{170s}) != fresh);
}

TEST_CASE("ESP that is not in UDP does not pass a NAT", "[sim]") {
    Box box{{}};
    IpsecPacket packet{.headers = {{.source = kInside, .destination = kPeer.address}}, .udp = {}, .inner = {}};
    CHECK_FALSE(box.nat.outward({}, Frame{WirePacket{packet}, false}));
    packet.udp = UdpPorts{4500, 4500};
    const auto out = box.nat.outward({}, Frame{WirePacket{packet}, false});
    REQUIRE(out.has_value());
    CHECK(source_of(*out) == kOutside);
}
