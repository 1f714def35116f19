// SPDX-License-Identifier: Apache-2.0
#include "ike/held_traffic.h"

#include "ike/policy/traffic_selector.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kSelectorsMax = 256;

// Of transport mode: our address stands in its selectors, and it is not known.
AddressRange with_any_address(AddressRange range) {
    if (!range.first.is_unspecified() || range.first != range.last) return range;
    const xfrm::Prefix any = xfrm::Prefix::any(range.first.family());
    range.first = any.first();
    range.last = any.last();
    return range;
}

}  // namespace

bool waits_for_address(const Connection& connection) { return connection.local.is_unspecified() && !connection.served; }

std::expected<std::vector<xfrm::PolicySpec>, std::string> holding_policies(const Connection& connection,
                                                                           const Child& child) {
    std::vector<xfrm::PolicySpec> policies;
    if (connection.when_down == WhenDown::Clear) return policies;
    TrafficSelectorList local;
    for (const AddressRange& range : child.local) local.push_back(with_any_address(range));
    const auto selectors = TRY(to_selectors(local, child.remote, kSelectorsMax));
    // The kernel blocks whatever the template asks for. Its reqid says whose the policy is, to the next run and to tools.
    const xfrm::Address any = xfrm::Address::any(connection.remote.family());
    const xfrm::Template whose{.source = any, .destination = any, .protocol = child.protocol, .reqid = child.reqid};
    const auto block = [&](const xfrm::Selector& selector, xfrm::Direction direction) {
        policies.push_back({.id = {.selector = selector, .direction = direction, .mark = {}, .if_id = {}},
                            .action = xfrm::PolicyAction::Block,
                            .priority = child.policy_priority,
                            .templates = {whose}});
    };
    for (const xfrm::Selector& selector : selectors) {
        block(selector, xfrm::Direction::Out);
        block(selector.reversed(), xfrm::Direction::In);
        if (child.mode == xfrm::Mode::Tunnel) block(selector.reversed(), xfrm::Direction::Forward);
    }
    return policies;
}

}  // namespace xfrmd::ike
