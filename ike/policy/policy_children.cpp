// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/policy_children.h"

#include <optional>
#include <utility>

#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

using xfrm::IpsecProtocol;
using xfrm::Mode;
using xfrm::PortMask;
using xfrm::Template;

// The templates of a policy by what they are, the innermost first.
struct Transforms {
    const Template* compression = nullptr;
    const Template* inner = nullptr;  // ESP or AH
    const Template* outer = nullptr;  // AH around ESP

    const Template& innermost() const { return compression != nullptr ? *compression : *inner; }
};

std::expected<Transforms, std::string> transforms_of(const xfrm::PolicySpec& policy) {
    Transforms found;
    for (const Template& wanted : policy.templates) {
        const bool is_first = &wanted == &policy.templates.front();
        const bool is_outer = found.inner != nullptr;
        if (!is_first && wanted.mode != Mode::Transport)
            return std::unexpected{"it asks for a tunnel around another transform, which is no child of its own"};
        if (wanted.protocol == IpsecProtocol::Ipcomp && is_first)
            found.compression = &wanted;
        else if (wanted.protocol != IpsecProtocol::Ipcomp && !is_outer)
            found.inner = &wanted;
        else if (wanted.protocol == IpsecProtocol::Ah && found.outer == nullptr && found.inner->protocol == IpsecProtocol::Esp)
            found.outer = &wanted;
        else
            return std::unexpected{"only ESP or AH, or AH around ESP, each with IPComp inside it, can be negotiated"};
    }
    if (found.inner == nullptr) return std::unexpected{"it asks for neither ESP nor AH"};
    if (found.innermost().mode == Mode::Beet) return std::unexpected{"it asks for BEET mode, which IKE does not know"};
    return found;
}

bool is_icmp(std::uint8_t protocol) { return protocol == 1 || protocol == 58; }

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0xffff;
};

// RFC 7296 §3.13.1 has ranges; a mask is one if its ones stand together at the top.
std::optional<PortRange> to_range(const PortMask& mask) {
    const auto free = static_cast<std::uint16_t>(~mask.mask);
    if ((free & (free + 1)) != 0) return std::nullopt;
    const auto first = static_cast<std::uint16_t>(mask.port & mask.mask);
    return PortRange{first, static_cast<std::uint16_t>(first | free)};
}

// Type and code as one number, in the selectors of either end.
std::optional<PortRange> to_icmp_range(const xfrm::Selector& selector) {
    const auto type = to_range(selector.source_port);
    const auto code = to_range(selector.destination_port);
    if (!type || !code) return std::nullopt;
    const bool any_type = selector.source_port.mask == 0;
    const bool any_code = selector.destination_port.mask == 0;
    if (any_type && any_code) return PortRange{};
    if (any_type || type->first != type->last || type->first > 0xff) return std::nullopt;
    const auto base = static_cast<std::uint16_t>(type->first << 8);
    if (any_code) return PortRange{base, static_cast<std::uint16_t>(base | 0xff)};
    if (code->first != code->last || code->first > 0xff) return std::nullopt;
    const auto both = static_cast<std::uint16_t>(base | code->first);
    return PortRange{both, both};
}

struct Traffic {
    AddressRange local;
    AddressRange remote;
};

std::expected<Traffic, std::string> traffic_of(const xfrm::Selector& selector) {
    Traffic traffic{AddressRange::of(selector.source), AddressRange::of(selector.destination)};
    traffic.local.protocol = traffic.remote.protocol = selector.protocol;
    const bool icmp = is_icmp(selector.protocol);
    const auto ours = icmp ? to_icmp_range(selector) : to_range(selector.source_port);
    const auto theirs = icmp ? ours : to_range(selector.destination_port);
    if (!ours || !theirs) return std::unexpected{"its ports are not a range"};
    std::tie(traffic.local.port_first, traffic.local.port_last) = std::pair{ours->first, ours->last};
    std::tie(traffic.remote.port_first, traffic.remote.port_last) = std::pair{theirs->first, theirs->last};
    return traffic;
}

AddressRange host_range(const xfrm::Address& address) { return AddressRange::of(xfrm::Prefix::host(address)); }

// What of it can pass between the two ends: in a tunnel all, in transport mode what the two say themselves.
std::optional<Traffic> between(const Traffic& all, const Template& innermost, const xfrm::Address& local,
                               const xfrm::Address& remote) {
    if (innermost.mode == Mode::Tunnel) {
        const bool ours = innermost.source == local || innermost.source.is_unspecified();
        return ours && innermost.destination == remote ? std::optional{all} : std::nullopt;
    }
    const auto own = intersect(all.local, host_range(local));
    const auto others = intersect(all.remote, host_range(remote));
    if (!own || !others) return std::nullopt;
    return Traffic{*own, *others};
}

Child outer_around(Child& inner, const Template& wanted, const Served& served, const xfrm::Address& local,
                   const xfrm::Address& remote) {
    Child outer = inner;
    outer.name = inner.name + "+ah";
    outer.reqid = wanted.reqid;
    outer.protocol = IpsecProtocol::Ah;
    outer.proposals = served.ah;
    outer.compress = false;
    outer.bundle = BundlePart{.partner = inner.name, .outer = true, .around_tunnel = inner.mode == Mode::Tunnel};
    if (outer.bundle->around_tunnel) {
        outer.mode = Mode::Transport;
        outer.local = {host_range(local)};
        outer.remote = {host_range(remote)};
    }
    inner.bundle = BundlePart{.partner = outer.name};
    return outer;
}

}  // namespace

std::expected<std::vector<Child>, std::string> children_of_policy(const Served& served, const xfrm::PolicySpec& policy,
                                                                  const xfrm::Address& local,
                                                                  const xfrm::Address& remote) {
    std::vector<Child> children;
    if (policy.id.direction != xfrm::Direction::Out || policy.templates.empty()) return children;
    const Transforms transforms = TRY(transforms_of(policy));
    const auto traffic = between(TRY(traffic_of(policy.id.selector)), transforms.innermost(), local, remote);
    if (!traffic) return children;

    Child child;
    child.name = policy.id.selector.to_string();
    child.mode = transforms.innermost().mode;
    child.local = {traffic->local};
    child.remote = {traffic->remote};
    child.reqid = transforms.inner->reqid;
    child.protocol = transforms.inner->protocol;
    child.proposals = child.protocol == IpsecProtocol::Esp ? served.esp : served.ah;
    child.policy_priority = policy.priority;
    child.replay_window = served.replay_window;
    child.rekey = served.rekey;
    child.compress = transforms.compression != nullptr;
    if (transforms.compression != nullptr && transforms.compression->reqid != child.reqid)
        return std::unexpected{"its transforms are bound to SAs of different reqids"};
    if (child.proposals.empty()) return std::unexpected{"it asks for a protocol that the connection does not negotiate"};
    if (transforms.outer == nullptr) {
        children.push_back(std::move(child));
        return children;
    }
    if (served.ah.empty()) return std::unexpected{"it asks for AH, which the connection does not negotiate"};
    Child outer = outer_around(child, *transforms.outer, served, local, remote);
    children.push_back(std::move(child));
    children.push_back(std::move(outer));
    return children;
}

}  // namespace xfrmd::ike
