// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/suite.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;

namespace {

constexpr IkeSuite kGcm{EncryptionId::AesGcm16, 128, PrfId::HmacSha256, IntegrityId::None,
                        KeyExchangeMethod::X25519};
constexpr IkeSuite kCbc{EncryptionId::AesCbc, 256, PrfId::HmacSha512, IntegrityId::HmacSha256_128,
                        KeyExchangeMethod::EcpP256};

}  // namespace

TEST_CASE("Suites are called by the words of the table", "[crypto]") {
    CHECK(to_string(kGcm) == "aes128gcm16-prfsha256-x25519");
    CHECK(to_string(kCbc) == "aes256-sha256-prfsha512-ecp256");
    CHECK(to_string(EspSuite{EncryptionId::ChaCha20Poly1305, 0, IntegrityId::None, true,
                             KeyExchangeMethod::None}) == "chacha20poly1305-esn");
    CHECK(to_string(EspSuite{EncryptionId::AesCbc, 128, IntegrityId::HmacSha384_192, false,
                             KeyExchangeMethod::Modp2048}) == "aes128-sha384-modp2048");
    CHECK(to_string(EspSuite{EncryptionId{999}, 0, IntegrityId::None, false,
                             KeyExchangeMethod::None}) == "999");
}

TEST_CASE("A suite has integrity exactly once, and nothing that we refuse", "[crypto]") {
    CHECK(is_usable(kGcm));
    CHECK(is_usable(kCbc));
    IkeSuite twice = kGcm;
    twice.integrity = IntegrityId::HmacSha256_128;
    CHECK_FALSE(is_usable(twice));
    IkeSuite never = kCbc;
    never.integrity = IntegrityId::None;
    CHECK_FALSE(is_usable(never));
    IkeSuite weak = kCbc;
    weak.integrity = IntegrityId::HmacSha1_96;
    CHECK_FALSE(is_usable(weak));
    weak = kGcm;
    weak.prf = PrfId::HmacMd5;
    CHECK_FALSE(is_usable(weak));
    weak = kGcm;
    weak.method = KeyExchangeMethod::Modp1024;
    CHECK_FALSE(is_usable(weak));
    weak.method = KeyExchangeMethod::None;
    CHECK_FALSE(is_usable(weak));
    // RFC 9370: only in addition to another one.
    weak.method = KeyExchangeMethod::MlKem768;
    CHECK_FALSE(is_usable(weak));
    weak = kGcm;
    weak.additional = {KeyExchangeMethod::MlKem768, KeyExchangeMethod::EcpP256};
    CHECK(is_usable(weak));
    weak.additional = {KeyExchangeMethod::MlKem768, KeyExchangeMethod::MlKem768};
    CHECK_FALSE(is_usable(weak));
    weak.additional = {weak.method};
    CHECK_FALSE(is_usable(weak));
    weak.additional = {KeyExchangeMethod::Modp768};
    CHECK_FALSE(is_usable(weak));
    weak = kGcm;
    weak.key_bits = 0;
    CHECK_FALSE(is_usable(weak));

    EspSuite esp{EncryptionId::AesGcm16, 256, IntegrityId::None, true, KeyExchangeMethod::None};
    CHECK(is_usable(esp));
    esp.encryption = EncryptionId::Null;
    esp.key_bits = 0;
    esp.integrity = IntegrityId::HmacSha256_128;
    CHECK_FALSE(is_usable(esp));
}

TEST_CASE("Keys are as long as the algorithms want them, salt included", "[crypto]") {
    CHECK(key_lengths(kGcm) == KeyLengths{20, 0});
    CHECK(key_lengths(kCbc) == KeyLengths{32, 32});
    CHECK(key_lengths(EspSuite{EncryptionId::ChaCha20Poly1305, 0, IntegrityId::None, false,
                               KeyExchangeMethod::None}) == KeyLengths{36, 0});
    CHECK(key_lengths(EspSuite{EncryptionId{999}, 0, IntegrityId{999}, false,
                               KeyExchangeMethod::None}) == KeyLengths{0, 0});
}

TEST_CASE("The kernel is told a combined mode with its salt behind the key", "[crypto]") {
    const EspSuite suite{EncryptionId::AesGcm16, 256, IntegrityId::None, false,
                         KeyExchangeMethod::None};
    const Bytes key = counting(36);
    xfrm::SaSpec spec;
    fill_algorithms(suite, key, {}, spec);
    REQUIRE(spec.aead);
    CHECK(spec.aead->name == "rfc4106(gcm(aes))");
    CHECK(equal(spec.aead->key.view(), key));
    CHECK(spec.aead->icv_bits == 128);
    CHECK_FALSE(spec.encryption);
    CHECK_FALSE(spec.integrity);
}

TEST_CASE("The kernel is told a cipher and a truncated MAC", "[crypto]") {
    const EspSuite suite{EncryptionId::AesCbc, 128, IntegrityId::HmacSha256_128, false,
                         KeyExchangeMethod::None};
    const Bytes encryption = counting(16);
    const Bytes integrity = counting(32);
    xfrm::SaSpec spec;
    fill_algorithms(suite, encryption, integrity, spec);
    REQUIRE(spec.encryption);
    REQUIRE(spec.integrity);
    CHECK_FALSE(spec.aead);
    CHECK(spec.encryption->name == "cbc(aes)");
    CHECK(equal(spec.encryption->key.view(), encryption));
    CHECK(spec.integrity->name == "hmac(sha256)");
    CHECK(spec.integrity->truncated_bits == 128);
    CHECK(equal(spec.integrity->key.view(), integrity));
}

TEST_CASE("The kernel is told a truncated MAC alone for AH", "[crypto]") {
    const EspSuite suite{.integrity = IntegrityId::HmacSha512_256,
                         .protocol = xfrm::IpsecProtocol::Ah};
    CHECK(is_usable(suite));
    CHECK(key_lengths(suite) == KeyLengths{0, 64});
    const Bytes key = counting(64);
    xfrm::SaSpec spec;
    fill_algorithms(suite, {}, key, spec);
    REQUIRE(spec.integrity);
    CHECK(spec.integrity->name == "hmac(sha512)");
    CHECK(spec.integrity->truncated_bits == 256);
    CHECK_FALSE(spec.encryption);
    CHECK_FALSE(spec.aead);
    CHECK_FALSE(is_usable(EspSuite{.protocol = xfrm::IpsecProtocol::Ah}));
}

TEST_CASE("Keys of the wrong length leave the SA without algorithms", "[crypto]") {
    const EspSuite suite{EncryptionId::AesGcm16, 128, IntegrityId::None, false,
                         KeyExchangeMethod::None};
    xfrm::SaSpec spec;
    fill_algorithms(suite, counting(20), {}, spec);
    REQUIRE(spec.aead);
    fill_algorithms(suite, counting(16), {}, spec);
    CHECK_FALSE(spec.aead);
    fill_algorithms(suite, counting(20), counting(32), spec);
    CHECK_FALSE(spec.aead);
    EspSuite refused{EncryptionId::AesCbc, 128, IntegrityId::HmacSha1_96, false,
                     KeyExchangeMethod::None};
    fill_algorithms(refused, counting(16), counting(20), spec);
    CHECK_FALSE(spec.encryption);
    CHECK_FALSE(spec.integrity);
}
