// SPDX-License-Identifier: Apache-2.0
// IANA "IKEv2 Parameters": numbers of protocols, transform types and transforms. Values outside these lists
// are carried through as they are; what we implement of them is in ike/crypto/registry.h.
#pragma once

#include <cstdint>

namespace xfrmd::ike {

// RFC 7296 §3.3.1
enum class ProtocolId : std::uint8_t { None = 0, Ike = 1, Ah = 2, Esp = 3 };

// RFC 7296 §3.3.2, RFC 9370 §4, RFC 9827 (the name of type 5)
enum class TransformType : std::uint8_t {
    Encryption = 1,
    Prf = 2,
    Integrity = 3,
    KeyExchange = 4,
    SequenceNumbers = 5,
    AdditionalKeyExchange1 = 6,
    AdditionalKeyExchange2 = 7,
    AdditionalKeyExchange3 = 8,
    AdditionalKeyExchange4 = 9,
    AdditionalKeyExchange5 = 10,
    AdditionalKeyExchange6 = 11,
    AdditionalKeyExchange7 = 12,
};

// RFC 9370 §2.2.1: negotiated like type 4, of which they share the numbers.
[[nodiscard]] constexpr bool is_additional_key_exchange(TransformType type) {
    return type >= TransformType::AdditionalKeyExchange1 &&
           type <= TransformType::AdditionalKeyExchange7;
}

enum class EncryptionId : std::uint16_t {
    DesIv64 = 1, Des = 2, TripleDes = 3, Null = 11, AesCbc = 12, AesCtr = 13,
    AesCcm8 = 14, AesCcm12 = 15, AesCcm16 = 16, AesGcm8 = 18, AesGcm12 = 19, AesGcm16 = 20,
    NullAesGmac = 21, ChaCha20Poly1305 = 28,
};

enum class PrfId : std::uint16_t {
    HmacMd5 = 1, HmacSha1 = 2, Aes128Xcbc = 4, HmacSha256 = 5, HmacSha384 = 6, HmacSha512 = 7, Aes128Cmac = 8,
};

enum class IntegrityId : std::uint16_t {
    None = 0, HmacMd5_96 = 1, HmacSha1_96 = 2, AesXcbc96 = 5, AesCmac96 = 8,
    HmacSha256_128 = 12, HmacSha384_192 = 13, HmacSha512_256 = 14,
};

// Also the group number in a KE payload.
enum class KeyExchangeMethod : std::uint16_t {
    None = 0, Modp768 = 1, Modp1024 = 2, Modp1536 = 5, Modp2048 = 14, Modp3072 = 15, Modp4096 = 16,
    Modp6144 = 17, Modp8192 = 18, EcpP256 = 19, EcpP384 = 20, EcpP521 = 21, Modp1024s160 = 22,
    X25519 = 31, X448 = 32, MlKem512 = 35, MlKem768 = 36, MlKem1024 = 37,
};

enum class SequenceNumbersId : std::uint16_t { ThirtyTwoBit = 0, Extended = 1 };

}  // namespace xfrmd::ike
