// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/traffic.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <format>

#include "daemon/configuration/did_you_mean.h"
#include "netlink/model/result.h"

namespace xfrmd::daemon {

namespace {

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpv6 = 58;

struct ProtocolRow {
    std::string_view name;
    std::uint8_t number;
    bool has_ports;
};

// IANA "Protocol Numbers", as far as people name them.
constexpr auto kProtocols = std::to_array<ProtocolRow>({
    {"ah", 51, false},
    {"dccp", 33, true},
    {"esp", 50, false},
    {"gre", 47, false},
    {"icmpv6", kIcmpv6, false},
    {"igmp", 2, false},
    {"ipip", 4, false},
    {"ipv6", 41, false},
    {"l2tp", 115, false},
    {"ospf", 89, false},
    {"pim", 103, false},
    {"sctp", 132, true},
    {"tcp", 6, true},
    {"udp", 17, true},
    {"udplite", 136, true},
    {"vrrp", 112, false},
});

constexpr std::string_view kHere = "here";
constexpr std::string_view kExamples =
    "write \"tcp\", \"tcp/443\" (port of the peer), \"tcp/443 here\" (port of ours), "
    "\"icmp\" or \"any\"";

std::unexpected<TrafficError> refuse(std::string text, std::string hint = std::string{kExamples}) {
    return std::unexpected{TrafficError{std::move(text), std::move(hint)}};
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t number_max) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > number_max)
        return std::nullopt;
    return value;
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::expected<TrafficItem, TrafficError> parse_protocol(std::string_view name) {
    if (name == "any") return TrafficItem{};
    if (name == "icmp") return TrafficItem{.icmp_of_the_family = true};
    if (is_number(name)) {
        const auto value = number(name, 255);
        if (!value || *value == 0)
            return refuse(std::format("{} is no IP protocol", name),
                          "numbers go from 1 to 255; everything is \"any\"");
        return TrafficItem{.protocol = static_cast<std::uint8_t>(*value)};
    }
    const auto row = std::ranges::find(kProtocols, name, &ProtocolRow::name);
    if (row != kProtocols.end()) return TrafficItem{.protocol = row->number};
    std::vector<std::string> known{"any", "icmp"};
    for (const ProtocolRow& protocol : kProtocols) known.emplace_back(protocol.name);
    const auto meant = did_you_mean(name, known);
    return refuse(std::format("\"{}\" is no protocol", name),
                  meant ? std::format("did you mean \"{}\"?", *meant)
                        : std::format("protocols go by number, or one of: {}", one_of(known)));
}

bool has_ports(const TrafficItem& item) {
    const auto row = std::ranges::find(kProtocols, item.protocol, &ProtocolRow::number);
    return row != kProtocols.end() && row->has_ports;
}

std::expected<void, TrafficError> parse_ports(std::string_view text, TrafficItem& item) {
    const auto dash = text.find('-');
    const std::string_view first_text = text.substr(0, dash);
    const std::string_view last_text =
        dash == std::string_view::npos ? first_text : text.substr(dash + 1);
    const auto first = number(first_text, 65535);
    const auto last = number(last_text, 65535);
    if (!first || !last || *first == 0)
        return refuse(std::format("\"{}\" is no port", text),
                      "ports are numbers from 1 to 65535, or a range such as 8000-8010; names of "
                      "services are not known");
    if (*first > *last)
        return refuse(std::format("the range of ports {} ends before it begins", text),
                      "swap the two");
    item.port_first = static_cast<std::uint16_t>(*first);
    item.port_last = static_cast<std::uint16_t>(*last);
    item.ports = TrafficItem::Ports::There;
    return {};
}

bool is_icmp(std::string_view protocol) {
    return protocol == "icmp" || protocol == "icmpv6";
}

// RFC 7296 §3.13.1: type and code as one number.
std::expected<TrafficItem, TrafficError> parse_icmp(std::string_view protocol,
                                                    std::string_view text) {
    const auto dot = text.find('.');
    const auto type = number(text.substr(0, dot), 255);
    const bool any_code = dot == std::string_view::npos;
    const auto code = any_code ? std::uint32_t{0} : number(text.substr(dot + 1), 255);
    if (!type || !code)
        return refuse(std::format("\"{}\" is no type of {}", text, protocol),
                      "types are numbers, with a code behind a dot if it matters: \"icmp/8\" is an "
                      "echo request, \"icmp/3.4\" tells that a fragment is needed, \"icmpv6/128\" "
                      "is an echo request of IPv6");
    TrafficItem item{.protocol = protocol == "icmp" ? kIcmp : kIcmpv6, .ports = TrafficItem::Ports::Both};
    item.port_first = static_cast<std::uint16_t>(*type << 8 | *code);
    item.port_last = any_code ? static_cast<std::uint16_t>(*type << 8 | 0xff) : item.port_first;
    return item;
}

// Bits of the address that are open, IPv4's counted four times.
std::uint32_t open_bits(const ike::AddressRange& range) {
    const View first = range.first.octets();
    const View last = range.last.octets();
    std::uint32_t common = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const auto different = static_cast<std::uint8_t>(first[i] ^ last[i]);
        common += static_cast<std::uint32_t>(std::countl_zero(different));
        if (different != 0) break;
    }
    const std::uint32_t open = range.first.bits() - common;
    return range.first.is_v4() ? 4 * open : open;
}

