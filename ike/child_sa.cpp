// SPDX-License-Identifier: Apache-2.0
#include "ike/child_sa.h"

#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kSelectorsMax = 256;
constexpr std::uint8_t kIcmpV6 = 58;

xfrm::Template make_template(const Connection& connection, const Child& child, bool outwards) {
    return {.source = outwards ? connection.local : connection.remote,
            .destination = outwards ? connection.remote : connection.local,
            .protocol = child.protocol,
            .mode = child.mode,
            .reqid = child.reqid,
            .spi = {},
            .optional = connection.when_down == WhenDown::Clear};
}

xfrm::PolicySpec make_policy(const Connection& connection, const Child& child,
                             const xfrm::Selector& selector, xfrm::Direction direction) {
    return {.id = {.selector = selector, .direction = direction, .mark = {}, .if_id = {}},
            .action = xfrm::PolicyAction::Allow,
            .priority = child.policy_priority,
            .templates = {make_template(connection, child, direction == xfrm::Direction::Out)}};
}

}  // namespace

xfrm::InstallSas install_request(const ChildSa& child, const ChildKeys& keys, Role role,
                                 const Child& wanted, std::uint32_t acquire_sequence) {
    const std::optional<xfrm::Selector> outwards = narrowed_selector(child, wanted);
    const bool we_initiated = role == Role::Initiator;
    const auto make = [&](const xfrm::SaId& id, bool outbound) {
        xfrm::SaSpec spec;
        spec.id = id;
        spec.mode = child.mode;
        spec.reqid = child.reqid;
        if (outwards) spec.selector = outbound ? *outwards : outwards->reversed();
        // RFC 7296 §2.17: the keys of the initiator's direction come first.
        const bool initiators = outbound == we_initiated;
        fill_algorithms(child.suite, (initiators ? keys.initiator_encryption : keys.responder_encryption).view(),
                        (initiators ? keys.initiator_integrity : keys.responder_integrity).view(), spec);
        spec.extended_sequence_numbers = child.suite.extended_sequence_numbers;
        // The kernel checks replays on the way in only; it refuses ESN without a window in either direction.
        spec.replay_window = outbound && !spec.extended_sequence_numbers ? 0 : wanted.replay_window;
        // RFC 4302 §3.3.3.2.1: over IPv4 AH is padded to 32 bits, not to 64 as the kernel would by itself.
        spec.align4 = id.protocol == xfrm::IpsecProtocol::Ah && id.destination.is_v4();
        spec.af_unspec = child.mode == xfrm::Mode::Tunnel && !spec.selector;
        if (child.encapsulated) spec.encapsulation = encapsulation(child.path, outbound);
        spec.limits = kernel_limits(wanted.rekey, outbound, spec.extended_sequence_numbers);
        if (outbound) spec.acquire_sequence = acquire_sequence;
        return spec;
    };
    xfrm::InstallSas request;
    request.sas.push_back(make(child.inbound, false));
    request.sas.push_back(make(child.outbound, true));
    request.reserved = {true, false};
    return request;
}

xfrm::UdpEncapsulation encapsulation(const Path& path, bool outwards) {
    return {.source_port = outwards ? path.local.port : path.remote.port,
            .destination_port = outwards ? path.remote.port : path.local.port,
            .original = xfrm::Address::any(path.local.address.family())};
}

std::expected<std::vector<xfrm::PolicySpec>, std::string> policies_for(const Connection& connection,
                                                                       const Child& child) {
    const auto selectors = TRY(to_selectors(child.local, child.remote, kSelectorsMax));
    std::vector<xfrm::PolicySpec> policies;
    for (const xfrm::Selector& selector : selectors) {
        const xfrm::Selector inwards = selector.reversed();
        policies.push_back(make_policy(connection, child, selector, xfrm::Direction::Out));
        policies.push_back(make_policy(connection, child, inwards, xfrm::Direction::In));
        if (child.mode == xfrm::Mode::Tunnel)
            policies.push_back(make_policy(connection, child, inwards, xfrm::Direction::Forward));
    }
    return policies;
}

std::vector<xfrm::PolicySpec> neighbour_discovery_policies() {
    constexpr std::uint32_t kBeforeEverything = 1;
    constexpr std::array<std::uint16_t, 2> kTypes{135, 136};  // solicitation, advertisement
    std::vector<xfrm::PolicySpec> policies;
    for (const std::uint16_t type : kTypes) {
        for (const auto direction : {xfrm::Direction::Out, xfrm::Direction::In}) {
            xfrm::PolicySpec policy;
            policy.id.selector.source = xfrm::Prefix::any(xfrm::Family::V6);
            policy.id.selector.destination = xfrm::Prefix::any(xfrm::Family::V6);
            policy.id.selector.protocol = kIcmpV6;
            policy.id.selector.source_port = xfrm::PortMask::exactly(type);
            policy.id.direction = direction;
            policy.priority = kBeforeEverything;
            policies.push_back(std::move(policy));
        }
    }
    return policies;
}

std::optional<xfrm::Selector> narrowed_selector(const ChildSa& child, const Child& wanted) {
    if (covers(child.local, wanted.local) && covers(child.remote, wanted.remote)) return std::nullopt;
    auto selectors = to_selectors(child.local, child.remote, kSelectorsMax);
    if (!selectors || selectors->size() != 1) return std::nullopt;
    return selectors->front();
}

}  // namespace xfrmd::ike
