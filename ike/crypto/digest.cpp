// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/digest.h"

#include <botan/hash.h>

namespace xfrmd::ike {

std::array<std::uint8_t, 20> sha1(View octets) {
    std::array<std::uint8_t, 20> digest{};
    const auto hash = Botan::HashFunction::create_or_throw("SHA-1");
    hash->update(octets);
    hash->final(digest);
    return digest;
}

}  // namespace xfrmd::ike
