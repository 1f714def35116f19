// SPDX-License-Identifier: Apache-2.0
// The seam where Botan's exceptions become sentences. Internal to cli/pki.
#pragma once

#include <exception>
#include <expected>
#include <format>
#include <string>
#include <string_view>
#include <utility>

namespace xfrmd::cli::pki {

// Runs `work`, which gives a std::expected<T, std::string>. An exception out of it becomes
// "cannot <what>: <the library's words>".
template <class Work>
[[nodiscard]] auto at_seam(std::string_view what, Work&& work) -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception& exception) {
        return std::unexpected{std::format("cannot {}: {}", what, exception.what())};
    }
}

}  // namespace xfrmd::cli::pki
