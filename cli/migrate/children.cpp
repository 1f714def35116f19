// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/children.h"

#include <algorithm>
#include <format>

#include "netlink/model/result.h"

namespace xfrmd::migrate {

namespace {

using xfrm::IpsecProtocol;

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpv6 = 58;

enum class Served : std::uint8_t { No, Yes };

std::unexpected<Refusal> refuse(std::string why, Served served = Served::No) {
    return std::unexpected{Refusal{std::move(why), served == Served::Yes}};
}

// One that the end of a connection may have.
bool is_usable(const xfrm::Address& address) {
    constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address.is_unspecified() || address.is_multicast()) return false;
    if (address.is_v4()) return address != xfrm::Address::v4(0xffff'ffff);
    return !address.is_link_local() && !equal(address.octets().first(12), kMapped);
}

bool is_host(const xfrm::Prefix& prefix) {
    return prefix.length == prefix.address.bits();
}

// Names that `protect` knows and that have ports, or any other protocol by number.
std::string protocol_word(std::uint8_t protocol) {
    switch (protocol) {
        case kIcmp:
            return "icmp";
        case 6:
            return "tcp";
        case 17:
            return "udp";
        case 33:
            return "dccp";
        case 132:
            return "sctp";
        case 136:
            return "udplite";
        case 47:
            return "gre";
        case kIcmpv6:
            return "icmpv6";
        default:
            return std::to_string(protocol);
    }
}

bool has_ports(std::uint8_t protocol) {
    return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

std::expected<std::vector<std::string>, Refusal> protect_of(const Policy& out) {
    if (out.source_port && out.destination_port)
        return refuse(std::format("it is about port {} here and port {} there at once",
                                  *out.source_port, *out.destination_port),
                      Served::Yes);
    const bool ports = out.source_port || out.destination_port;
    if (out.protocol == 0)
        return ports ? refuse("it names a port without a protocol")
                     : std::expected<std::vector<std::string>, Refusal>{};
    std::string word = protocol_word(out.protocol);
    if (ports && !has_ports(out.protocol)) return refuse(std::format("{} has no ports", word));
    if (out.destination_port) word += std::format("/{}", *out.destination_port);
    if (out.source_port) word += std::format("/{} here", *out.source_port);
    if (!out.icmp_type && out.icmp_code) return refuse("it names an ICMP code without a type");
    if (out.icmp_type) word += std::format("/{}", *out.icmp_type);
    if (out.icmp_code) word += std::format(".{}", *out.icmp_code);
    return std::vector{word};
}

std::string_view word_of(IpsecProtocol protocol) {
    switch (protocol) {
        case IpsecProtocol::Esp:
            return "esp";
        case IpsecProtocol::Ah:
            return "ah";
        case IpsecProtocol::Ipcomp:
            return "ipcomp";
    }
    return "";
}

// IPComp is a property of the child, and what remains is ESP, AH, or a bundle.
std::expected<void, Refusal> read_layers(const Policy& out, Child& child) {
    std::vector<IpsecProtocol> protectors;
    for (const Layer& layer : out.layers) {
        if (layer.protocol == IpsecProtocol::Ipcomp)
            child.compress = true;
        else
            protectors.push_back(layer.protocol);
        if (layer.mode == xfrm::Mode::Tunnel) child.mode = xfrm::Mode::Tunnel;
    }
    if (protectors.empty())
        return refuse(out.layers.empty() ? "it asks for no protection"
                                         : "IPComp alone protects nothing");
    const auto esp = std::ranges::find(protectors, IpsecProtocol::Esp);
    child.protocol = esp == protectors.end() ? IpsecProtocol::Ah : IpsecProtocol::Esp;
    if (protectors.size() == 1) return {};
    for (const IpsecProtocol protocol : protectors) child.bundle.emplace_back(word_of(protocol));
    return {};
}

}  // namespace

std::expected<Ends, Refusal> checked(const Ends& ends) {
    if (ends.remote.is_unspecified()) return refuse("its peer may be any host");
    if (!is_usable(ends.remote))
        return refuse(std::format("{} is no address of a peer", ends.remote.to_string()));
    if (!ends.local) return ends;
    if (!is_usable(*ends.local))
        return refuse(std::format("{} is no address of this host", ends.local->to_string()));
    if (ends.local == ends.remote) return refuse("both ends are the same host");
    if (ends.local->family() != ends.remote.family()) return refuse("its ends are of two families");
    return ends;
}

std::expected<Ends, Refusal> ends_of(const Policy& out) {
    Ends ends{.local = {}, .remote = {}};
    const auto tunnel = std::ranges::find(out.layers, xfrm::Mode::Tunnel, &Layer::mode);
    if (tunnel == out.layers.end()) {
        if (!is_host(out.destination))
            return refuse(
                std::format("it protects traffic with every host of {}, each a peer of its own",
                            out.destination.to_string()),
                Served::Yes);
        if (is_host(out.source)) ends.local = out.source.address;
        ends.remote = out.destination.address;
        return checked(ends);
    }
    if (!tunnel->ends) return refuse("its tunnel has no ends");
    for (const Layer& layer : out.layers)
        if (layer.mode == xfrm::Mode::Tunnel && layer.ends != tunnel->ends)
            return refuse("it is a tunnel inside a tunnel to another host");
    if (!tunnel->ends->first.is_unspecified()) ends.local = tunnel->ends->first;
    ends.remote = tunnel->ends->second;
    return checked(ends);
}

std::expected<Child, Refusal> child_of(const Policy& out) {
    Child child;
    TRY_VOID(read_layers(out, child));
    child.protect = TRY(protect_of(out));
    if (child.mode == xfrm::Mode::Transport) return child;
    child.local = {out.source.to_string()};
    child.remote = {out.destination.to_string()};
    return child;
}

bool may_be_clear(const Policy& policy) {
    // Of IPComp, `use` is how packets that were not worth compressing pass.
    return std::ranges::any_of(policy.layers, [](const Layer& layer) {
        return layer.protocol != IpsecProtocol::Ipcomp &&
               layer.level.kind == setkey::Level::Kind::Use;
    });
}

}  // namespace xfrmd::migrate
