// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/model/network.h"

#include <algorithm>

namespace xfrmd::sim {

namespace {

Bytes tamper_octets(Bytes octets, Prng& prng) {
    if (octets.empty()) return {0};
    if (prng.chance(0.2)) {
        octets.resize(static_cast<std::size_t>(prng.below(octets.size())));
        return octets;
    }
    const Bytes before = octets;
    const std::uint64_t places = prng.between(1, 3);
    for (std::uint64_t place = 0; place < places; ++place)
        octets[static_cast<std::size_t>(prng.below(octets.size()))] ^=
            static_cast<std::uint8_t>(1U << prng.below(8));
    if (octets == before) octets.back() ^= 1;  // two flips undid each other
    return octets;
}

}  // namespace

xfrm::Address source_of(const WirePacket& packet) {
    if (const auto* clear = std::get_if<Packet>(&packet)) return clear->source;
    return std::get<IpsecPacket>(packet).source();
}

xfrm::Address destination_of(const WirePacket& packet) {
    if (const auto* clear = std::get_if<Packet>(&packet)) return clear->destination;
    return std::get<IpsecPacket>(packet).destination();
}

xfrm::Address source_of(const Frame& frame) {
    if (const auto* ike = std::get_if<IkeDatagram>(&frame.content)) return ike->source.address;
    return source_of(std::get<WirePacket>(frame.content));
}

xfrm::Address destination_of(const Frame& frame) {
    if (const auto* ike = std::get_if<IkeDatagram>(&frame.content)) return ike->destination.address;
    return destination_of(std::get<WirePacket>(frame.content));
}

void Network::cut(const xfrm::Address& from, const xfrm::Address& to, bool is_cut) { cuts_[{from, to}] = is_cut; }

std::vector<Arrival> Network::send(ike::Time now, const Frame& frame) {
    ++counters_.sent;
    if (cuts_[{source_of(frame), destination_of(frame)}]) {
        ++counters_.cut;
        return {};
    }
    if (prng_.chance(faults_.loss)) {
        ++counters_.lost;
        return {};
    }
    std::vector<Arrival> arrivals{arrival(now, frame)};
    if (prng_.chance(faults_.duplication)) {
        ++counters_.duplicated;
        arrivals.push_back(arrival(now, frame));
    }
    return arrivals;
}

ike::Duration Network::delay() {
    return ike::Duration{static_cast<std::int64_t>(
        prng_.between(static_cast<std::uint64_t>(faults_.delay_min.count()),
                      static_cast<std::uint64_t>(faults_.delay_max.count())))};
}

Arrival Network::arrival(ike::Time now, const Frame& frame) {
    Arrival arrival{now + delay(), frame};
    ike::Time& last = last_arrival_[{source_of(frame), destination_of(frame)}];
    if (prng_.chance(faults_.reordering)) {
        ++counters_.reordered;
        arrival.at += delay() * 4 + std::chrono::milliseconds{5};
    } else {
        arrival.at = std::max(arrival.at, last);
        last = arrival.at;
    }
    if (prng_.chance(faults_.corruption)) {
        ++counters_.corrupted;
        arrival.frame = tamper(frame, prng_);
    }
    return arrival;
}

Frame tamper(const Frame& frame, Prng& prng) {
    Frame altered = frame;
    altered.tampered = true;
    if (auto* ike = std::get_if<IkeDatagram>(&altered.content)) {
        ike->octets = tamper_octets(std::move(ike->octets), prng);
        ike->contents.clear();
    } else if (auto* sealed = std::get_if<IpsecPacket>(&std::get<WirePacket>(altered.content))) {
        Bytes& protection = sealed->headers.front().protection;
        protection = tamper_octets(std::move(protection), prng);
    } else {
        std::get<Packet>(std::get<WirePacket>(altered.content)).probe = 0;
    }
    return altered;
}

}  // namespace xfrmd::sim
