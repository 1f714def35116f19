// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/outbound.h"

#include <algorithm>
#include <optional>
#include <ranges>

#include "netlink/lookup/modes.h"
#include "netlink/lookup/selectors.h"

namespace xfrmd::lookup {

using namespace xfrm;

namespace {

struct Ends {
    Address source;
    Address destination;
};

const TunnelPath* path_between(const OutboundFacts& facts, const Address& source,
                               const Address& destination) {
    const auto at = std::ranges::find_if(facts.paths, [&](const TunnelPath& path) {
        return path.source == source && path.destination == destination;
    });
    return at == facts.paths.end() ? nullptr : &*at;
}

// Resolves the templates of one policy: one after the other, until one that is required has no SA.
// net/xfrm/xfrm_policy.c, xfrm_tmpl_resolve_one()
class Resolver {
  public:
    Resolver(const Flow& flow, const Tables& tables, const OutboundFacts& facts, Outbound& result)
        : flow_{flow}, tables_{tables}, facts_{facts}, result_{result} {}

    void run(const StoredPolicy& policy) {
        for (const StoredTemplate& wanted : policy.templates)
            result_.templates.emplace_back().wanted = &wanted;
        Ends ends{flow_.source, flow_.destination};
        for (Resolution& resolution : result_.templates)
            if (const auto failed = resolve(policy, resolution, ends)) {
                result_.cause = *failed;
                return;
            }
        result_.cause = what_the_sas_do();
    }

  private:
    // What ends the search. Found: what is around it runs between its ends.
    std::optional<Cause> resolve(const StoredPolicy& policy, Resolution& resolution, Ends& ends) {
        const StoredTemplate& wanted = *resolution.wanted;
        Ends own = ends;
        if (has_ends(wanted.mode)) {
            own = {wanted.source, wanted.destination};
            if (own.source.is_unspecified()) {
                const TunnelPath* path = path_between(facts_, wanted.source, wanted.destination);
                if (path != nullptr && path->chosen.is_unspecified()) return Cause::NoTunnelSource;
                if (path != nullptr) own.source = path->chosen;
            }
        }
        resolution.source = own.source;
        resolution.destination = own.destination;
        resolution.choice =
            choose_sa(flow_, {own.source, own.destination, &wanted, &policy}, tables_);
        result_.uncertain = result_.uncertain || resolution.choice.uncertain;
        if (const StoredSa* sa = resolution.choice.winner) {
            if (sa->direction.value_or(kOutboundSa) != kOutboundSa) return Cause::WrongDirection;
            resolution.state = Resolution::State::Found;
            ends = own;
            return std::nullopt;
        }
        const Cause why = why_missing(policy, resolution);
        resolution.asked_for = why == Cause::SaMissing;
        resolution.state = wanted.optional ? Resolution::State::Passed : Resolution::State::Missing;
        if (wanted.optional) return std::nullopt;
        return why;
    }

    Cause why_missing(const StoredPolicy& policy, const Resolution& resolution) const {
        if (resolution.choice.under_way || has_just_been_asked(policy, resolution))
            return Cause::NegotiationUnderWay;
        if (resolution.choice.spi_taken) return Cause::SpiTaken;
        return facts_.key_manager ? Cause::SaMissing : Cause::NobodyNegotiates;
    }

    // For an optional template before this one, which wants the same.
    bool has_just_been_asked(const StoredPolicy& policy, const Resolution& resolution) const {
        const StoredTemplate& wanted = *resolution.wanted;
        return fits(policy.mark, policy.mark.value & policy.mark.mask) &&
               std::ranges::any_of(result_.templates, [&](const Resolution& earlier) {
                   const StoredTemplate& before = *earlier.wanted;
                   return earlier.asked_for && before.protocol == wanted.protocol &&
                          before.mode == wanted.mode && before.reqid == wanted.reqid &&
                          (wanted.spi == EspSpi{} || wanted.spi == before.spi) &&
                          earlier.source == resolution.source &&
                          earlier.destination == resolution.destination;
               });
    }

    // net/xfrm/xfrm_policy.c, xfrm_bundle_create(); net/xfrm/xfrm_output.c
    Cause what_the_sas_do() const {
        const auto found = [](const Resolution& one) {
            return one.state == Resolution::State::Found;
        };
        if (std::ranges::none_of(result_.templates, found)) return Cause::SasOptional;
        for (const Resolution& one : result_.templates | std::views::filter(found)) {
            if (!has_ends(one.wanted->mode)) continue;
            // The ends are the SA's, which may have none as its source.
            const StoredSa& sa = *one.choice.winner;
            const TunnelPath* path = path_between(facts_, sa.source, sa.destination);
            if (path != nullptr && !path->reachable) return Cause::TunnelUnreachable;
        }
        std::vector<const StoredSa*> applied;
        for (const Resolution& one : result_.templates | std::views::filter(found)) {
            // An SA that is applied twice counts the packet twice.
            const auto before = std::ranges::count(applied, one.choice.winner);
            if (is_exhausted(*one.choice.winner, static_cast<std::uint64_t>(before)))
                return Cause::SaExhausted;
            applied.push_back(one.choice.winner);
        }
        return Cause::SasFound;
    }

    const Flow& flow_;
    const Tables& tables_;
    const OutboundFacts& facts_;
    Outbound& result_;
};

Cause default_cause(const Tables& tables, const OutboundFacts& facts, Cause accepted) {
    if (facts.loopback || tables.defaults.out == PolicyAction::Allow) return accepted;
    return Cause::DefaultBlocks;
}

}  // namespace

std::vector<const StoredSa*> Outbound::sas() const {
    std::vector<const StoredSa*> applied;
    if (verdict() != Verdict::Protected) return applied;
    for (const Resolution& one : templates)
        if (one.state == Resolution::State::Found) applied.push_back(one.choice.winner);
    return applied;
}

// net/xfrm/xfrm_policy.c, xfrm_lookup_with_ifid()
Outbound explain_outbound(const Flow& flow, const Tables& tables, const OutboundFacts& facts) {
    Outbound result;
    if (facts.xfrm_disabled && flow.family() == Family::V4 && flow.if_id == IfId{}) {
        // What is forwarded does not even meet the default policy then.
        result.cause = facts.forwarded ? Cause::XfrmDisabled
                                       : default_cause(tables, facts, Cause::XfrmDisabled);
        return result;
    }
    result.policy = choose_policy(flow, Direction::Out, tables);
    result.uncertain = result.policy.uncertain;
    const StoredPolicy* policy = result.policy.winner;
    if (policy == nullptr)
        result.cause = default_cause(tables, facts, Cause::NoPolicy);
    else if (blocks(*policy))
        result.cause = Cause::PolicyBlocks;
    else if (policy->templates.empty())
        result.cause = Cause::PolicyAllows;
    else if (policy->templates.size() >= kTemplatesMax)
        result.cause = Cause::TooManyTemplates;
    else
        Resolver{flow, tables, facts, result}.run(*policy);
    return result;
}

}  // namespace xfrmd::lookup
