// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/overlap.h"

#include <algorithm>
#include <cstdint>
#include <format>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "daemon/configuration/child_builder.h"
#include "ike/policy/traffic_selector.h"
#include "netlink/model/selector.h"

namespace xfrmd::daemon {

namespace {

// More of them would not help anybody.
constexpr std::size_t kWarningsMax = 20;

// One policy that a connection wants.
struct Claim {
    std::size_t connection = 0;
    std::uint32_t priority = 0;
    xfrm::Selector selector;
};

std::vector<Claim> claims_of(const std::vector<ike::Connection>& connections) {
    std::vector<Claim> claims;
    for (std::size_t i = 0; i < connections.size(); ++i)
        for (const ike::Child& child : connections[i].children)
            if (const auto selectors = ike::to_selectors(child.local, child.remote, kSelectorsMax))
                for (const xfrm::Selector& selector : *selectors)
                    claims.push_back({i, child.policy_priority, selector});
    return claims;
}

bool overlap(const xfrm::Prefix& left, const xfrm::Prefix& right) {
    return left.contains(right) || right.contains(left);
}

bool overlap(const xfrm::PortMask& left, const xfrm::PortMask& right) {
    return ((left.port ^ right.port) & left.mask & right.mask) == 0;
}

bool overlap(const xfrm::Selector& left, const xfrm::Selector& right) {
    return (left.protocol == 0 || right.protocol == 0 || left.protocol == right.protocol) &&
           overlap(left.source, right.source) && overlap(left.destination, right.destination) &&
           overlap(left.source_port, right.source_port) &&
           overlap(left.destination_port, right.destination_port);
}

class OverlapCheck {
  public:
    OverlapCheck(const std::vector<ike::Connection>& connections, const Sections& sections,
                 Diagnostics& diagnostics)
        : connections_{connections}, sections_{sections}, diagnostics_{diagnostics} {}

    void same_traffic(std::vector<Claim>& claims);
    void no_winner(std::vector<Claim>& claims);

  private:
    Place place_of(std::size_t connection) const;
    bool told_before(std::size_t left, std::size_t right) {
        return !told_.insert(std::minmax(left, right)).second;
    }

    const std::vector<ike::Connection>& connections_;
    const Sections& sections_;
    Diagnostics& diagnostics_;
    std::set<std::pair<std::size_t, std::size_t>> told_;
};

void OverlapCheck::same_traffic(std::vector<Claim>& claims) {
    std::ranges::sort(
        claims, {}, [](const Claim& claim) { return std::tie(claim.selector, claim.connection); });
    for (std::size_t i = 1; i < claims.size(); ++i) {
        const Claim& first = claims[i - 1];
        const Claim& second = claims[i];
        if (first.selector != second.selector || told_before(first.connection, second.connection))
            continue;
        diagnostics_.error(
            place_of(second.connection),
            std::format("connections \"{}\" and \"{}\" are for the same traffic: {}",
                        connections_[first.connection].name, connections_[second.connection].name,
                        second.selector.to_string()),
            std::format(
                "the other one is at {}; remove one of them, or narrow it with protect or the "
                "child's networks",
                connections_[first.connection].origin));
    }
}

void OverlapCheck::no_winner(std::vector<Claim>& claims) {
    const auto first_of = [](const Claim& claim) { return claim.selector.destination.first(); };
    std::ranges::stable_sort(claims, {}, first_of);
    std::vector<const Claim*> open;  // those whose destination may reach to the current one
    std::size_t warnings = 0;
    for (const Claim& claim : claims) {
        std::erase_if(open, [&](const Claim* other) {
            return other->selector.destination.last() < first_of(claim);
        });
        for (const Claim* other : open) {
            if (warnings == kWarningsMax) return;
            if (other->connection == claim.connection || other->priority != claim.priority ||
                !overlap(other->selector, claim.selector) ||
                told_before(other->connection, claim.connection))
                continue;
            ++warnings;
            const auto [first, second] = std::minmax(other->connection, claim.connection);
            diagnostics_.warning(
                place_of(second),
                std::format("connections \"{}\" and \"{}\" overlap, and neither is more specific",
                            connections_[first].name, connections_[second].name),
                std::format("the other one is at {}; which one packets take that fit both ({} and "
                            "{}) is not "
                            "defined",
                            connections_[first].origin, other->selector.to_string(),
                            claim.selector.to_string()));
        }
        open.push_back(&claim);
    }
}

Place OverlapCheck::place_of(std::size_t connection) const {
    const auto section = std::ranges::find(
        sections_.connections, connections_[connection].name,
        [](const ConnectionSection& s) -> const std::string& { return s.name.value; });
    return section == sections_.connections.end() ? Place{} : section->name.place;
}

}  // namespace

void check_overlaps(const std::vector<ike::Connection>& connections, const Sections& sections,
                    Diagnostics& diagnostics) {
    auto claims = claims_of(connections);
    OverlapCheck check{connections, sections, diagnostics};
    check.same_traffic(claims);
    check.no_winner(claims);
}

}  // namespace xfrmd::daemon
