// SPDX-License-Identifier: Apache-2.0
// SAs as `setkey -D` shows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/setkey/dump/scene.h"
#include "netlink/model/stored_sa.h"

namespace xfrmd::setkey::dump {

// What an empty table says.
inline constexpr std::string_view kNoSas = "No SAD entries.\n";

// One block. `place` counts the entries of a dump from 1, and is 0 for the last of them.
[[nodiscard]] std::string sa_text(const xfrm::StoredSa& sa, std::uint32_t place,
                                  const Options& options, const Scene& scene);

// Without algorithms and state, for where the kernel does not tell them.
[[nodiscard]] std::string sa_without_algorithms_text(const xfrm::StoredSa& sa,
                                                     const Options& options, const Scene& scene);

// The short form (-l): a title and a line for each SA.
[[nodiscard]] std::string short_sa_title();
[[nodiscard]] std::string short_sa_text(const xfrm::StoredSa& sa, const Scene& scene);

// Key octets in groups of four, 32 on a line; or "***".
[[nodiscard]] std::string key_text(const xfrm::StoredAlgorithm& algorithm, const Options& options);

}  // namespace xfrmd::setkey::dump
