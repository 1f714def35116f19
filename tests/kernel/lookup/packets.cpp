// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/lookup/packets.h"

#include <botan/mac.h>

#include <algorithm>
#include <memory>

namespace xfrmd::kernel_tests {

using namespace xfrm;
using lookup::Flow;

namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIpInIp = 4;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIpv6InIp = 41;
constexpr std::uint8_t kGre = 47;
constexpr std::uint8_t kEsp = 50;
constexpr std::uint8_t kAh = 51;
constexpr std::uint8_t kIcmpV6 = 58;
constexpr std::size_t kAhIcvOctets = 12;
constexpr std::uint32_t kMagic = 0x5f4c4b55;

void put16(Bytes& to, std::size_t at, std::size_t value) {
    to.at(at) = static_cast<std::uint8_t>(value >> 8);
    to.at(at + 1) = static_cast<std::uint8_t>(value);
}

void add16(Bytes& to, std::size_t value) {
    to.resize(to.size() + 2);
    put16(to, to.size() - 2, value);
}

void add32(Bytes& to, std::uint32_t value) {
    add16(to, value >> 16);
    add16(to, value & 0xffff);
}

std::uint16_t get16(View from, std::size_t at) {
    return static_cast<std::uint16_t>(from[at] << 8 | from[at + 1]);
}

std::uint32_t get32(View from, std::size_t at) {
    return std::uint32_t{get16(from, at)} << 16 | get16(from, at + 2);
}

// RFC 1071.
std::uint16_t checksum(View octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i + 1 < octets.size(); i += 2) sum += get16(octets, i);
    if (octets.size() % 2 != 0) sum += std::uint32_t{octets.back()} << 8;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

// An IP packet taken apart; header fields that nothing here looks at are made anew.
struct Ip {
    Address source;
    Address destination;
    std::uint8_t protocol = 0;
    Bytes payload;
};

Bytes ip_octets(const Ip& ip) {
    Bytes octets;
    if (ip.destination.is_v4()) {
        octets = {0x45, 0, 0, 0, 0, 1, 0, 0, 64, ip.protocol, 0, 0};
        put16(octets, 2, 20 + ip.payload.size());
        append(octets, ip.source.octets());
        append(octets, ip.destination.octets());
        put16(octets, 10, checksum(octets));
    } else {
        octets = {0x60, 0, 0, 0, 0, 0, ip.protocol, 64};
        put16(octets, 4, ip.payload.size());
        append(octets, ip.source.octets());
        append(octets, ip.destination.octets());
    }
    append(octets, ip.payload);
    return octets;
}

std::optional<Ip> read_ip(View packet) {
    const bool v4 = !packet.empty() && packet[0] == 0x45;
    const bool v6 = !packet.empty() && packet[0] >> 4 == 6;
    const std::size_t header = v4 ? 20 : 40;
    if ((!v4 && !v6) || packet.size() < header) return std::nullopt;
    const std::size_t length = v4 ? get16(packet, 2) : 40U + get16(packet, 4);
    if (length < header || length > packet.size()) return std::nullopt;
    const std::size_t addresses = v4 ? 12 : 8;
    const std::size_t octets = v4 ? 4 : 16;
    return Ip{*Address::from_octets(packet.subspan(addresses, octets)),
              *Address::from_octets(packet.subspan(addresses + octets, octets)),
              v4 ? packet[9] : packet[6], to_bytes(packet.first(length).subspan(header))};
}

Bytes esp_octets(View payload, std::uint8_t next, EspSpi spi) {
    Bytes octets;
    add32(octets, spi.value);
    add32(octets, 1);
    append(octets, payload);
    const std::size_t padding = (4 - (payload.size() + 2) % 4) % 4;
    for (std::size_t i = 1; i <= padding; ++i) octets.push_back(static_cast<std::uint8_t>(i));
    octets.push_back(static_cast<std::uint8_t>(padding));
    octets.push_back(next);
    return octets;
}

// RFC 4302 §3.3.3.1: what changes on the way counts as zero.
Bytes without_mutable_fields(const Ip& ip) {
    Bytes octets = ip_octets(ip);
    if (ip.destination.is_v4()) {
        octets[1] = 0;
        put16(octets, 6, 0);
        octets[8] = 0;
        put16(octets, 10, 0);
    } else {
        octets[7] = 0;
    }
    return octets;
}

Bytes ah_packet(Ip ip, EspSpi spi) {
    Bytes header{ip.protocol, 4, 0, 0};  // 24 octets: (24 / 4) - 2
    add32(header, spi.value);
    add32(header, 1);
    Bytes covered = header;
    covered.resize(header.size() + kAhIcvOctets, 0);
    append(covered, ip.payload);
    ip.protocol = kAh;
    Bytes payload = ip.payload;
    ip.payload = covered;
    const auto mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-1)");
    mac->set_key(ah_key());
    mac->update(without_mutable_fields(ip));
    const auto code = mac->final();
    append(header, View{code.data(), kAhIcvOctets});
    append(header, payload);
    ip.payload = header;
    return ip_octets(ip);
}

bool has_ports(std::uint8_t protocol) {
    return protocol == 17 || protocol == 132 || protocol == 136 || protocol == 33;
}

// Reads what is inside of ESP and AH, one header after the other.
class Reader {
  public:
    explicit Reader(Ip ip) : ip_{std::move(ip)} {}

