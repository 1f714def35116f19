// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/offer_text.h"

#include <algorithm>

#include "ike/crypto/registry.h"
#include "ike/wire/names.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kProposalsShown = 3;
constexpr std::size_t kTransformsShown = 24;
constexpr std::size_t kSelectorsShown = 4;

std::string word_of(const Transform& transform) {
    const auto* row = transform_row(transform.type, transform.id, transform.key_length.value_or(0));
    return row != nullptr ? std::string{row->word} : name_transform(transform.type, transform.id);
}

// The first `shown` texts, and how many there are beside them.
template <class Range, class Text>
std::string first_of(const Range& all, std::size_t shown, std::string_view between, const Text& text) {
    std::string joined;
    for (std::size_t i = 0; i < std::min(shown, all.size()); ++i)
        joined += (joined.empty() ? "" : std::string{between}) + text(all[i]);
    if (all.size() > shown) joined += " and " + std::to_string(all.size() - shown) + " more";
    return joined.empty() ? "nothing" : joined;
}

}  // namespace

std::string proposal_text(const Proposal& proposal) {
    return first_of(proposal.transforms, kTransformsShown, "-", word_of);
}

std::string offer_text(std::span<const Proposal> proposals) {
    return first_of(proposals, kProposalsShown, " or ", proposal_text);
}

std::string traffic_text(const TrafficSelectorList& from, const TrafficSelectorList& to) {
    const auto text = [](const AddressRange& range) { return range.to_string(); };
    return first_of(from, kSelectorsShown, ", ", text) + " to " + first_of(to, kSelectorsShown, ", ", text);
}

}  // namespace xfrmd::ike
