// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/answer.h"

#include <utility>

namespace xfrmd::explain {

using namespace xfrm;
using lookup::Cause;
using lookup::Verdict;

namespace {

Arrival arrive(const Survey& survey, const lookup::Flow& flow, Direction direction) {
    const lookup::Tables tables = survey.tables();
    Arrival arrival;
    arrival.direction = direction;
    arrival.in_clear = check_inbound(flow, direction, {}, tables, survey.inbound);
    const StoredPolicy* const policy = arrival.in_clear.policy.winner;
    if (policy == nullptr || policy->templates.empty()) return arrival;
    arrival.expected = expectations(flow, *policy, tables);
    if (arrival.in_clear.cause == Cause::TransformsMissing && !arrival.expected.lacks_any())
        arrival.as_wanted =
            check_inbound(flow, direction, arrival.expected.path(), tables, survey.inbound);
    return arrival;
}

// What comes later on the way decides, unless the packet does not get there; protection on either
// part of the way is worth telling.
void conclude(Answer& answer, Cause cause, bool outbound) {
    const Verdict verdict = verdict_of(cause);
    const bool ends_here = verdict == Verdict::Blocked || verdict == Verdict::WouldNegotiate;
    if (!ends_here && answer.verdict == Verdict::Protected) return;
    answer.verdict = verdict;
    answer.cause = cause;
    answer.cause_is_outbound = outbound;
}

void depart(const Survey& survey, Answer& answer) {
    answer.departure = explain_outbound(survey.flow, survey.tables(), survey.outbound);
    conclude(answer, answer.departure->cause, true);
}

void arrive(const Survey& survey, Direction direction, Answer& answer) {
    lookup::Flow flow = survey.flow;
    constexpr std::uint32_t kLoopback = 1;
    if (direction == Direction::In) flow.interface_index = kLoopback;
    answer.arrival = arrive(survey, flow, direction);
    conclude(answer, answer.arrival->cause(), false);
}

}  // namespace

Answer answer(const Survey& survey) {
    Answer result;
    switch (survey.journey) {
        case Journey::Out:
            depart(survey, result);
            break;
        case Journey::In:
            arrive(survey, Direction::In, result);
            break;
        case Journey::Through:
            arrive(survey, Direction::Forward, result);
            if (result.verdict != Verdict::Blocked) depart(survey, result);
            break;
        case Journey::Loop:
            depart(survey, result);
            // One that is protected on its way to this host itself arrives through the same SAs.
            if (result.verdict == Verdict::Clear) arrive(survey, Direction::In, result);
            break;
    }
    return result;
}

cli::ExitCode exit_code_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Protected:
            return cli::ExitCode::Ok;
        case Verdict::Clear:
            return cli::ExitCode::Clear;
        case Verdict::Blocked:
            return cli::ExitCode::Blocked;
        case Verdict::WouldNegotiate:
            return cli::ExitCode::WouldNegotiate;
    }
    std::unreachable();
}

}  // namespace xfrmd::explain
