// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/collision.h"

#include <algorithm>
#include <utility>

namespace xfrmd::ike {

namespace {

struct Rule {
    Asked asked;
    Busy busy;
    Verdict verdict;
};

// One row a sentence of RFC 7296 §2.25.1 and §2.25.2; what they leave open is Proceed.
constexpr auto kRules = std::to_array<Rule>({
    // "If a peer receives a request to rekey a Child SA that it is currently trying to close"
    {Asked::RekeyChild, Busy::DeletingThisChild, Verdict::TemporaryFailure},
    // "If a peer receives a request to rekey a Child SA that it is currently rekeying"
    {Asked::RekeyChild, Busy::RekeyingThisChild, Verdict::ProceedAndCompare},
    // "If a peer receives a request to close a Child SA that it is currently trying to close"
    {Asked::DeleteChild, Busy::DeletingThisChild, Verdict::WithoutDelete},
    // "If a peer receives a request to rekey the IKE SA, and it is currently creating, rekeying, or closing a Child SA"
    {Asked::RekeyIkeSa, Busy::CreatingChild, Verdict::TemporaryFailure},
    {Asked::RekeyIkeSa, Busy::RekeyingThisChild, Verdict::TemporaryFailure},
    {Asked::RekeyIkeSa, Busy::DeletingThisChild, Verdict::TemporaryFailure},
    // "If a peer receives a request to rekey an IKE SA that it is currently rekeying"
    {Asked::RekeyIkeSa, Busy::RekeyingIkeSa, Verdict::ProceedAndCompare},
    // "If a peer receives a request to rekey an IKE SA that it is currently trying to close"
    {Asked::RekeyIkeSa, Busy::ClosingIkeSa, Verdict::TemporaryFailure},
    // "If a peer receives a request to create or rekey a Child SA when it is currently rekeying the IKE SA"
    {Asked::CreateChild, Busy::RekeyingIkeSa, Verdict::TemporaryFailure},
    {Asked::RekeyChild, Busy::RekeyingIkeSa, Verdict::TemporaryFailure},
    // An IKE SA that is closing or replaced makes nothing any more, and one that may yet be closed makes nothing yet.
    {Asked::CreateChild, Busy::ClosingIkeSa, Verdict::TemporaryFailure},
    {Asked::RekeyChild, Busy::ClosingIkeSa, Verdict::TemporaryFailure},
    {Asked::CreateChild, Busy::IkeSaSpare, Verdict::TemporaryFailure},
    {Asked::RekeyChild, Busy::IkeSaSpare, Verdict::TemporaryFailure},
    {Asked::RekeyIkeSa, Busy::IkeSaSpare, Verdict::TemporaryFailure},
    // Its children are gone already, each of them.
    {Asked::DeleteChild, Busy::ClosingIkeSa, Verdict::WithoutDelete},
});

}  // namespace

Verdict judge(Asked asked, Busy busy) {
    const auto rule = std::ranges::find_if(
        kRules, [&](const Rule& row) { return row.asked == asked && row.busy == busy; });
    return rule == kRules.end() ? Verdict::Proceed : rule->verdict;
}

Survivor survivor(View our_lowest_nonce, View their_lowest_nonce) {
    return std::ranges::lexicographical_compare(our_lowest_nonce, their_lowest_nonce) ? Survivor::Theirs
                                                                                      : Survivor::Ours;
}

}  // namespace xfrmd::ike
