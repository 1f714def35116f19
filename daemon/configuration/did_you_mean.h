// SPDX-License-Identifier: Apache-2.0
// The word that somebody probably meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xfrmd::daemon {

// The nearest of `words` to `written`, if it is near enough to be a slip: hyphens for underscores,
// case, a few letters.
[[nodiscard]] std::optional<std::string> did_you_mean(std::string_view written,
                                                      std::span<const std::string> words);

// "a, b or c", each in quotes.
[[nodiscard]] std::string one_of(std::span<const std::string> words);

}  // namespace xfrmd::daemon
