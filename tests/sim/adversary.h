// SPDX-License-Identifier: Apache-2.0
// Somebody on the path who sees every datagram, keeps the latest, and sends what he likes under any address. He has no keys.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "tests/sim/model/network.h"
#include "tests/sim/prng.h"
#include "tests/sim/site.h"

namespace xfrmd::sim {

class Adversary {
  public:
    // Knows these sites by their public addresses.
    Adversary(Prng prng, const std::vector<const Site*>& sites);

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
    // Two different ones.
    std::pair<const End&, const End&> any_ends();

    Prng prng_;
    std::vector<End> ends_;
    std::deque<IkeDatagram> overheard_;
};

}  // namespace xfrmd::sim
