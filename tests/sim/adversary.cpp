// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/adversary.h"

#include <array>

#include "ike/wire/notify_data.h"
#include "ike/wire/payload.h"

namespace xfrmd::sim {

namespace {

constexpr std::size_t kKept = 64;

Bytes error_message(ike::Header header, ike::NotifyType type, Bytes data) {
    ike::Notify notify;
    notify.type = type;
    notify.data = std::move(data);
    return write_message(header, std::array<ike::Payload, 1>{std::move(notify)});
}

}  // namespace

Adversary::Adversary(Prng prng, const std::vector<const Site*>& sites) : prng_{prng} {
    for (const Site* site : sites) ends_.push_back({site->public_address, site->public_traffic});
}

std::pair<const Adversary::End&, const Adversary::End&> Adversary::any_ends() {
    const std::size_t from = static_cast<std::size_t>(prng_.below(ends_.size()));
    const std::size_t to = (from + 1 + static_cast<std::size_t>(prng_.below(ends_.size() - 1))) % ends_.size();
    return {ends_[from], ends_[to]};
}

void Adversary::overhear(const IkeDatagram& datagram) {
    overheard_.push_back(datagram);
    if (overheard_.size() > kKept) overheard_.pop_front();
}

Frame Adversary::attack() {
    switch (prng_.below(10)) {
        case 0:
        case 1: return replayed();
        case 2: return spoofed();
        case 3:
        case 4: return altered();
        case 5: return garbage();
        case 6: return forged_error();
        case 7: return forged_init_answer();
        case 8: return clear_packet();
        default: return false_esp();
    }
}

const IkeDatagram* Adversary::any_overheard() {
    if (overheard_.empty()) return nullptr;
    return &overheard_[static_cast<std::size_t>(prng_.below(overheard_.size()))];
}

IkeDatagram Adversary::addressed() {
    const auto [from, to] = any_ends();
    const bool encapsulated = prng_.chance(0.2);
    const std::uint16_t port = encapsulated ? 4500 : 500;
    return {{from.address, port}, {to.address, port}, encapsulated, {}};
}

Frame Adversary::replayed() {
    const IkeDatagram* datagram = any_overheard();
    return datagram == nullptr ? garbage() : Frame{*datagram, false};
}

// The same message from somewhere else. What it says is genuine, so it is not counted as tampered.
Frame Adversary::spoofed() {
    const IkeDatagram* datagram = any_overheard();
    if (datagram == nullptr) return garbage();
    IkeDatagram moved = *datagram;
    if (prng_.chance(0.5))
        moved.source.port = static_cast<std::uint16_t>(prng_.between(1024, 65535));
    else
        moved.source.address = moved.source.address.is_v4() ? xfrm::Address::v4(0xcb007101)
                                                            : xfrm::Address::parse("2001:db8:bad::1").value();
    return Frame{std::move(moved), false};
}

Frame Adversary::altered() {
    const IkeDatagram* datagram = any_overheard();
    return datagram == nullptr ? garbage() : tamper(Frame{*datagram, false}, prng_);
}

Frame Adversary::garbage() {
    IkeDatagram datagram = addressed();
    datagram.octets.resize(static_cast<std::size_t>(prng_.below(200)));
    prng_.fill(datagram.octets);
    return Frame{std::move(datagram), true};
}

// "You are refused", unprotected, under the SPIs of a conversation that is under way.
Frame Adversary::forged_error() {
    const IkeDatagram* datagram = any_overheard();
    if (datagram == nullptr) return garbage();
    const auto header = ike::parse_header(datagram->octets);
    if (!header || header->exchange == ike::ExchangeType::IkeSaInit) return garbage();
    constexpr auto kErrors = std::to_array<ike::NotifyType>(
        {ike::NotifyType::AuthenticationFailed, ike::NotifyType::NoProposalChosen, ike::NotifyType::InvalidIkeSpi,
         ike::NotifyType::InvalidSyntax, ike::NotifyType::InvalidMessageId});
    ike::Header answer = *header;
    answer.response = true;
    answer.initiator = !header->initiator;
    IkeDatagram forged{datagram->destination, datagram->source, datagram->encapsulated,
                       error_message(answer, kErrors[static_cast<std::size_t>(prng_.below(kErrors.size()))], {})};
    return Frame{std::move(forged), true};
}

// An answer to an IKE_SA_INIT request, faster than the peer's. RFC 7296 §2.21.1: to be taken with a grain of salt.
Frame Adversary::forged_init_answer() {
    for (const IkeDatagram& datagram : overheard_) {
        const auto header = ike::parse_header(datagram.octets);
        if (!header || header->exchange != ike::ExchangeType::IkeSaInit || header->response) continue;
        ike::Header answer = *header;
        answer.response = true;
        answer.initiator = false;
        Bytes octets;
        switch (prng_.below(3)) {
            case 0: octets = error_message(answer, ike::NotifyType::NoProposalChosen, {}); break;
            case 1: octets = error_message(answer, ike::NotifyType::InvalidKePayload, {0, 19}); break;
            default: octets = error_message(answer, ike::NotifyType::Cookie, Bytes(16, 0xcc)); break;
        }
        return Frame{IkeDatagram{datagram.destination, datagram.source, datagram.encapsulated, std::move(octets)}, true};
    }
    return garbage();
}

Frame Adversary::clear_packet() {
    const auto [from, to] = any_ends();
    const Packet packet{.source = from.traffic,
                        .destination = to.traffic,
                        .source_port = 7777,
                        .destination_port = 7777};
    return Frame{WirePacket{packet}, true};
}

Frame Adversary::false_esp() {
    const auto [from, to] = any_ends();
    IpsecPacket packet;
    packet.headers.push_back({.source = from.address,
                              .destination = to.address,
                              .spi = xfrm::EspSpi{static_cast<std::uint32_t>(prng_.next())},
                              .protection = Bytes(20, 0xee)});
    packet.inner = std::get<Packet>(std::get<WirePacket>(clear_packet().content));
    return Frame{WirePacket{std::move(packet)}, true};
}

}  // namespace xfrmd::sim
