// SPDX-License-Identifier: Apache-2.0
// Security policies in the kernel's terms.
#include <algorithm>
#include <format>

#include "cli/setkey/protocol_numbers.h"
#include "cli/setkey/translation.h"

namespace xfrmd::setkey {

using xfrm::PortMask;
using xfrm::Selector;

namespace {

constexpr std::uint32_t kPriorityHigh = 0x40000000;
constexpr std::uint32_t kPriorityDefault = 0x80000000;
constexpr std::uint32_t kPriorityLow = 0xc0000000;
// More are installed and then never applied: XFRM_MAX_DEPTH is 6, and the lookup stops before it.
constexpr std::size_t kRequestsMax = 5;
// From here on PF_KEY numbers the requests of level unique itself.
constexpr std::uint32_t kReqidManualLast = 0x3fff;

// ---- the selector --------------------

std::uint8_t protocol_of(const Translation& translation, const Located<UpperProtocol>& protocol) {
    if (std::holds_alternative<AnyProtocol>(protocol.value)) return 0;
    if (const auto* const number = std::get_if<std::uint8_t>(&protocol.value))
        return *number == ip::kAnyOfPfKey ? std::uint8_t{0} : *number;
    const std::string& name = std::get<ProtocolName>(protocol.value).name;
    if (const auto number = protocol_number(name)) return *number;
    return translation.looked(protocol.span, translation.names.protocol(name));
}

xfrm::Prefix prefix_of(const Translation& translation, const Side& side,
                       const xfrm::Address& address) {
    const unsigned length = side.prefix_length ? side.prefix_length->value : address.bits();
    const auto prefix = xfrm::Prefix::make(address, length);
    if (!prefix) {
        translation.error(
            side.prefix_length->span,
            std::format("{} has {} bits, a prefix no more", address.to_string(), address.bits()));
        return xfrm::Prefix::host(address);
    }
    if (prefix->address != address)
        translation.warning(side.host.span,
                            std::format("{} is the address of a host in {}", address.to_string(),
                                        prefix->to_string()),
                            "the policy is for the whole network");
    return *prefix;
}

// Port 0 is any.
PortMask mask_of(std::uint16_t port) {
    return port == 0 ? PortMask::any() : PortMask::exactly(port);
}

void put_ports(const Translation& translation, const PolicySelector& written, Selector& selector) {
    const std::uint16_t source = port_of(translation, written.source.port, selector.protocol);
    const std::uint16_t destination =
        port_of(translation, written.destination.port, selector.protocol);
    if (source == 0 && destination == 0) return;
    const Span where = (source != 0 ? written.source : written.destination).port->span;
    if (ip::has_types(selector.protocol))
        translation.error(where, "this protocol has no ports",
                          "its type and code stand behind the protocol: icmp 8,0");
    else if (!ip::may_have_ports(selector.protocol))
        translation.warning(where, "this protocol has no ports: no packet will match");
    selector.source_port = mask_of(source);
    selector.destination_port = mask_of(destination);
}

// Types and codes take the place of ports in the kernel, 0 being any of them.
void put_type(std::uint8_t type, std::uint8_t code, Selector& selector) {
    selector.source_port = mask_of(type);
    selector.destination_port = mask_of(code);
}

// The key of GRE takes the place of both ports, and is compared whole; 0 is any.
void put_gre_key(std::uint32_t key, Selector& selector) {
    if (key == 0) return;
    selector.source_port = PortMask::exactly(static_cast<std::uint16_t>(key >> 16));
    selector.destination_port = PortMask::exactly(static_cast<std::uint16_t>(key));
}

void put_argument(const Translation& translation, const Located<UpperArgument>& argument,
                  Selector& selector) {
    const auto* const pair = std::get_if<TypeAndCode>(&argument.value);
    const auto* const dotted = std::get_if<DottedKey>(&argument.value);
    const auto* const number = std::get_if<std::uint32_t>(&argument.value);
    if (ip::has_types(selector.protocol) && dotted == nullptr) {
        if (pair != nullptr) return put_type(pair->type, pair->code, selector);
        if (*number > 255)
            return translation.error(argument.span, "a type is a number from 0 to 255");
        return put_type(static_cast<std::uint8_t>(*number), 0, selector);
    }
    if (selector.protocol == ip::kGre && pair == nullptr)
        return put_gre_key(dotted != nullptr ? dotted->key : *number, selector);
    translation.error(argument.span, "this does not belong behind this protocol",
                      "types and codes follow icmp, icmp6 and mh, a key follows gre; ports stand "
                      "in brackets behind addresses");
}

Selector selector_of(const Translation& translation, const PolicySelector& written) {
    Selector selector;
    const SaPair sides{.families = written.families,
                       .source = {written.source.host, {}},
                       .destination = {written.destination.host, {}},
                       .protocol = {},
                       .original_address = {}};
    if (const auto pair = pair_of(translation, sides)) {
        selector.source = prefix_of(translation, written.source, pair->source);
        selector.destination = prefix_of(translation, written.destination, pair->destination);
    }
    selector.protocol = protocol_of(translation, written.protocol);
    put_ports(translation, written, selector);
    if (written.argument) put_argument(translation, *written.argument, selector);
    if (written.device)
        selector.interface_index = translation.looked(
            written.device->span, translation.names.interface(written.device->value));
    return selector;
}

// ---- the policy --------------------

std::uint32_t priority_of(const Optional<Priority>& priority) {
    if (!priority) return kPriorityDefault;
    std::int64_t base = kPriorityDefault;
    if (priority->value.base == Priority::Base::High) base = kPriorityHigh;
    if (priority->value.base == Priority::Base::Low) base = kPriorityLow;
    return static_cast<std::uint32_t>(base - priority->value.offset);
}

void put_tunnel_ends(const Translation& translation, const TunnelEnds& ends, Span where,
                     xfrm::Template& wanted) {
    const auto source = addresses_of(translation, ends.source.host, {});
    const auto destination = addresses_of(translation, ends.destination.host, {});
    if (source.empty() || destination.empty()) return;
    if (source.front().family() != destination.front().family())
        return translation.error(where, "both ends of a tunnel are of one address family");
    wanted.source = source.front();
    wanted.destination = destination.front();
}

void put_ends(const Translation& translation, const Request& request, xfrm::Direction direction,
              xfrm::Template& wanted) {
    const auto* const ends = std::get_if<TunnelEnds>(&request.ends.value);
    const bool me_any = std::holds_alternative<MeToAny>(request.ends.value);
    const bool any_me = std::holds_alternative<AnyToMe>(request.ends.value);
    if (me_any && direction != xfrm::Direction::Out)
        translation.error(request.ends.span, "me-any is for -P out");
    if (any_me && direction != xfrm::Direction::In)
        translation.error(request.ends.span, "any-me is for -P in");
    if (wanted.mode == xfrm::Mode::Tunnel) {
        if (ends == nullptr)
            return translation.error(request.ends.span, "a tunnel needs its two ends",
                                     "esp/tunnel/192.0.2.1-192.0.2.2/require");
        return put_tunnel_ends(translation, *ends, request.ends.span, wanted);
    }
    if (ends != nullptr)
        translation.warning(request.ends.span, "in transport mode these addresses do not count",
                            "the ends are those of each packet");
}

void put_level(const Translation& translation, const Located<Level>& level, std::size_t position,
               action::AddPolicy& policy) {
    xfrm::Template& wanted = policy.spec.templates.back();
    const bool outward_tunnel =
        policy.spec.id.direction == xfrm::Direction::Out && wanted.mode == xfrm::Mode::Tunnel;
    switch (level.value.kind) {
        case Level::Kind::Default:
        case Level::Kind::Require:
            return;
        case Level::Kind::Use:
            if (outward_tunnel)
                translation.error(level.span, "Linux refuses the level use for a tunnel outwards",
                                  "require: without an SA packets would leave in clear");
            wanted.optional = true;
            return;
        case Level::Kind::Unique:
            if (!level.value.reqid) return policy.unique_templates.push_back(position);
            wanted.reqid = xfrm::ReqId{*level.value.reqid};
            if (*level.value.reqid > kReqidManualLast)
                translation.warning(level.span,
                                    "setkey would replace a number above 16383; here it holds",
                                    "numbers that others choose for themselves begin there");
            return;
    }
}

void put_request(const Translation& translation, const Request& request, std::size_t position,
                 action::AddPolicy& policy) {
    xfrm::Template& wanted = policy.spec.templates.emplace_back();
    wanted.protocol = request.protocol.value;
    wanted.mode = request.mode.value;
    put_ends(translation, request, policy.spec.id.direction, wanted);
    put_level(translation, request.level, position, policy);
}

// What a verdict and its requests say together.
void check_verdict(const Translation& translation, const PolicyText& policy) {
    const auto& [verdict, where] = policy.verdict;
    if (verdict == PolicyVerdict::Entrust || verdict == PolicyVerdict::Bypass)
        translation.error(where, "only policies of sockets can say this",
                          "none lets packets pass in clear");
    if (verdict == PolicyVerdict::Ipsec && policy.requests.empty())
        translation.error(where, "ipsec needs a request",
                          "esp/transport//require; or none, which lets packets pass in clear");
    if (verdict != PolicyVerdict::Ipsec && !policy.requests.empty())
        translation.error(policy.requests.front().protocol.span,
                          "only behind ipsec requests can stand");
    if (policy.requests.size() > kRequestsMax)
        translation.error(
            policy.requests[kRequestsMax].protocol.span,
            std::format("Linux applies no policy with more than {} requests", kRequestsMax));
}

}  // namespace

xfrm::PolicyId policy_id_of(const Translation& translation, const PolicySelector& selector,
                            xfrm::Direction direction) {
    return {.selector = selector_of(translation, selector),
            .direction = direction,
            .mark = selector.mark ? selector.mark->value : xfrm::Mark{},
            .if_id = xfrm::IfId{selector.if_id ? selector.if_id->value : 0},
            .security_context = context_of(selector.context)};
}

action::AddPolicy policy_of(const Translation& translation, const PolicySelector& selector,
                            const PolicyText& policy) {
    action::AddPolicy added;
    added.spec.id = policy_id_of(translation, selector, policy.direction.value);
    added.spec.action = policy.verdict.value == PolicyVerdict::Discard ? xfrm::PolicyAction::Block
                                                                       : xfrm::PolicyAction::Allow;
    added.spec.priority = priority_of(policy.priority);
    check_verdict(translation, policy);
    for (std::size_t i = 0; i < policy.requests.size(); ++i)
        put_request(translation, policy.requests[i], i, added);
    return added;
}

}  // namespace xfrmd::setkey
