// SPDX-License-Identifier: Apache-2.0
// RFC 7634: the IKE message of its appendix. GCM: test cases 4, 10 and 16 of its specification
// (McGrew and Viega, part of NIST's submission), whose 60 octets of plaintext are to us payloads,
// padding and a pad length of 0x39.
#include <catch2/catch_test_macros.hpp>

#include <string_view>

#include "ike/crypto/message_cipher.h"
#include "ike/crypto/random.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

namespace {

MessageCipher cipher(EncryptionId encryption, std::uint16_t key_bits,
                     std::string_view key_and_salt) {
    const IkeSuite suite{encryption, key_bits, PrfId::HmacSha256, IntegrityId::None,
                         KeyExchangeMethod::X25519};
    auto made = MessageCipher::create(suite, Secret{hex(key_and_salt)}, Secret{});
    REQUIRE(made);
    return *std::move(made);
}

// RFC 7634, "IKEv2 example": the 32 octets of the key, then the salt.
constexpr std::string_view kChaChaKey =
    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3";
// IKE header and generic header of the Encrypted payload.
constexpr std::string_view kChaChaHeader =
    "c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029";
constexpr std::string_view kChaChaPayloads = "0000000c000040010000000a";
constexpr std::string_view kChaChaBody =
    "1011121314151617 610394701f8d017f7c12924889 6b71bfe25236efd7cdc67066906315b2";

struct GcmVector {
    std::string_view name;
    std::uint16_t key_bits;
    std::string_view key;
    std::string_view ciphertext_and_tag;
};

constexpr std::string_view kGcmSalt = "cafebabe";
constexpr std::string_view kGcmIv = "facedbaddecaf888";
constexpr std::string_view kGcmAssociatedData = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr GcmVector kGcmVectors[] = {
    {"4", 128, "feffe9928665731c6d6a8f9467308308",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {"10", 192, "feffe9928665731c6d6a8f9467308308feffe9928665731c",
     "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
     "7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda27102519498e80f1478f37ba55bd6d27618c"},
    {"16", 256, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

void check_every_octet_counts(const MessageCipher& receiver, View header, Bytes body) {
    for (std::size_t i = 0; i < body.size(); ++i) {
        body[i] ^= 1;
        CHECK_FALSE(receiver.open(header, body));
        body[i] ^= 1;
    }
    Bytes changed = to_bytes(header);
    for (std::size_t i = 0; i < changed.size(); ++i) {
        changed[i] ^= 1;
        CHECK_FALSE(receiver.open(changed, body));
        changed[i] ^= 1;
    }
}

}  // namespace

TEST_CASE("RFC 7634: an IKE message sealed with ChaCha20-Poly1305", "[crypto][vectors]") {
    MessageCipher sender = cipher(EncryptionId::ChaCha20Poly1305, 0, kChaChaKey);
    sender.skip_to_iv(0x1011121314151617);
    DeterministicRng rng{counting(32)};
    CHECK(sender.sealed_size(12) == 0x29 - 4);  // the length in the generic header
    const auto body = sender.seal(hex(kChaChaHeader), hex(kChaChaPayloads), rng);
    REQUIRE(body);
    CHECK(to_hex(*body) == to_hex(hex(kChaChaBody)));
}

TEST_CASE("RFC 7634: an IKE message opened with ChaCha20-Poly1305", "[crypto][vectors]") {
    const MessageCipher receiver = cipher(EncryptionId::ChaCha20Poly1305, 0, kChaChaKey);
    const auto payloads = receiver.open(hex(kChaChaHeader), hex(kChaChaBody));
    REQUIRE(payloads);
    CHECK(to_hex(payloads->view()) == kChaChaPayloads);
    check_every_octet_counts(receiver, hex(kChaChaHeader), hex(kChaChaBody));
}

TEST_CASE("GCM test cases 4, 10 and 16", "[crypto][vectors]") {
    for (const GcmVector& vector : kGcmVectors) {
        CAPTURE(vector.name);
        const MessageCipher receiver = cipher(EncryptionId::AesGcm16, vector.key_bits,
                                              std::string{vector.key} + std::string{kGcmSalt});
        Bytes body = hex(kGcmIv);
        append(body, hex(vector.ciphertext_and_tag));
        const auto opened = receiver.open(hex(kGcmAssociatedData), body);
        REQUIRE(opened);
        // d931 | 57 octets of padding | 39
        CHECK(to_hex(opened->view()) == "d931");
        check_every_octet_counts(receiver, hex(kGcmAssociatedData), body);
    }
}
