// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include "cli/setkey/dump/policy_text.h"

#include <linux/xfrm.h>

#include <format>

#include "cli/setkey/dump/details_text.h"
#include "cli/setkey/dump/words.h"

namespace xfrmd::setkey::dump {

using namespace xfrm;

namespace {

// Requests that the kernel numbered have larger ones.
constexpr std::uint32_t kManualReqidMax = 0x3fff;
// PF_KEY's number for "any", which no /etc/protocols names.
constexpr std::uint8_t kAnyProtocol = 255;

// Which of setkey's three bases a priority counts from: the nearest.
struct Base {
    std::string_view word;
    std::uint32_t value = 0;
};
constexpr Base kHigh{"high", 0x40000000};
constexpr Base kDefault{"def", 0x80000000};
constexpr Base kLow{"low", 0xc0000000};

const Base& base_of(std::uint32_t priority) {
    if (priority < 0x60000000) return kHigh;
    return priority < 0xa0000000 ? kDefault : kLow;
}

bool has_type_and_code(std::uint8_t protocol) {
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6 || protocol == IPPROTO_MH;
}

// For these the places of the ports hold something else.
bool has_ports(std::uint8_t protocol) {
    return !has_type_and_code(protocol) && protocol != IPPROTO_GRE;
}

std::string port_text(const PortMask& port) {
    // setkey has no word for a part of a port's bits.
    if (port.mask != 0 && port.mask != 0xffff)
        return std::format("[{}/{:#06x}]", port.port, port.mask);
    if (port.port == 0) return "[any]";
    return std::format("[{}]", port.port);
}

std::string side_text(const Prefix& prefix, const PortMask& port, std::uint8_t protocol) {
    std::string text = prefix.address.to_string();
    if (prefix.length != prefix.address.bits()) text += std::format("/{}", prefix.length);
    return text + (has_ports(protocol) ? port_text(port) : "");
}

// " 8,0" of ICMP, " 1234" of GRE.
std::string argument_text(const Selector& selector) {
    const std::uint32_t first = selector.source_port.port;
    const std::uint32_t second = selector.destination_port.port;
    if (first == 0 && second == 0) return "";
    if (has_type_and_code(selector.protocol)) return std::format(" {},{}", first, second);
    if (selector.protocol == IPPROTO_GRE) return std::format(" {}", (first << 16) + second);
    return "";
}

std::string direction_text(std::uint8_t direction) {
    switch (direction) {
        case XFRM_POLICY_IN:
            return "in";
        case XFRM_POLICY_OUT:
            return "out";
        case XFRM_POLICY_FWD:
            return "fwd";
        case XFRM_POLICY_MAX + XFRM_POLICY_IN:
            return "in(socket)";
        case XFRM_POLICY_MAX + XFRM_POLICY_OUT:
            return "out(socket)";
        case XFRM_POLICY_MAX + XFRM_POLICY_FWD:
            return "fwd(socket)";
        default:
            return std::to_string(direction);
    }
}

std::string_view action_text(const StoredPolicy& policy) {
    if (policy.action != XFRM_POLICY_ALLOW) return "discard";
    return policy.templates.empty() ? "none" : "ipsec";
}

std::string ends_text(const StoredTemplate& wanted, const Options& options) {
    if (wanted.mode == XFRM_MODE_TRANSPORT || wanted.destination.is_unspecified()) return "";
    // The kernel has no ports there.
    const std::string_view port = options.with_ports ? "[0]" : "";
    return std::format("{}{}-{}{}", wanted.source.to_string(), port, wanted.destination.to_string(),
                       port);
}

std::string level_text(const StoredTemplate& wanted) {
    const std::uint32_t reqid = wanted.reqid.value;
    const std::string_view word = wanted.optional ? "use" : reqid != 0 ? "unique" : "require";
    if (reqid == 0) return std::string{word};
    return std::format("{}{}{}", word, reqid > kManualReqidMax ? '#' : ':', reqid);
}

// How often the kernel refers to a policy is told to PF_KEY alone. At rest the table does, and the
// timer of a policy whose time is limited.
int references_of(const StoredPolicy& policy) {
    const LifetimeLimits& limits = policy.limits;
    const bool has_timer = limits.soft_add_seconds != 0 || limits.hard_add_seconds != 0 ||
                           limits.soft_use_seconds != 0 || limits.hard_use_seconds != 0;
    return has_timer ? 2 : 1;
}

}  // namespace

std::string policy_text(const StoredPolicy& policy, std::uint32_t place, const Options& options,
                        const Scene& scene) {
    std::string text =
        policy.is_of_a_socket() ? "(per-socket policy) " : selector_text(policy.selector, scene);
    text += std::format("\n\t{} {}{}\n", direction_text(policy.direction),
                        priority_text(policy.priority), action_text(policy));
    if (policy.action == XFRM_POLICY_ALLOW)
        for (const StoredTemplate& wanted : policy.templates)
            text += std::format("\t{}\n", request_text(wanted, options));
    text += std::format("\tcreated: {}  lastused: {}\n", time_text(policy.usage.add_time, scene),
                        time_text(policy.usage.use_time, scene));
    text += std::format("\tlifetime: {}(s) validtime: {}(s)\n", policy.limits.hard_add_seconds,
                        policy.limits.hard_use_seconds);
    if (policy.security_context) text += security_context_lines(*policy.security_context);
    if (options.with_details) text += policy_details(policy, options);
    text += std::format("\tspid={} seq={} pid={}\n\trefcnt={}\n", policy.index, place, scene.pid,
                        references_of(policy));
    return text;
}

std::string selector_text(const Selector& selector, const Scene& scene) {
    const std::uint8_t protocol = selector.protocol;
    return side_text(selector.source, selector.source_port, protocol) + ' ' +
           side_text(selector.destination, selector.destination_port, protocol) + ' ' +
           ip_protocol_text(protocol == 0 ? kAnyProtocol : protocol, scene) +
           argument_text(selector);
}

std::string priority_text(std::uint32_t priority) {
    if (priority == 0) return "";
    const Base& base = base_of(priority);
    // As it is written in a file: more is earlier, and the kernel's number smaller.
    if (priority == base.value) return std::format("prio {} ", base.word);
    if (priority < base.value)
        return std::format("prio {} + {} ", base.word, base.value - priority);
    return std::format("prio {} - {} ", base.word, priority - base.value);
}

std::string request_text(const StoredTemplate& wanted, const Options& options) {
    return std::format("{}/{}/{}/{}", protocol_word(wanted.protocol), mode_word(wanted.mode),
                       ends_text(wanted, options), level_text(wanted));
}

}  // namespace xfrmd::setkey::dump
