// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/model/nat.h"

#include <algorithm>
#include <span>

namespace xfrmd::sim {

namespace {

// The UDP flow a frame belongs to; nothing for what is not UDP.
struct Flow {
    xfrm::Endpoint source;
    xfrm::Endpoint destination;
};
std::optional<Flow> flow_of(const Frame& frame) {
    if (const auto* ike = std::get_if<IkeDatagram>(&frame.content)) return Flow{ike->source, ike->destination};
    const auto* sealed = std::get_if<IpsecPacket>(&std::get<WirePacket>(frame.content));
    if (sealed == nullptr || !sealed->udp) return std::nullopt;
    return Flow{{sealed->source(), sealed->udp->source}, {sealed->destination(), sealed->udp->destination}};
}

// The headers that stand behind the outermost IP header, and so have its addresses: transport mode adds none of its own.
std::span<IpsecHeader> outermost(IpsecPacket& sealed) {
    const auto inner = std::ranges::find_if(sealed.headers, [](const IpsecHeader& header) {
        return header.mode != xfrm::Mode::Transport;
    });
    const auto count = inner - sealed.headers.begin() + (inner == sealed.headers.end() ? 0 : 1);
    return std::span{sealed.headers}.first(static_cast<std::size_t>(count));
}

void set_source(Frame& frame, const xfrm::Endpoint& source) {
    if (auto* ike = std::get_if<IkeDatagram>(&frame.content)) {
        ike->source = source;
        return;
    }
    auto& sealed = std::get<IpsecPacket>(std::get<WirePacket>(frame.content));
    for (IpsecHeader& header : outermost(sealed)) header.source = source.address;
    sealed.udp->source = source.port;
}

void set_destination(Frame& frame, const xfrm::Endpoint& destination) {
    if (auto* ike = std::get_if<IkeDatagram>(&frame.content)) {
        ike->destination = destination;
        return;
    }
    auto& sealed = std::get<IpsecPacket>(std::get<WirePacket>(frame.content));
    for (IpsecHeader& header : outermost(sealed)) header.destination = destination.address;
    sealed.udp->destination = destination.port;
}

}  // namespace

Nat::Nat(Prng prng, NatBehaviour behaviour, xfrm::Address inside, xfrm::Address outside)
    : prng_{prng}, behaviour_{behaviour}, inside_{inside}, outside_{outside} {}

std::optional<Frame> Nat::outward(ike::Time now, Frame frame) {
    const auto flow = flow_of(frame);
    if (!flow) return std::nullopt;
    set_source(frame, {outside_, port_for(now, flow->source.port, flow->destination)});
    return frame;
}

std::optional<Frame> Nat::inward(ike::Time now, Frame frame) {
    const auto flow = flow_of(frame);
    if (!flow) return std::nullopt;
    expire(now);
    const auto found = mappings_.find(flow->destination.port);
    if (found == mappings_.end()) return std::nullopt;
    const Mapping& mapping = found->second;
    const bool passes = std::ranges::any_of(mapping.sent_to, [&](const auto& known) {
        return alike(behaviour_.filtering, known.first, flow->source);
    });
    if (!passes) return std::nullopt;
    set_destination(frame, {inside_, mapping.inside_port});
    return frame;
}

void Nat::rebind() { mappings_.clear(); }

bool Nat::alike(NatDependence dependence, const xfrm::Endpoint& left, const xfrm::Endpoint& right) {
    switch (dependence) {
        case NatDependence::EndpointIndependent: return true;
        case NatDependence::AddressDependent: return left.address == right.address;
        case NatDependence::AddressAndPortDependent: return left == right;
    }
    std::unreachable();
}

void Nat::expire(ike::Time now) {
    std::erase_if(mappings_,
                  [&](const auto& entry) { return entry.second.refreshed + behaviour_.lifetime < now; });
}

std::uint16_t Nat::port_for(ike::Time now, std::uint16_t inside_port, const xfrm::Endpoint& remote) {
    expire(now);
    auto at = std::ranges::find_if(mappings_, [&](const auto& entry) {
        return entry.second.inside_port == inside_port && alike(behaviour_.mapping, entry.second.remote, remote);
    });
    if (at == mappings_.end()) {
        std::uint16_t port = inside_port;
        while (!behaviour_.keeps_ports || mappings_.contains(port)) {
            port = static_cast<std::uint16_t>(prng_.between(20'000, 60'000));
            if (!mappings_.contains(port)) break;
        }
        at = mappings_.emplace(port, Mapping{inside_port, remote, {}, now}).first;
    }
    at->second.refreshed = now;
    at->second.sent_to[remote] = now;
    return at->first;
}

}  // namespace xfrmd::sim
