// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/policy_choice.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "netlink/lookup/selectors.h"

namespace xfrmd::lookup {

using namespace xfrm;

namespace {

constexpr std::uint8_t kMainPolicy = 0;  // XFRM_POLICY_TYPE_MAIN

// The kernel keeps policies in lists, by how much of their addresses is given. Of each list the
// first policy that takes the packet is a candidate; of the candidates the lowest priority wins,
// then the one that entered the table first. net/xfrm/xfrm_policy.c, xfrm_policy_lookup_bytype()
enum class List : std::uint8_t { Hosts, Networks, AnyDestination, AnySource, AnyBoth };
constexpr std::size_t kLists = 5;

bool counts_as_any(const Prefix& prefix) {
    constexpr unsigned kShortestV4 = 16;
    constexpr unsigned kShortestV6 = 48;
    return prefix.address.is_unspecified() ||
           prefix.length < (prefix.address.is_v4() ? kShortestV4 : kShortestV6);
}

List list_of(const Selector& selector) {
    const unsigned bits = selector.destination.address.bits();
    if (selector.source.length == bits && selector.destination.length == bits) return List::Hosts;
    const bool any_source = counts_as_any(selector.source);
    const bool any_destination = counts_as_any(selector.destination);
    if (any_source && any_destination) return List::AnyBoth;
    if (any_source) return List::AnySource;
    return any_destination ? List::AnyDestination : List::Networks;
}

// One that takes the packet. A larger position entered the table later.
struct Candidate {
    const StoredPolicy* policy = nullptr;
    std::size_t position = 0;
};

// Of candidates of one priority. Within a list, a policy that replaced another one has that one's
// place if its priority is the same, and its index in any case; with another priority it goes
// behind its equals. So index and position tell the order where they agree.
struct FirstOfList {
    std::optional<Candidate> first;
    bool uncertain = false;

    void add(const Candidate& candidate) {
        if (!first) {
            first = candidate;
            return;
        }
        const bool older = candidate.policy->index < first->policy->index;
        if (older != (candidate.position < first->position)) uncertain = true;
        if (older) first = candidate;
    }
};

// `candidates` are all of the lowest priority there is.
void choose_among_equals(const std::vector<Candidate>& candidates, PolicyChoice& choice) {
    std::array<FirstOfList, kLists> lists;
    for (const Candidate& candidate : candidates)
        lists.at(std::to_underlying(list_of(candidate.policy->selector))).add(candidate);
    std::optional<Candidate> best;
    for (const FirstOfList& list : lists) {
        choice.uncertain = choice.uncertain || list.uncertain;
        if (list.first && (!best || list.first->position < best->position)) best = list.first;
    }
    if (best) choice.winner = best->policy;
}

// Nothing: it takes the packet.
std::optional<PolicyLost> lost_by_itself(const StoredPolicy& policy, const Flow& flow) {
    if (const auto wrong = mismatch(policy.selector, flow)) {
        switch (*wrong) {
            case Mismatch::Family:
            case Mismatch::Destination:
                return PolicyLost::Destination;
            case Mismatch::Source:
                return PolicyLost::Source;
            case Mismatch::Protocol:
                return PolicyLost::Protocol;
            case Mismatch::DestinationPort:
                return PolicyLost::DestinationPort;
            case Mismatch::SourcePort:
                return PolicyLost::SourcePort;
            case Mismatch::Interface:
                return PolicyLost::Interface;
        }
    }
    if (policy.if_id != flow.if_id) return PolicyLost::IfId;
    if (!fits(policy.mark, flow.mark)) return PolicyLost::Mark;
    return std::nullopt;
}

bool fits_an_address(const StoredPolicy& policy, const Flow& flow) {
    return policy.selector.family() == flow.family() &&
           (takes_destination(policy.selector, flow) || takes_source(policy.selector, flow));
}

}  // namespace

bool is_of(const StoredPolicy& policy, Direction direction) {
    const auto number = [&]() -> std::uint8_t {
        switch (direction) {
            case Direction::In:
                return 0;  // XFRM_POLICY_IN
            case Direction::Out:
                return 1;
            case Direction::Forward:
                return 2;
        }
        std::unreachable();
    }();
    return policy.type == kMainPolicy && policy.direction == number;
}

bool blocks(const StoredPolicy& policy) {
    return policy.action != 0;  // XFRM_POLICY_ALLOW
}

PolicyChoice choose_policy(const Flow& flow, Direction direction, const Tables& tables) {
    PolicyChoice choice;
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < tables.policies.size(); ++i) {
        const StoredPolicy& policy = tables.policies[i];
        if (!is_of(policy, direction) || !fits_an_address(policy, flow)) continue;
        if (const auto lost = lost_by_itself(policy, flow))
            choice.losers.push_back({&policy, *lost});
        else
            candidates.push_back({&policy, tables.policies.size() - i});
    }
    std::uint32_t lowest = 0xffff'ffff;
    for (const Candidate& candidate : candidates)
        lowest = std::min(lowest, candidate.policy->priority);
    std::vector<Candidate> equals;
    for (const Candidate& candidate : candidates)
        if (candidate.policy->priority == lowest) equals.push_back(candidate);
    choose_among_equals(equals, choice);
    for (const Candidate& candidate : candidates) {
        if (candidate.policy == choice.winner) continue;
        const bool equal = candidate.policy->priority == lowest;
        choice.losers.push_back(
            {candidate.policy, equal ? PolicyLost::Position : PolicyLost::Priority});
    }
    std::ranges::stable_sort(choice.losers, {}, &LosingPolicy::why);
    return choice;
}

}  // namespace xfrmd::lookup
