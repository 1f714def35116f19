// SPDX-License-Identifier: Apache-2.0
// Text that others wrote, made fit for a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xfrmd::cli {

// Control characters, what reorders text, and octets that are no UTF-8 become visible escapes
// ("\x1b", "\u202e").
[[nodiscard]] std::string printable(std::string_view text);

// How many columns a printable text takes.
[[nodiscard]] std::size_t display_width(const std::string& text);

// The printable text in at most `width` columns: its middle gives way to `ellipsis`, as names
// differ at their ends.
[[nodiscard]] std::string shortened(const std::string& text, std::size_t width,
                                    std::string_view ellipsis);

// "840 B", "1.2 MiB"
[[nodiscard]] std::string octets_text(std::uint64_t octets);

}  // namespace xfrmd::cli
