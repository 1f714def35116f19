// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate/policy.h"

#include <algorithm>
#include <array>
#include <format>
#include <variant>

#include "cli/setkey/language/print.h"
#include "cli/setkey/language/source.h"
#include "netlink/model/result.h"

namespace xfrmd::migrate {

namespace {

constexpr std::uint8_t kAnyProtocol = 255;  // of PF_KEY
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::size_t kShownMax = 160;

// The usual ones, so that they mean the same where there is no /etc/protocols.
struct ProtocolName {
    std::string_view name;
    std::uint8_t number;
};
constexpr auto kProtocols = std::to_array<ProtocolName>({
    {"any", 0},
    {"ah", 51},
    {"dccp", 33},
    {"esp", 50},
    {"gre", 47},
    {"icmp", kIcmp},
    {"icmp6", kIcmpv6},
    {"icmpv6", kIcmpv6},
    {"igmp", 2},
    {"ip4", 4},
    {"ipcomp", 108},
    {"ipencap", 4},
    {"ipv6-icmp", kIcmpv6},
    {"l2tp", 115},
    {"ospf", 89},
    {"sctp", 132},
    {"tcp", 6},
    {"udp", 17},
});

std::unexpected<std::string> refuse(std::string sentence) {
    return std::unexpected{std::move(sentence)};
}

std::expected<xfrm::Address, std::string> address_of(const setkey::Host& host) {
    if (const auto* name = std::get_if<setkey::HostName>(&host))
        return refuse(std::format("\"{}\" is a name, and names may mean something else tomorrow",
                                  name->name));
    return std::get<setkey::ScopedAddress>(host).address;
}

std::expected<xfrm::Prefix, std::string> prefix_of(const setkey::Side& side) {
    const xfrm::Address address = TRY(address_of(side.host.value));
    const unsigned length = side.prefix_length ? side.prefix_length->value : address.bits();
    const auto prefix = xfrm::Prefix::make(address, length);
    if (!prefix) return refuse(std::format("/{} is too long for {}", length, address.to_string()));
    return *prefix;
}

std::expected<std::optional<std::uint16_t>, std::string> port_of(const setkey::Side& side,
                                                                 std::uint8_t protocol,
                                                                 const Facts& facts) {
    if (!side.port) return std::nullopt;
    if (const auto* number = std::get_if<std::uint16_t>(&side.port->value))
        return *number == 0 ? std::nullopt : std::optional{*number};
    const auto* name = std::get_if<setkey::ServiceName>(&side.port->value);
    if (name == nullptr) return std::nullopt;
    const auto port =
        facts.service ? facts.service(name->name, protocol == 6 ? "tcp" : "udp") : std::nullopt;
    if (!port) return refuse(std::format("the service \"{}\" is not known here", name->name));
    return *port;
}

std::expected<std::uint8_t, std::string> protocol_of(const setkey::UpperProtocol& protocol,
                                                     const Facts& facts) {
    if (std::holds_alternative<setkey::AnyProtocol>(protocol)) return 0;
    if (const auto* number = std::get_if<std::uint8_t>(&protocol))
        return *number == kAnyProtocol ? std::uint8_t{0} : *number;
    const std::string& name = std::get<setkey::ProtocolName>(protocol).name;
    const auto* const known = std::ranges::find(kProtocols, name, &ProtocolName::name);
    if (known != kProtocols.end()) return known->number;
    const auto number = facts.protocol ? facts.protocol(name) : std::nullopt;
    if (!number) return refuse(std::format("the protocol \"{}\" is not known here", name));
    return *number;
}

// What stands behind the protocol. 0 is any, for type and code alike.
std::expected<void, std::string> read_argument(const setkey::UpperArgument& argument,
                                               Policy& policy) {
    const auto type = [&](std::uint32_t value) {
        if (value != 0) policy.icmp_type = static_cast<std::uint8_t>(value);
    };
    if (policy.protocol != kIcmp && policy.protocol != kIcmpv6)
        return refuse("GRE keys and Mobility Header types are no part of what IKE negotiates");
    if (const auto* both = std::get_if<setkey::TypeAndCode>(&argument)) {
        type(both->type);
        if (both->code != 0) policy.icmp_code = both->code;
    } else if (const auto* number = std::get_if<std::uint32_t>(&argument)) {
        type(*number);
    }
    return {};
}

// setkey(8): priorities count from the base of their word, and larger offsets come first.
std::uint32_t kernel_priority(const setkey::Priority& priority) {
    std::int64_t base = 0x8000'0000;
    if (priority.base == setkey::Priority::Base::Low) base = 0xc000'0000;
    if (priority.base == setkey::Priority::Base::High) base = 0x4000'0000;
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(base - priority.offset, 0, 0xffff'ffff));
}

std::expected<Layer, std::string> layer_of(const setkey::Request& request) {
    Layer layer{.protocol = request.protocol.value,
                .mode = request.mode.value,
                .ends = {},
                .level = request.level.value};
    if (std::holds_alternative<setkey::MeToAny>(request.ends.value) ||
        std::holds_alternative<setkey::AnyToMe>(request.ends.value))
        return refuse("the ends of its tunnel are any");
    const auto* ends = std::get_if<setkey::TunnelEnds>(&request.ends.value);
    if (ends == nullptr) return layer;
    const xfrm::Address source = TRY(address_of(ends->source.host.value));
    const xfrm::Address destination = TRY(address_of(ends->destination.host.value));
    layer.ends = {source, destination};
    return layer;
}

bool mirrored(const Layer& left, const Layer& right) {
    if (left.protocol != right.protocol || left.mode != right.mode) return false;
    if (!left.ends || !right.ends) return !left.ends && !right.ends;
    return left.ends->first == right.ends->second && left.ends->second == right.ends->first;
}

bool meet(const xfrm::Prefix& left, const xfrm::Prefix& right) {
    return left.contains(right) || right.contains(left);
}

bool meet(const std::optional<std::uint16_t>& left, const std::optional<std::uint16_t>& right) {
    return !left || !right || *left == *right;
}

}  // namespace

std::uint32_t StatementAt::line() const {
    return source->place_of(statement->span.begin).line;
}

std::string StatementAt::text() const {
    std::string all = setkey::print(statement->value, setkey::Keys::Hide);
    if (all.ends_with(';')) all.pop_back();
    return all.size() > kShownMax ? all.substr(0, kShownMax) + "…" : all;
}

bool Policy::mirrors(const Policy& other) const {
    return source == other.destination && destination == other.source &&
           protocol == other.protocol && source_port == other.destination_port &&
           destination_port == other.source_port && icmp_type == other.icmp_type &&
           icmp_code == other.icmp_code && std::ranges::equal(layers, other.layers, mirrored);
}

bool Policy::same_selector(const Policy& other) const {
    return direction == other.direction && source == other.source &&
           destination == other.destination && protocol == other.protocol &&
           source_port == other.source_port && destination_port == other.destination_port &&
           icmp_type == other.icmp_type && icmp_code == other.icmp_code;
}

bool Policy::overlaps(const Policy& other) const {
    return direction == other.direction && meet(source, other.source) &&
           meet(destination, other.destination) &&
           (protocol == 0 || other.protocol == 0 || protocol == other.protocol) &&
           meet(source_port, other.source_port) && meet(destination_port, other.destination_port);
}

std::expected<Policy, std::string> policy_of(StatementAt at,
                                             const setkey::PolicyDefinition& definition,
                                             const Facts& facts) {
    const auto* selector = std::get_if<setkey::PolicySelector>(&definition.selector);
    if (selector == nullptr) return refuse("Linux has no tagged policies");
    Policy policy{.at = at,
                  .direction = definition.policy.direction.value,
                  .verdict = definition.policy.verdict.value,
                  .source = {},
                  .destination = {},
                  .layers = {}};
    if (definition.policy.priority) {
        policy.priority = kernel_priority(definition.policy.priority->value);
        policy.priority_written = true;
    }
    policy.source = TRY(prefix_of(selector->source));
    policy.destination = TRY(prefix_of(selector->destination));
    policy.protocol = TRY(protocol_of(selector->protocol.value, facts));
    policy.source_port = TRY(port_of(selector->source, policy.protocol, facts));
    policy.destination_port = TRY(port_of(selector->destination, policy.protocol, facts));
    if (selector->argument) TRY_VOID(read_argument(selector->argument->value, policy));
    if (selector->mark || selector->if_id || selector->device || selector->context)
        return refuse(
            "marks, interfaces and security contexts of policies are not in the configuration");
    for (const setkey::Request& request : definition.policy.requests)
        policy.layers.push_back(TRY(layer_of(request)));
    return policy;
}

ManualSa manual_sa(StatementAt at, const setkey::SaDefinition& definition) {
    const auto address = [](const setkey::SaEnd& end) -> std::optional<xfrm::Address> {
        const auto found = address_of(end.host.value);
        return found ? std::optional{*found} : std::nullopt;
    };
    ManualSa sa{.at = at,
                .source = address(definition.pair.source),
                .destination = address(definition.pair.destination)};
    switch (definition.pair.protocol.value) {
        case setkey::SaProtocol::Ah:
        case setkey::SaProtocol::AhOld:
            sa.protocol = xfrm::IpsecProtocol::Ah;
            break;
        case setkey::SaProtocol::Ipcomp:
            sa.protocol = xfrm::IpsecProtocol::Ipcomp;
            break;
        case setkey::SaProtocol::Esp:
        case setkey::SaProtocol::EspOld:
        case setkey::SaProtocol::EspUdp:
        case setkey::SaProtocol::Tcp:
            break;
    }
    return sa;
}

}  // namespace xfrmd::migrate
