// SPDX-License-Identifier: Apache-2.0
// Two hosts between which every kind of exchange takes place.
#pragma once

#include <string_view>

#include "tests/unit/ike/pair.h"

namespace xfrmd::test {

// Additional key exchanges everywhere, of both kinds: a key encapsulation and one of Diffie and
// Hellman.
struct HybridPair : Pair {
    explicit HybridPair(std::string_view esp = "aes256gcm16-ecp256-ke1_mlkem512-noesn");
};

[[nodiscard]] Command rekey(bool ike_sa, bool children);

// New keys for the child and for the IKE SA, from both sides; a peer is asked whether it lives,
// too.
void renew(Pair& pair);

}  // namespace xfrmd::test
