// SPDX-License-Identifier: Apache-2.0
// Inputs derived from seeds by small damage, the same for the same number.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "netlink/model/octets.h"

namespace xfrmd::fuzz {

class Mutator {
  public:
    // `seeds` must not be empty.
    Mutator(std::uint64_t number, std::vector<Bytes> seeds)
        : random_{number}, seeds_{std::move(seeds)} {}

    Bytes next();

  private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    void damage(Bytes& octets);
    // Puts a piece of another seed there.
    void splice(Bytes& octets, std::size_t position);

    std::mt19937_64 random_;
    std::vector<Bytes> seeds_;
};

}  // namespace xfrmd::fuzz