// 0: ports are given; 1: a protocol is; 2: neither.
std::uint32_t openness(const ike::AddressRange& local, const ike::AddressRange& remote) {
    if (!local.all_ports() || !remote.all_ports()) return 0;
    return local.protocol != 0 || remote.protocol != 0 ? 1 : 2;
}

}  // namespace

std::expected<TrafficItem, TrafficError> parse_traffic_item(std::string_view text) {
    const std::string_view whole = text;
    bool here = false;
    if (const auto blank = text.find(' '); blank != std::string_view::npos) {
        std::string_view word = text.substr(blank);
        word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
        if (word != kHere)
            return refuse(
                std::format("\"{}\": what stands after the blank is not understood", whole));
        here = true;
        text = text.substr(0, blank);
    }
    const auto slash = text.find('/');
    TrafficItem item = TRY(parse_protocol(text.substr(0, slash)));
    const std::string_view ports = slash == std::string_view::npos ? "any" : text.substr(slash + 1);
    if (ports != "any" && is_icmp(text.substr(0, slash))) {
        item = TRY(parse_icmp(text.substr(0, slash), ports));
    } else if (ports != "any") {
        if (!has_ports(item))
            return refuse(std::format("\"{}\": {} has no ports", whole, text.substr(0, slash)),
                          "only tcp, udp, udplite, sctp and dccp have ports");
        TRY_VOID(parse_ports(ports, item));
    }
    if (here && item.ports != TrafficItem::Ports::There)
        return refuse(std::format(
            "\"{}\": \"here\" says on whose side a port is, and there is no port", whole));
    if (here) item.ports = TrafficItem::Ports::Here;
    return item;
}

std::optional<std::pair<std::size_t, std::size_t>> widening_pair(
    std::span<const TrafficItem> items) {
    using Ports = TrafficItem::Ports;
    const auto covers_all = [](const TrafficItem& item, std::uint8_t protocol) {
        return item.ports == Ports::All && !item.icmp_of_the_family &&
               (item.protocol == 0 || item.protocol == protocol);
    };
    for (std::size_t i = 0; i < items.size(); ++i) {
        for (std::size_t j = i + 1; j < items.size(); ++j) {
            const bool opposite = items[i].ports != Ports::All && items[j].ports != Ports::All &&
                                  items[i].ports != items[j].ports;
            const std::uint8_t protocol = items[i].protocol;
            if (!opposite || protocol != items[j].protocol) continue;
            if (std::ranges::any_of(
                    items, [&](const TrafficItem& item) { return covers_all(item, protocol); }))
                continue;
            return std::pair{i, j};
        }
    }
    return std::nullopt;
}

TrafficSelectors traffic_selectors(std::span<const ike::AddressRange> local,
                                   std::span<const ike::AddressRange> remote,
                                   std::span<const TrafficItem> items) {
    static constexpr TrafficItem kEverything{};
    if (items.empty()) items = {&kEverything, 1};
    const auto add = [](ike::TrafficSelectorList& list, ike::AddressRange range,
                        const TrafficItem& item, TrafficItem::Ports end) {
        const bool is_v4 = range.first.is_v4();
        range.protocol = item.icmp_of_the_family ? (is_v4 ? kIcmp : kIcmpv6) : item.protocol;
        if (range.protocol == (is_v4 ? kIcmpv6 : kIcmp)) return;  // ICMP of the other family
        if (item.ports == end || item.ports == TrafficItem::Ports::Both) {
            range.port_first = item.port_first;
            range.port_last = item.port_last;
        }
        if (!std::ranges::contains(list, range)) list.push_back(range);
    };
    TrafficSelectors selectors;
    for (const TrafficItem& item : items) {
        for (const ike::AddressRange& network : local)
            add(selectors.local, network, item, TrafficItem::Ports::Here);
        for (const ike::AddressRange& network : remote)
            add(selectors.remote, network, item, TrafficItem::Ports::There);
    }
    return selectors;
}

std::uint32_t policy_priority(const TrafficSelectors& selectors) {
    constexpr std::uint32_t kBase = 100'000;
    std::uint32_t widest = 0;
    for (const ike::AddressRange& local : selectors.local)
        for (const ike::AddressRange& remote : selectors.remote)
            if (ike::meet(local, remote))
                widest = std::max(
                    widest, 4 * (open_bits(local) + open_bits(remote)) + openness(local, remote));
    return kBase + widest;
}

}  // namespace xfrmd::daemon
