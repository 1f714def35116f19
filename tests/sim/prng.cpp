// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/prng.h"

#include <bit>

namespace xfrmd::sim {

namespace {

std::uint64_t splitmix(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

}  // namespace

Prng::Prng(std::uint64_t seed) : seed_{seed} {
    for (std::uint64_t& word : state_) word = splitmix(seed);
}

std::uint64_t Prng::next() {
    const std::uint64_t drawn = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return drawn;
}

std::uint64_t Prng::below(std::uint64_t bound) {
    // Draws from the incomplete last block are thrown away, so that all numbers are equally likely.
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
    std::uint64_t drawn = next();
    while (drawn >= limit) drawn = next();
    return drawn % bound;
}

std::uint64_t Prng::between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }

bool Prng::chance(double probability) {
    return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
}

void Prng::fill(std::span<std::uint8_t> octets) {
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(next() >> 56);
}

Prng Prng::split(std::string_view name) const {
    std::uint64_t state = seed_ ^ 0xcbf29ce484222325;
    for (const char character : name) state = (state ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    return Prng{splitmix(state)};
}

void SimulatedRandom::fill_bytes_with_input(std::span<std::uint8_t> output, std::span<const std::uint8_t>) {
    prng_.fill(output);
}

}  // namespace xfrmd::sim
