// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/prf.h"

#include <botan/hash.h>
#include <botan/mac.h>

#include <array>
#include <string>
#include <utility>

#include "ike/crypto/registry.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kHmacKeyOctetsMax = 4096;  // what Botan takes
constexpr std::size_t kPrfPlusBlocksMax = 255;   // RFC 7296 §2.13: the counter is one octet

const TransformRow* implemented_row(PrfId id) {
    const TransformRow* row = transform_row(id);
    return row != nullptr && row->implemented ? row : nullptr;
}

}  // namespace

std::size_t output_length(PrfId id) {
    const TransformRow* row = implemented_row(id);
    return row == nullptr ? 0 : row->key_octets;
}

Secret prf(PrfId id, View key, View data) {
    return prf(id, key, std::span{&data, 1});
}

Secret prf(PrfId id, View key, std::span<const View> parts) {
    const TransformRow* row = implemented_row(id);
    if (row == nullptr) return {};
    const std::string hash_name{row->botan_name};
    const auto mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(" + hash_name + ")");
    if (key.size() > kHmacKeyOctetsMax) {
        // RFC 2104 §2: a key longer than a block stands for its hash.
        mac->set_key(Botan::HashFunction::create_or_throw(hash_name)->process(key));
    } else {
        mac->set_key(key);
    }
    for (const View part : parts) mac->update(part);
    return Secret{mac->final()};
}

// T1 = prf(K, S | 0x01), Tn = prf(K, T(n-1) | S | n)
std::expected<Secret, CryptoError> prf_plus(PrfId id, View key, View seed, std::size_t length) {
    const std::size_t block_octets = output_length(id);
    if (block_octets == 0)
        return std::unexpected{
            CryptoError{CryptoErrorCode::UnsupportedMethod, "this PRF is not implemented"}};
    if (length > kPrfPlusBlocksMax * block_octets)
        return std::unexpected{
            CryptoError{CryptoErrorCode::Internal, "prf+ cannot give so many octets"}};
    Botan::secure_vector<std::uint8_t> stream;
    stream.reserve(length + block_octets);
    Secret block;
    for (std::uint8_t count = 1; stream.size() < length; ++count) {
        const std::array<std::uint8_t, 1> number{count};
        block = prf(id, key, std::array{block.view(), seed, View{number}});
        stream.insert(stream.end(), block.view().begin(), block.view().end());
    }
    stream.resize(length);
    return Secret{std::move(stream)};
}

}  // namespace xfrmd::ike
