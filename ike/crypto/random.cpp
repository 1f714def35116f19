// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/random.h"

#include <botan/hmac_drbg.h>

namespace xfrmd::ike {

DeterministicRng::DeterministicRng(View seed) {
    auto drbg = std::make_unique<Botan::HMAC_DRBG>("SHA-256");
    drbg->initialize_with(seed);
    drbg_ = std::move(drbg);
}

DeterministicRng::~DeterministicRng() = default;

std::string DeterministicRng::name() const {
    return "DeterministicRng";
}

void DeterministicRng::clear() {
    drbg_->clear();
}

bool DeterministicRng::is_seeded() const {
    return drbg_->is_seeded();
}

// Input would make the output depend on more than the seed.
void DeterministicRng::fill_bytes_with_input(std::span<std::uint8_t> output,
                                             std::span<const std::uint8_t> /*input*/) {
    if (!output.empty()) drbg_->randomize(output);
}

}  // namespace xfrmd::ike
