// SPDX-License-Identifier: Apache-2.0
// A random generator whose whole output follows from its seed: what makes crypto jobs and
// simulations repeatable.
#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "netlink/model/octets.h"

namespace xfrmd::ike {

// HMAC_DRBG with SHA-256 of NIST SP 800-90A, without reseeding. As unpredictable as its seed.
class DeterministicRng final : public Botan::RandomNumberGenerator {
  public:
    // `seed`: at least 32 octets; with fewer every use of the generator fails with Botan's
    // exception.
    explicit DeterministicRng(View seed);
    ~DeterministicRng() override;

    bool accepts_input() const override { return false; }
    std::string name() const override;
    void clear() override;
    bool is_seeded() const override;

  private:
    void fill_bytes_with_input(std::span<std::uint8_t> output,
                               std::span<const std::uint8_t> input) override;

    std::unique_ptr<Botan::RandomNumberGenerator> drbg_;
};

}  // namespace xfrmd::ike
