// SPDX-License-Identifier: Apache-2.0
// What was offered and what would have been accepted, for people. The texts are bounded, whoever made what they tell.
#pragma once

#include <span>
#include <string>

#include "ike/policy/traffic_selector.h"
#include "ike/wire/proposal.h"

namespace xfrmd::ike {

// "aes256gcm16-prfsha384-x25519": in the words of the configuration, so that what is shown can be written.
[[nodiscard]] std::string proposal_text(const Proposal& proposal);

// "aes256gcm16-x25519 or aes128gcm16-x25519"; of many the first.
[[nodiscard]] std::string offer_text(std::span<const Proposal> proposals);

// "10.1.0.0/16, 10.3.0.0/16 to 10.2.0.0/16"; of many the first.
[[nodiscard]] std::string traffic_text(const TrafficSelectorList& from, const TrafficSelectorList& to);

}  // namespace xfrmd::ike