    std::optional<SeenPacket> run() {
        for (int depth = 0; depth < 16; ++depth) {
            const std::uint8_t protocol = ip_.protocol;
            bool good = true;
            if (protocol == kEsp)
                good = open_esp();
            else if (protocol == kAh)
                good = open_ah();
            else if ((protocol == kIpInIp || protocol == kIpv6InIp) && !seen_.spis.empty())
                good = open_ip();
            else
                return finish();
            if (!good) return std::nullopt;
        }
        return std::nullopt;
    }

  private:
    bool open_esp() {
        Bytes& octets = ip_.payload;
        if (octets.size() < 10) return false;
        seen_.spis.push_back({get32(octets, 0)});
        const std::size_t padding = octets[octets.size() - 2];
        if (octets.size() < 10 + padding) return false;
        ip_.protocol = octets.back();
        octets = to_bytes(View{octets}.subspan(8, octets.size() - 10 - padding));
        return true;
    }
    bool open_ah() {
        Bytes& octets = ip_.payload;
        if (octets.size() < 12) return false;
        const std::size_t header = (octets[1] + std::size_t{2}) * 4;
        if (octets.size() < header) return false;
        seen_.spis.push_back({get32(octets, 4)});
        ip_.protocol = octets[0];
        octets = to_bytes(View{octets}.subspan(header));
        return true;
    }
    bool open_ip() {
        auto inner = read_ip(ip_.payload);
        if (!inner) return false;
        ip_ = std::move(*inner);
        return true;
    }
    std::optional<SeenPacket> finish() {
        const View octets = ip_.payload;
        seen_.inner.source = ip_.source;
        seen_.inner.destination = ip_.destination;
        seen_.inner.protocol = ip_.protocol;
        if ((has_ports(ip_.protocol) || ip_.protocol == kTcp) && octets.size() >= 4) {
            seen_.inner.source_port = get16(octets, 0);
            seen_.inner.destination_port = get16(octets, 2);
        }
        seen_.tag = tag_of(octets);
        return std::move(seen_);
    }

    Ip ip_;
    SeenPacket seen_;
};

Bytes transport_header(const Flow& flow) {
    Bytes octets;
    if (flow.protocol == kTcp) {
        add16(octets, flow.source_port);
        add16(octets, flow.destination_port);
        octets.resize(20, 0);
        octets[12] = 0x50;
        octets[13] = 0x04;  // RST: nobody answers it
    } else if (has_ports(flow.protocol)) {
        add16(octets, flow.source_port);
        add16(octets, flow.destination_port);
        add16(octets, 16);  // UDP: header and tag
        add16(octets, 0);
        if (flow.protocol != 17) octets.resize(16, 0);
    } else if (flow.protocol == kGre) {
        add16(octets, 0x2000);  // a key follows
        add16(octets, 0x88b5);  // an experimental protocol
        add16(octets, flow.source_port);
        add16(octets, flow.destination_port);
    } else {
        octets.resize(8, 0);
        if (flow.protocol == kIcmp || flow.protocol == kIcmpV6) {
            octets[0] = static_cast<std::uint8_t>(flow.source_port);
            octets[1] = static_cast<std::uint8_t>(flow.destination_port);
        }
    }
    return octets;
}

}  // namespace

Bytes ah_key() {
    return Bytes(20, 7);
}

Bytes tag_octets(std::uint32_t tag) {
    Bytes octets;
    add32(octets, kMagic);
    add32(octets, tag);
    return octets;
}

std::optional<std::uint32_t> tag_of(View octets) {
    if (octets.size() < 8 || get32(octets, octets.size() - 8) != kMagic) return std::nullopt;
    return get32(octets, octets.size() - 4);
}

Bytes make_payload(const Flow& flow, std::uint32_t tag) {
    Bytes octets = transport_header(flow);
    append(octets, tag_octets(tag));
    if (flow.protocol == kIcmp) put16(octets, 2, checksum(octets));
    if (flow.protocol == kIcmpV6) {
        Bytes pseudo = to_bytes(flow.source.octets());
        append(pseudo, flow.destination.octets());
        add32(pseudo, static_cast<std::uint32_t>(octets.size()));
        add32(pseudo, kIcmpV6);
        append(pseudo, octets);
        put16(octets, 2, checksum(pseudo));
    }
    return octets;
}

Bytes make_packet(const Flow& flow, std::uint32_t tag) {
    return ip_octets({flow.source, flow.destination, flow.protocol, make_payload(flow, tag)});
}

Bytes protect(const Bytes& packet, const StoredSa& sa) {
    Ip ip = *read_ip(packet);
    constexpr std::uint8_t kTunnel = 1;  // XFRM_MODE_TUNNEL
    if (sa.mode == kTunnel) {
        const std::uint8_t kind = ip.destination.is_v4() ? kIpInIp : kIpv6InIp;
        ip = Ip{sa.source, sa.destination, kind, packet};
    }
    if (sa.protocol == kAh) return ah_packet(std::move(ip), sa.spi);
    ip.payload = esp_octets(ip.payload, ip.protocol, sa.spi);
    ip.protocol = kEsp;
    return ip_octets(ip);
}

std::optional<SeenPacket> read_packet(View packet) {
    auto ip = read_ip(packet);
    if (!ip) return std::nullopt;
    return Reader{std::move(*ip)}.run();
}

}  // namespace xfrmd::kernel_tests
