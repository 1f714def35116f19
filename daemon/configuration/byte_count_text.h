// SPDX-License-Identifier: Apache-2.0
// Amounts of data as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace xfrmd::daemon {

// "512MiB", "64GiB", "2TiB", "100KiB". Nothing for anything else, or for more than 2^60 bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_byte_count(std::string_view text);

}  // namespace xfrmd::daemon
