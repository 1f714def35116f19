// SPDX-License-Identifier: Apache-2.0
// In which bucket of its table the kernel keeps an SA. Pure.
#pragma once

#include <cstdint>

#include "netlink/model/address.h"
#include "netlink/model/ids.h"

namespace xfrmd::lookup {

// Of the table of a fresh network namespace.
inline constexpr std::uint32_t kFirstBuckets = 8;

class SaBuckets {
  public:
    // `count` is a power of two.
    explicit SaBuckets(std::uint32_t count) : mask_{count - 1} {}

    // net/xfrm/xfrm_hash.h, __xfrm_dst_hash()
    [[nodiscard]] std::uint32_t of(const xfrm::Address& source, const xfrm::Address& destination,
                                   xfrm::ReqId reqid) const;

  private:
    std::uint32_t mask_;
};

}  // namespace xfrmd::lookup
