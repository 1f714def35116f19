// SPDX-License-Identifier: Apache-2.0
// All chance of a simulation, from one seed. Every actor has a stream of its own, so that one more draw here does not
// change what happens there.
#pragma once

#include <botan/rng.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace xfrmd::sim {

// xoshiro256++ (Blackman and Vigna), seeded by splitmix64.
class Prng {
  public:
    explicit Prng(std::uint64_t seed);

    std::uint64_t next();
    // From 0 to bound - 1; bound is not zero.
    std::uint64_t below(std::uint64_t bound);
    // From `low` to `high`, both included.
    std::uint64_t between(std::uint64_t low, std::uint64_t high);
    // True with this probability, 0 to 1.
    bool chance(double probability);
    void fill(std::span<std::uint8_t> octets);
    // A stream of its own, given by this one's seed and the name alone: not by what was drawn before.
    [[nodiscard]] Prng split(std::string_view name) const;

  private:
    std::uint64_t seed_;
    std::array<std::uint64_t, 4> state_{};
};

// The same as Botan wants it.
class SimulatedRandom final : public Botan::RandomNumberGenerator {
  public:
    explicit SimulatedRandom(Prng prng) : prng_{prng} {}

    bool accepts_input() const override { return false; }
    std::string name() const override { return "simulated"; }
    void clear() override {}
    bool is_seeded() const override { return true; }
    // What would be drawn next: differs as soon as two runs differ.
    [[nodiscard]] std::uint64_t peek() const {
        Prng copy = prng_;
        return copy.next();
    }

  protected:
    void fill_bytes_with_input(std::span<std::uint8_t> output, std::span<const std::uint8_t> input) override;

  private:
    Prng prng_;
};

}  // namespace xfrmd::sim
