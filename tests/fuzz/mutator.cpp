// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/mutator.h"

#include <algorithm>

namespace xfrmd::fuzz {

Bytes Mutator::next() {
    Bytes octets = seeds_[below(seeds_.size())];
    for (std::size_t steps = 1 + below(6); steps > 0; --steps) damage(octets);
    return octets;
}

void Mutator::damage(Bytes& octets) {
    if (octets.empty()) return octets.push_back(static_cast<std::uint8_t>(random_()));
    const std::size_t position = below(octets.size());
    const auto at = octets.begin() + static_cast<std::ptrdiff_t>(position);
    const auto several =
        static_cast<std::ptrdiff_t>(std::min(octets.size() - position, 1 + below(8)));
    switch (below(7)) {
        case 0:
            *at = static_cast<std::uint8_t>(random_());
            return;
        case 1:
            *at ^= static_cast<std::uint8_t>(1U << below(8));
            return;
        case 2:
            *at = static_cast<std::uint8_t>(*at + (below(2) == 0 ? 1 : 255));
            return;
        case 3:
            octets.erase(at, at + several);
            return;
        case 4:
            octets.insert(at, 1 + below(8), static_cast<std::uint8_t>(random_()));
            return;
        case 5:
            octets.resize(position);
            return;
        default:
            splice(octets, position);
            return;
    }
}

void Mutator::splice(Bytes& octets, std::size_t position) {
    const Bytes& donor = seeds_[below(seeds_.size())];
    if (donor.empty()) return;
    const std::size_t from = below(donor.size());
    const View piece = View{donor}.subspan(from, std::min(donor.size() - from, 1 + below(64)));
    octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(position), piece.begin(),
                  piece.end());
}

}  // namespace xfrmd::fuzz
