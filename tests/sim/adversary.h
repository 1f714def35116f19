// SPDX-License-Identifier: Apache-2.0
// Somebody on the path who sees every datagram, keeps the latest, and sends what he likes under any address. He has no keys.
#pragma once

#include <deque>
#include <optional>

#include "tests/sim/model/network.h"
#include "tests/sim/prng.h"
#include "tests/sim/site.h"

namespace xfrmd::sim {

class Adversary {
  public:
    Adversary(Prng prng, const Site& east, const Site& west);

    void overhear(const IkeDatagram& datagram);
    // His next frame. Marked as tampered unless it is what a host has sent, octet for octet.
    Frame attack();

  private:
    Frame replayed();
    Frame spoofed();
    Frame altered();
    Frame garbage();
    Frame forged_error();
    Frame forged_init_answer();
    Frame clear_packet();
    Frame false_esp();
    const IkeDatagram* any_overheard();
    IkeDatagram addressed();

    struct End {
        xfrm::Address address;
        xfrm::Address traffic;
    };
    Prng prng_;
    End east_;
    End west_;
    std::deque<IkeDatagram> overheard_;
};

}  // namespace xfrmd::sim
