// SPDX-License-Identifier: Apache-2.0
#include "ike/answer_budget.h"

#include "ike/half_open.h"

namespace xfrmd::ike {

bool AnswerBudget::take(Time now, const Limits& limits, const xfrm::Address& remote) {
    if (now - begun_ >= std::chrono::seconds{1}) {
        begun_ = now;
        given_ = 0;
        by_network_.clear();
    }
    if (given_ >= limits.stranger_answers_per_second) return false;
    const auto network = by_network_.try_emplace(network_of(remote), 0).first;
    if (network->second >= limits.stranger_answers_per_network_per_second) return false;
    ++network->second;
    ++given_;
    return true;
}

}  // namespace xfrmd::ike
