// SPDX-License-Identifier: Apache-2.0
// What decided, in sentences for people, and in stable words. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/explain/answer.h"

namespace xfrmd::explain {

// "would negotiate: there is no SA for its policy, and the packet asks for one", without a full
// stop.
[[nodiscard]] std::string headline(const Answer& answer, const Survey& survey);

// Why a policy lost against the winner, or by itself: "priority 2000 comes after 1000".
[[nodiscard]] std::string why_lost(const lookup::LosingPolicy& loser,
                                   const lookup::PolicyChoice& choice);
// Why an SA does not serve a template whose near end is `source`: "reqid 5 instead of 7".
[[nodiscard]] std::string why_lost(const lookup::LosingSa& loser,
                                   const xfrm::StoredTemplate& wanted, const xfrm::Address& source);

[[nodiscard]] std::string_view word_of(lookup::PolicyLost why);
[[nodiscard]] std::string_view word_of(lookup::SaLost why);
[[nodiscard]] std::string_view word_of(lookup::Resolution::State state);
[[nodiscard]] std::string_view word_of(xfrm::Direction direction);
[[nodiscard]] std::string_view word_of(Journey journey);

// "esp/tunnel 192.0.2.1 -> 198.51.100.7 reqid 7, optional"
[[nodiscard]] std::string template_text(const xfrm::StoredTemplate& wanted);
// "10.1.0.0/16[any] 10.2.0.0/16[443] tcp"
[[nodiscard]] std::string selector_text(const xfrm::Selector& selector);
// "192.0.2.1 -> 192.0.2.2 tcp 1024 -> 443"
[[nodiscard]] std::string packet_text(const lookup::Flow& flow);

}  // namespace xfrmd::explain
