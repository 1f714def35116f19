// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/inbound.h"

#include <algorithm>

#include "netlink/lookup/modes.h"
#include "netlink/lookup/sa_choice.h"
#include "netlink/lookup/selectors.h"

namespace xfrmd::lookup {

using namespace xfrm;

namespace {

// Which of PF_KEY's numbers an SA's algorithm has is not told, so a template that names algorithms
// counts as met. net/xfrm/xfrm_policy.c, xfrm_state_ok()
bool satisfies(const StoredSa& sa, const StoredTemplate& wanted, const Flow& flow) {
    const bool same_source = wanted.source.is_unspecified() || wanted.source == sa.source;
    return sa.protocol == wanted.protocol && sa.mode == wanted.mode &&
           (wanted.spi == EspSpi{} || wanted.spi == sa.spi) &&
           (wanted.reqid == ReqId{} || wanted.reqid == sa.reqid) &&
           (sa.mode == kTransportMode || same_source) &&
           (flow.if_id == IfId{} || flow.if_id == sa.if_id);
}

// Why an SA is not one that a peer would send the packet through. The mark is the packet's, by
// which the kernel finds the SA.
std::optional<SaLost> why_unfit(const StoredSa& sa, const Expectation& expected, const Flow& flow) {
    const StoredTemplate& wanted = *expected.wanted;
    if (sa.protocol != wanted.protocol) return SaLost::Protocol;
    if (!expected.source.is_unspecified() && sa.source != expected.source) return SaLost::Source;
    if (sa.mode != wanted.mode) return SaLost::Mode;
    if (wanted.reqid != ReqId{} && wanted.reqid != sa.reqid) return SaLost::Reqid;
    if (!fits(sa.mark, flow.mark)) return SaLost::Mark;
    if (flow.if_id != IfId{} && flow.if_id != sa.if_id) return SaLost::IfId;
    if (wanted.spi != EspSpi{} && wanted.spi != sa.spi) return SaLost::Spi;
    if (!takes(sa, flow)) return SaLost::Selector;
    if (is_larval(sa)) return SaLost::Larval;
    return std::nullopt;
}

bool has_tunnel(const SecurityPath& path, std::size_t from) {
    return std::any_of(path.begin() + static_cast<std::ptrdiff_t>(from), path.end(),
                       [](const StoredSa* sa) { return sa->mode != kTransportMode; });
}

// Why one of the SAs does not open the packet; the outermost is opened first. AH covers the IP
// header, whose protocol number stays that of the outermost transform until the last one of them is
// taken off: AH inside of another one of transport mode does not verify. Measured on Linux 6.12.
std::optional<Cause> why_unopened(const SecurityPath& path) {
    std::uint8_t number = 0;  // in the IP header; 0 = a new one begins
    for (const StoredSa* sa : path) {
        if (sa->direction == kOutboundSa) return Cause::WrongDirection;
        if (number == 0) number = sa->protocol;
        if (sa->protocol == kAh && number != kAh) return Cause::AhUnreadable;
        if (sa->mode != kTransportMode) number = 0;
    }
    return std::nullopt;
}

// From where in the path the next template is to be met; nothing: this one is not.
// net/xfrm/xfrm_policy.c, xfrm_policy_ok()
std::optional<std::size_t> meet(const StoredTemplate& wanted, const SecurityPath& path,
                                std::size_t from, const Flow& flow) {
    if (wanted.optional && wanted.mode == kTransportMode) return from;
    for (std::size_t i = from; i < path.size(); ++i) {
        if (satisfies(*path[i], wanted, flow)) return i + 1;
        if (path[i]->mode != kTransportMode) break;  // no template may be met beyond a tunnel
    }
    if (wanted.optional) return from;
    return std::nullopt;
}

Cause check_templates(const Flow& flow, const SecurityPath& path, Inbound& result) {
    const StoredPolicy& policy = *result.policy.winner;
    if (policy.templates.size() >= kTemplatesMax) return Cause::TooManyTemplates;
    std::size_t from = 0;
    for (std::size_t i = policy.templates.size(); i-- > 0;) {
        const auto next = meet(policy.templates[i], path, from, flow);
        if (!next) {
            result.unmet = i;
            return Cause::TransformsMissing;
        }
        from = *next;
    }
    if (has_tunnel(path, from)) return Cause::TransformsUnexpected;
    if (!path.empty()) return Cause::SasFound;
    return policy.templates.empty() ? Cause::PolicyAllows : Cause::SasOptional;
}

}  // namespace

// net/xfrm/xfrm_policy.c, __xfrm_policy_check()
Inbound check_inbound(const Flow& flow, Direction direction, const SecurityPath& path,
                      const Tables& tables, const InboundFacts& facts) {
    Inbound result;
    if (const auto unopened = why_unopened(path)) {
        result.cause = *unopened;
        return result;
    }
    if (facts.policy_disabled) {
        result.cause = Cause::PolicyDisabled;
        return result;
    }
    const auto refuses = [&](const StoredSa* sa) { return !takes(*sa, flow); };
    if (std::ranges::any_of(path, refuses)) {
        result.cause = Cause::SaForOtherTraffic;
        return result;
    }
    result.policy = choose_policy(flow, direction, tables);
    if (result.policy.winner == nullptr) {
        if (tables.defaults.of(direction) == PolicyAction::Block)
            result.cause = Cause::DefaultBlocks;
        else if (has_tunnel(path, 0))
            result.cause = Cause::TunnelWithoutPolicy;
        else
            result.cause = path.empty() ? Cause::NoPolicy : Cause::SasFound;
        return result;
    }
    result.cause =
        blocks(*result.policy.winner) ? Cause::PolicyBlocks : check_templates(flow, path, result);
    return result;
}

SecurityPath Expectations::path() const {
    SecurityPath path;
    for (const Expectation& one : templates)
        if (one.sa != nullptr) path.insert(path.begin(), one.sa);
    return path;
}

bool Expectations::lacks_any() const {
    return std::ranges::any_of(templates, [](const Expectation& one) {
        return one.sa == nullptr && !one.wanted->optional;
    });
}

Expectations expectations(const Flow& flow, const StoredPolicy& policy, const Tables& tables) {
    Expectations all;
    Address source = flow.source;
    Address destination = flow.destination;
    for (const StoredTemplate& wanted : policy.templates) {
        if (has_ends(wanted.mode)) {
            source = wanted.source;
            destination = wanted.destination;
        }
        Expectation& one = all.templates.emplace_back();
        one.wanted = &wanted;
        one.source = source;
        one.destination = destination;
        for (const StoredSa& sa : tables.sas) {
            if (!destination.is_unspecified() && sa.destination != destination) continue;
            const auto lost = why_unfit(sa, one, flow);
            if (!lost && one.sa == nullptr)
                one.sa = &sa;
            else
                one.losers.push_back({&sa, lost.value_or(SaLost::Older)});
        }
        std::ranges::stable_sort(one.losers, {}, &LosingSa::why);
    }
    return all;
}

}  // namespace xfrmd::lookup
