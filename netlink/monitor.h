// SPDX-License-Identifier: Apache-2.0
// Listens to everything that the kernel's XFRM multicasts. For the tools; the daemon listens to
// less (kernel.h).
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "netlink/model/kernel.h"
#include "netlink/model/notice.h"
#include "netlink/model/octets.h"

namespace xfrmd::netlink {

class EventSocket;

// One message as it came.
struct RawNotice {
    std::uint16_t type = 0;  // XFRM_MSG_…
    View octets;             // its payload
    std::vector<View> keys;  // the parts of these that are keys, or may be
};

class Monitor {
  public:
    // In the calling thread's network namespace. Needs CAP_NET_ADMIN. Unless `with_keys`, what is
    // decoded has none.
    static std::expected<Monitor, xfrm::KernelError> open(bool with_keys);
    Monitor(Monitor&&) noexcept;
    Monitor& operator=(Monitor&&) noexcept;
    ~Monitor();

    int fd() const;
    // Hands out what has come, oldest first, and returns; never blocks. A bounded number per call:
    // the descriptor stays readable while there is more. `raw` lives for the call, and holds
    // nothing for a loss.
    void read(const std::function<void(const RawNotice& raw, xfrm::Notice notice)>& take);

  private:
    explicit Monitor(std::unique_ptr<EventSocket> socket, bool with_keys);
    std::unique_ptr<EventSocket> socket_;
    bool with_keys_ = false;
};

}  // namespace xfrmd::netlink
