// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ike/translated.h"

#include <catch2/catch_test_macros.hpp>

namespace xfrmd::test {

namespace {

xfrm::Address outside(xfrm::Family family, int number) {
    const std::string network = family == xfrm::Family::V4 ? "203.0.113." : "2001:db8:113::";
    return *xfrm::Address::parse(network + std::to_string(number));
}

}  // namespace

Translated::Translated(BehindNat who, bool transport, xfrm::Family family)
    : pair{family},
      alice_outside{who == BehindNat::Bob ? pair.alice.address : outside(family, 9)},
      bob_outside{who == BehindNat::Alice ? pair.bob.address : outside(family, 8)},
      who_{who},
      transport_{transport} {
    if (!transport) pair.use_tunnel();
    pair.alice.connection.remote = bob_outside;
    pair.bob.connection.remote = alice_outside;
    if (transport) {
        pair.alice.connection.children.front().remote = {AddressRange::of(xfrm::Prefix::host(bob_outside))};
        pair.bob.connection.children.front().remote = {AddressRange::of(xfrm::Prefix::host(alice_outside))};
    }
    pair.wire = [this](const Peer& to, Datagram& datagram) { return translate(to, datagram); };
}

void Translated::bring_up() {
    pair.configure();
    pair.up(pair.alice);
    REQUIRE(pair.both_up());
}

const IkeSaSnapshot& Translated::ike_sa(const Peer& peer) {
    shot_ = peer.host->snapshot();
    return shot_.connections.front().ike_sas.front();
}

std::uint16_t Translated::port_in_kernel(bool outbound) const {
    for (const auto& sa : pair.bob.kernel.sas())
        if ((sa.spec.id.source == pair.bob.address) == outbound)
            return outbound ? sa.spec.encapsulation->destination_port : sa.spec.encapsulation->source_port;
    return 0;
}

bool Translated::passes(Peer& from, std::uint8_t protocol, std::uint16_t source_port, std::uint16_t destination_port) {
    Peer& to = pair.other(from);
    const bool from_alice = &from == &pair.alice;
    const auto in_lan = [](bool alices) { return *xfrm::Address::parse(alices ? "10.1.0.1" : "10.2.0.1"); };
    const auto sealed = from.kernel.output({.source = transport_ ? from.address : in_lan(from_alice),
                                            .destination = transport_ ? outside_of(to) : in_lan(!from_alice),
                                            .protocol = protocol,
                                            .source_port = source_port,
                                            .destination_port = destination_port,
                                            .probe = ++probe_});
    if (!sealed || !std::holds_alternative<sim::IpsecPacket>(*sealed)) return false;
    auto esp = std::get<sim::IpsecPacket>(*sealed);
    if (!esp.udp) return false;  // no NAT lets it pass
    sim::IpsecHeader& header = esp.headers.front();
    const xfrm::Endpoint source = outwards(from, {header.source, esp.udp->source});
    const auto destination = inwards(to, {header.destination, esp.udp->destination}, true);
    if (!destination) return false;
    header.source = source.address;
    header.destination = destination->address;
    esp.udp = sim::UdpPorts{source.port, destination->port};
    const auto delivered = to.kernel.input(esp);
    for (xfrm::KernelEvent& event : to.kernel.take_events()) pair.input(to, KernelEvent{std::move(event)});
    if (!delivered) return false;
    // An answer finds its way back only if the application sees the address that its policies are for.
    return !transport_ || (delivered->packet.source == outside_of(from) && delivered->packet.destination == to.address);
}

xfrm::Endpoint Translated::outwards(const Peer& from, const xfrm::Endpoint& source) const {
    if (!is_behind(from)) return source;
    return {outside_of(from), &from == &pair.alice ? port : source.port};
}

std::optional<xfrm::Endpoint> Translated::inwards(const Peer& to, const xfrm::Endpoint& destination,
                                                  bool encapsulated) const {
    if (!is_behind(to)) return destination;
    const bool to_alice = &to == &pair.alice;
    const std::uint16_t inner_port = encapsulated ? 4500 : 500;
    const xfrm::Endpoint mapped{outside_of(to), to_alice ? port : inner_port};
    if (destination != mapped) return std::nullopt;
    return xfrm::Endpoint{to.address, inner_port};
}

bool Translated::translate(const Peer& to, Datagram& datagram) const {
    const Peer& from = &to == &pair.alice ? pair.bob : pair.alice;
    datagram.path.remote = outwards(from, datagram.path.remote);
    const auto local = inwards(to, datagram.path.local, datagram.path.encapsulated);
    if (!local) return false;
    datagram.path.local = *local;
    return true;
}

}  // namespace xfrmd::test
