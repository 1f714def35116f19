// SPDX-License-Identifier: Apache-2.0
// Words of notices, for text and JSON. Internal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "netlink/model/notice.h"

namespace xfrmd::setkey::dump {

// "added", "updated", "deleted"
[[nodiscard]] std::string_view change_word(xfrm::notice::Change change);
// "esp", …; "all" for a flush of every protocol.
[[nodiscard]] std::string flushed_word(std::uint8_t protocol);
// "block", "accept"; otherwise the number.
[[nodiscard]] std::string default_word(std::uint8_t action);
// Why counters were told: "replay", "timer", "update"; nothing, or several.
[[nodiscard]] std::vector<std::string> cause_words(std::uint32_t flags);

}  // namespace xfrmd::setkey::dump
