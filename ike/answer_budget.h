// SPDX-License-Identifier: Apache-2.0
// How often strangers are answered: so many a second in all, and so many for each network. RFC 7296 §1.5, RFC 6290 §9.
#pragma once

#include <cstdint>
#include <map>

#include "ike/policy/connection.h"
#include "ike/time.h"
#include "netlink/model/address.h"

namespace xfrmd::ike {

class AnswerBudget {
  public:
    // True if `remote` may get one more answer, which is then counted. What is remembered is bounded by the answers of a
    // second.
    [[nodiscard]] bool take(Time now, const Limits& limits, const xfrm::Address& remote);

  private:
    Time begun_{};
    std::uint32_t given_ = 0;
    std::map<xfrm::Prefix, std::uint32_t> by_network_;
};

}  // namespace xfrmd::ike
