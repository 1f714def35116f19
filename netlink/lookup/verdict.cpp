// SPDX-License-Identifier: Apache-2.0
#include "netlink/lookup/verdict.h"

#include <algorithm>
#include <array>

namespace xfrmd::lookup {

namespace {

struct Row {
    Cause cause;
    Verdict verdict;
    std::string_view word;
    std::string_view outbound_counter;
    std::string_view inbound_counter;
};

constexpr auto kRows = std::to_array<Row>({
    {Cause::SasFound, Verdict::Protected, "sas_found", "", ""},
    {Cause::NoPolicy, Verdict::Clear, "no_policy", "", ""},
    {Cause::PolicyAllows, Verdict::Clear, "policy_allows", "", ""},
    {Cause::SasOptional, Verdict::Clear, "sas_optional", "", ""},
    {Cause::XfrmDisabled, Verdict::Clear, "xfrm_disabled", "", ""},
    {Cause::PolicyDisabled, Verdict::Clear, "policy_disabled", "", ""},
    {Cause::DefaultBlocks, Verdict::Blocked, "default_blocks", "", "XfrmInNoPols"},
    {Cause::PolicyBlocks, Verdict::Blocked, "policy_blocks", "XfrmOutPolBlock", "XfrmInPolBlock"},
    {Cause::TooManyTemplates, Verdict::Blocked, "too_many_templates", "XfrmOutPolError",
     "XfrmInBufferError"},
    {Cause::NobodyNegotiates, Verdict::Blocked, "nobody_negotiates", "XfrmOutNoStates", ""},
    {Cause::SpiTaken, Verdict::Blocked, "spi_taken", "XfrmOutPolError", ""},
    {Cause::WrongDirection, Verdict::Blocked, "wrong_direction", "XfrmOutStateDirError",
     "XfrmInStateDirError"},
    {Cause::SaExhausted, Verdict::Blocked, "sa_exhausted", "XfrmOutStateExpired",
     "XfrmInStateExpired"},
    {Cause::TunnelUnreachable, Verdict::Blocked, "tunnel_unreachable", "XfrmOutBundleGenError", ""},
    {Cause::NoTunnelSource, Verdict::Blocked, "no_tunnel_source", "XfrmOutPolError", ""},
    {Cause::AhUnreadable, Verdict::Blocked, "ah_unreadable", "", "XfrmInStateProtoError"},
    {Cause::SaForOtherTraffic, Verdict::Blocked, "sa_for_other_traffic", "", "XfrmInStateMismatch"},
    {Cause::TransformsMissing, Verdict::Blocked, "transforms_missing", "", "XfrmInTmplMismatch"},
    {Cause::TransformsUnexpected, Verdict::Blocked, "transforms_unexpected", "",
     "XfrmInTmplMismatch"},
    {Cause::TunnelWithoutPolicy, Verdict::Blocked, "tunnel_without_policy", "", "XfrmInNoPols"},
    {Cause::SaMissing, Verdict::WouldNegotiate, "sa_missing", "XfrmOutNoStates", ""},
    {Cause::NegotiationUnderWay, Verdict::WouldNegotiate, "negotiation_under_way",
     "XfrmOutNoStates", ""},
});

constexpr const Row& row_of(Cause cause) {
    return *std::ranges::find(kRows, cause, &Row::cause);
}

static_assert(std::ranges::is_sorted(kRows, {}, &Row::cause) &&
              kRows.back().cause == Cause::NegotiationUnderWay &&
              kRows.size() == static_cast<std::size_t>(Cause::NegotiationUnderWay) + 1);

}  // namespace

Verdict verdict_of(Cause cause) {
    return row_of(cause).verdict;
}

std::string_view word_of(Cause cause) {
    return row_of(cause).word;
}

std::string_view word_of(Verdict verdict) {
    constexpr auto kWords =
        std::to_array<std::string_view>({"protected", "clear", "blocked", "would_negotiate"});
    return kWords.at(static_cast<std::size_t>(verdict));
}

std::vector<std::string_view> counters_of(Cause cause, bool outbound) {
    const Row& row = row_of(cause);
    const std::string_view counter = outbound ? row.outbound_counter : row.inbound_counter;
    if (counter.empty()) return {};
    // Resolving the templates ends with an error then, which is counted, too.
    if (cause == Cause::WrongDirection && outbound) return {counter, "XfrmOutPolError"};
    return {counter};
}

}  // namespace xfrmd::lookup
