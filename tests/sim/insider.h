// SPDX-License-Identifier: Apache-2.0
// A peer that is authenticated, has all the keys, and means harm: it is one of the hosts, whose messages are opened,
// altered and sealed again on their way out.
#pragma once

#include <vector>

#include "tests/sim/prng.h"
#include "tests/sim/wiretap.h"

namespace xfrmd::sim {

class Insider {
  public:
    explicit Insider(Prng prng) : prng_{prng} {}

    // Each message of the host comes through here; what it returns is sent instead. Empty: nothing.
    Bytes twist(ike::Core& core, Bytes sent);

  private:
    using Payloads = std::vector<ike::Payload>;

    void alter(Payloads& payloads);
    void alter(ike::Payload& payload);
    ike::Payload invented();
    xfrm::EspSpi spi();
    template <class T>
    T& any(std::vector<T>& from) {
        return from[static_cast<std::size_t>(prng_.below(from.size()))];
    }

    Prng prng_;
    Payloads seen_;                     // to be told again where they do not belong
};

}  // namespace xfrmd::sim
