// SPDX-License-Identifier: Apache-2.0
#include "daemon/rate_limit.h"

#include <algorithm>
#include <utility>

namespace xfrmd::daemon {

std::optional<std::size_t> RateLimit::admit(ike::Time now) {
    const auto earned = static_cast<std::size_t>((now - refilled_) / interval_);
    if (earned > 0) {
        left_ = std::min(burst_, left_ + std::min(earned, burst_));
        refilled_ =
            left_ == burst_ ? now : refilled_ + interval_ * static_cast<ike::Duration::rep>(earned);
    }
    if (left_ == 0) {
        ++refused_;
        return std::nullopt;
    }
    --left_;
    return std::exchange(refused_, 0);
}

}  // namespace xfrmd::daemon
