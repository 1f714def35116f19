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

// A child by the positions of its connection and of itself.
struct Owner {
    std::size_t connection = 0;
    std::size_t child = 0;
    auto operator<=>(const Owner&) const = default;
};

// One policy that a child wants.
struct Claim {
    Owner owner;
    std::uint32_t priority = 0;
    xfrm::Selector selector;
};

std::vector<Claim> claims_of(const std::vector<ike::Connection>& connections) {
    std::vector<Claim> claims;
    for (Owner owner; owner.connection < connections.size(); ++owner.connection) {
        const auto& children = connections[owner.connection].children;
        for (owner.child = 0; owner.child < children.size(); ++owner.child) {
            const ike::Child& child = children[owner.child];
            if (child.bundle && child.bundle->outer) continue;  // its inner child has the policies
            if (const auto selectors = ike::to_selectors(child.local, child.remote, kSelectorsMax))
                for (const xfrm::Selector& selector : *selectors)
                    claims.push_back({owner, child.policy_priority, selector});
        }
    }
    return claims;
}

std::string shown(const Place& place) {
    return place.source == nullptr ? std::string{}
                                   : std::format("{}:{}", place.source->file(), place.line);
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
    const ike::Connection& connection_of(const Owner& owner) const {
        return connections_[owner.connection];
    }
    // `connections "a" and "b"`, or `children "a" and "b" of connection "c"`.
    std::string both(const Owner& first, const Owner& second) const;
    // Where the one of the two stands: its child if they are of one connection, else its connection.
    Place place_of(const Owner& owner, const Owner& other) const;
    // Once for each pair of connections, and within a connection for each pair of children.
    bool told_before(Owner left, Owner right) {
        if (left.connection != right.connection) left.child = right.child = 0;
        return !told_.insert(std::minmax(left, right)).second;
    }

    const std::vector<ike::Connection>& connections_;
    const Sections& sections_;
    Diagnostics& diagnostics_;
    std::set<std::pair<Owner, Owner>> told_;
};

void OverlapCheck::same_traffic(std::vector<Claim>& claims) {
    std::ranges::sort(
        claims, {}, [](const Claim& claim) { return std::tie(claim.selector, claim.owner); });
    for (std::size_t i = 1; i < claims.size(); ++i) {
        const Claim& first = claims[i - 1];
        const Claim& second = claims[i];
        if (first.selector != second.selector || told_before(first.owner, second.owner)) continue;
        diagnostics_.error(
            place_of(second.owner, first.owner),
            std::format("{} are for the same traffic: {}", both(first.owner, second.owner),
                        second.selector.to_string()),
            std::format(
                "the other one is at {}; remove one of them, or narrow it with protect or the "
                "child's networks",
                shown(place_of(first.owner, second.owner))));
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
            if (other->owner == claim.owner || other->priority != claim.priority ||
                !overlap(other->selector, claim.selector) ||
                told_before(other->owner, claim.owner))
                continue;
            ++warnings;
            const auto [first, second] = std::minmax(other->owner, claim.owner);
            diagnostics_.warning(
                place_of(second, first),
                std::format("{} overlap, and neither is more specific", both(first, second)),
                std::format("the other one is at {}; which one packets take that fit both ({} and "
                            "{}) is not "
                            "defined",
                            shown(place_of(first, second)), other->selector.to_string(),
                            claim.selector.to_string()));
        }
        open.push_back(&claim);
    }
}

std::string OverlapCheck::both(const Owner& first, const Owner& second) const {
    const ike::Connection& one = connection_of(first);
    const ike::Connection& other = connection_of(second);
    if (first.connection != second.connection)
        return std::format("connections \"{}\" and \"{}\"", one.name, other.name);
    return std::format("children \"{}\" and \"{}\" of connection \"{}\"",
                       one.children[first.child].name, other.children[second.child].name, one.name);
}

Place OverlapCheck::place_of(const Owner& owner, const Owner& other) const {
    const auto section = std::ranges::find(
        sections_.connections, connection_of(owner).name,
        [](const ConnectionSection& s) -> const std::string& { return s.name.value; });
    if (section == sections_.connections.end()) return {};
    if (owner.connection != other.connection) return section->name.place;
    const std::string& name = connection_of(owner).children[owner.child].name;
    for (const ChildSection& child : section->children)
        if (child.name && name.substr(0, name.find('#')) == child.name->value)
            return child.name->place;
    return section->name.place;
}

}  // namespace

void check_overlaps(const std::vector<ike::Connection>& connections, const Sections& sections,
                    Diagnostics& diagnostics) {
    auto claims = claims_of(connections);
    OverlapCheck check{connections, sections, diagnostics};
    check.same_traffic(claims);
    check.no_winner(claims);
}

std::optional<std::string> same_traffic(const std::vector<ike::Connection>& connections) {
    auto claims = claims_of(connections);
    const Sections none;
    Diagnostics diagnostics;
    OverlapCheck{connections, none, diagnostics}.same_traffic(claims);
    if (!diagnostics.has_errors()) return std::nullopt;
    return diagnostics.take().front().text;
}

}  // namespace xfrmd::daemon
