// SPDX-License-Identifier: Apache-2.0
// The seam where Botan's exceptions become values. Internal to ike/crypto and ike/auth.
#pragma once

#include <exception>
#include <expected>
#include <string>
#include <utility>

#include "ike/crypto/job.h"

namespace xfrmd::ike {

// Runs `work`, which gives a std::expected<T, CryptoError>. An exception out of it is an error with
// this code.
template <class Work>
[[nodiscard]] auto guarded(CryptoErrorCode code, Work&& work) -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception& exception) {
        return std::unexpected{CryptoError{code, exception.what()}};
    }
}

}  // namespace xfrmd::ike
