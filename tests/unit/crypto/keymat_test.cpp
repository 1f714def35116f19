// SPDX-License-Identifier: Apache-2.0
// The expected keys were computed apart from this code, in Python with hmac and hashlib, straight
// from the formulas of RFC 7296 §2.13, §2.14, §2.17, §2.18 and RFC 9370 §2.2: prf(key, parts…) =
// hmac.new(key, b"".join(parts), hash) and
//   T, stream, n = b"", b"", 1
//   while len(stream) < length: T = prf(key, T, seed, bytes([n])); stream += T; n += 1
#include "ike/crypto/keymat.h"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string_view>

#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::hex;

namespace {

Bytes counting_from(std::uint8_t first, std::size_t octets) {
    Bytes result(octets);
    for (std::size_t i = 0; i < octets; ++i) result[i] = static_cast<std::uint8_t>(first + i);
    return result;
}

const Bytes kNi = counting_from(0x10, 32);
const Bytes kNr = counting_from(0x80, 40);
const Bytes kSecret = counting_from(0xc0, 32);
const Bytes kSecondSecret = counting_from(0x33, 48);
constexpr IkeSpi kSpiI{0x0123456789abcdef};
constexpr IkeSpi kSpiR{0xfedcba9876543210};

constexpr IkeSuite kGcm{EncryptionId::AesGcm16, 128, PrfId::HmacSha256, IntegrityId::None,
                        KeyExchangeMethod::X25519};

bool is(const Secret& secret, std::string_view digits) {
    return equal(secret.view(), hex(digits));
}

constexpr std::string_view kSkD =
    "aebc31f225953eae54be7f9fc5e76adde3282fd3d6e6dff884aae52ae38c25e7";

}  // namespace

TEST_CASE("The keys of an IKE SA with a combined mode", "[crypto]") {
    const auto keys = derive_ike_keys(kGcm, kNi, kNr, kSecret, kSpiI, kSpiR);
    REQUIRE(keys);
    CHECK(is(keys->d, kSkD));
    CHECK(keys->ai.empty());
    CHECK(keys->ar.empty());
    CHECK(is(keys->ei, "a1fc4f02fc680fd3f7c52d48a1e37c95774c18c3"));
    CHECK(is(keys->er, "6c222b6758357d7b205d2b381dc7bd258319e48e"));
    CHECK(is(keys->pi, "b63108adaca5025cfc3732b4e329a30e48c241c8d6576ae6c06af27631f860fe"));
    CHECK(is(keys->pr, "77773760e82997ddccd94d6accdce0b43055dfa464d80849ae6777d4567e410b"));
}

TEST_CASE("The keys of an IKE SA with a cipher and a MAC", "[crypto]") {
    const IkeSuite suite{EncryptionId::AesCbc, 128, PrfId::HmacSha512, IntegrityId::HmacSha256_128,
                         KeyExchangeMethod::X25519};
    const auto keys = derive_ike_keys(suite, kNi, kNr, kSecret, kSpiI, kSpiR);
    REQUIRE(keys);
    CHECK(is(keys->d,
             "fddbf37588fd416f292f4b3ef21e77ac310c12faeb6006fb7cb6479c3be9c4b9"
             "7bbfd5dbb8a04038d128659ec29d2133ba88f8aa273f488efb244211c42b8ee2"));
    CHECK(is(keys->ai, "9f9febc6e57d5fc59a51013312c0a37f339bb5975d86dec8c54d3d11df44e62b"));
    CHECK(is(keys->ar, "eddd80da16ad0e78c25349fa3872f437cea4de630c94cb4535b87a91a86298d6"));
    CHECK(is(keys->ei, "5abf3f8372456c8133fdf57002c30b67"));
    CHECK(is(keys->er, "15bd4790826516f4274b619ac0cc2683"));
    CHECK(is(keys->pi,
             "82ae88c88de7edfad497a2625b606addfc82ee77e369f3e285c5f079f20f1073"
             "7eab90925fb6f560b70820a368eee02124017a0d92378ef0f46316464e67a21e"));
    CHECK(is(keys->pr,
             "9a8131b59594ee5c4180292db97e96ea17381791a8325668d39a58c026d7d2ca"
             "f26a9a17734a85bdcf62761f81dcbf306433e5194d69903d9a1f71bfb460958d"));
}

TEST_CASE("Everything that both ends must agree on changes the keys", "[crypto]") {
    const auto keys = derive_ike_keys(kGcm, kNi, kNr, kSecret, kSpiI, kSpiR);
    REQUIRE(keys);
    const auto differs = [&](const std::expected<IkeKeys, CryptoError>& other) {
        return other && !equal(other->d.view(), keys->d.view()) &&
               !equal(other->ei.view(), keys->ei.view());
    };
    Bytes changed = kNi;
    changed.back() ^= 1;
    CHECK(differs(derive_ike_keys(kGcm, changed, kNr, kSecret, kSpiI, kSpiR)));
    CHECK(differs(derive_ike_keys(kGcm, kNr, kNi, kSecret, kSpiI, kSpiR)));
    changed = kSecret;
    changed.front() ^= 0x80;
    CHECK(differs(derive_ike_keys(kGcm, kNi, kNr, changed, kSpiI, kSpiR)));
    CHECK(differs(derive_ike_keys(kGcm, kNi, kNr, kSecret, kSpiR, kSpiI)));
}

TEST_CASE("An additional key exchange makes new keys out of SK_d", "[crypto]") {
    const auto keys = derive_next_ike_keys(kGcm, hex(kSkD), kNi, kNr, kSecondSecret, kSpiI, kSpiR);
    REQUIRE(keys);
    CHECK(is(keys->d, "f7df23bc8e011fa3e84c35e46ee9437b98b46f71baeaaab3aa9d0f13e103238d"));
    CHECK(is(keys->ei, "297c476b3054e6ac36f4d1e7f2ba4a201934695c"));
    CHECK(is(keys->er, "222cb10cc682462b6345cc9ce771572904528ca1"));
    CHECK(is(keys->pi, "f01d3db2d768b816b04d104c80583ada847565b0b076cb6be333f284941e186e"));
    CHECK(is(keys->pr, "bfe05a3a8313663125b7283602657b5f9ac0cdae32a2e1b90bc8c42df8128e2c"));
}

TEST_CASE("A rekeyed IKE SA takes SKEYSEED from the old PRF and its keys from the new one",
          "[crypto]") {
    const IkeSuite suite{EncryptionId::AesCbc, 256, PrfId::HmacSha384, IntegrityId::HmacSha512_256,
                         KeyExchangeMethod::EcpP256};
    const std::array<View, 2> secrets{kSecret, kSecondSecret};
    const auto keys = derive_rekeyed_ike_keys(suite, PrfId::HmacSha256, hex(kSkD), kNi, kNr,
                                              secrets, kSpiI, kSpiR);
    REQUIRE(keys);
    CHECK(is(keys->d,
             "0d2c5bcca7e8f0e8a6ad469cc036642cc6f4a39fabcca232f2aa5da65404e26e966e941f9370189a57db2"
             "23e1bbbc8a9"));
    CHECK(is(keys->ai,
             "144f5e61c0ba10a4a3d8ad334c3e12b9207a79831e7958b52501c2a070f8a0e1"
             "31f638fd7bde7a4aaa6eee06948a8a5f3fe7667e0f9857507fd2174e67021eea"));
    CHECK(is(keys->ar,
             "5342703a3975f3c213abf69070739b7a6d257e6f23adbf9877f91fbbb69ff5d4"
             "7efdb24d0686af63c1b37279351bebc4ef5197bbb5660ac2a0aaf64f8502beb0"));
    CHECK(is(keys->ei, "f8f59e9115c054d3e18f7a01837286a226ce50681b4cfe22100dae767d44a94e"));
    CHECK(is(keys->er, "7897caeb28059950da7cd1b1f7fdbba0379903d81b884ea19d9d43c7eb1ee1e6"));
    CHECK(is(keys->pi,
             "906c3e51cf9520cb96f70e5777996b42e100c2a2e8f2e4418eecf95c96f1c019470894942d6b835058f53"
             "f6251075625"));
    CHECK(is(keys->pr,
             "97cd32eedc0955803b9822f2a3427fa5de007f9a6363b767b569a137a2c2534c4c35488095a86648cc20c"
             "3a2d3b06058"));
}

TEST_CASE("A rekeyed IKE SA needs a key exchange", "[crypto]") {
    const auto keys =
        derive_rekeyed_ike_keys(kGcm, PrfId::HmacSha256, hex(kSkD), kNi, kNr, {}, kSpiI, kSpiR);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().code == CryptoErrorCode::Internal);
}

TEST_CASE("The first child's keys come from the nonces alone", "[crypto]") {
    const EspSuite suite{EncryptionId::AesGcm16, 256, IntegrityId::None, true,
                         KeyExchangeMethod::None};
    const auto keys = derive_child_keys(suite, PrfId::HmacSha256, hex(kSkD), kNi, kNr);
    REQUIRE(keys);
    CHECK(is(keys->initiator_encryption,
             "31b1a186ebbd714a86e99ba26dcf4ba8b318e2d5449ce61d9ef304102318bf042866660e"));
    CHECK(is(keys->responder_encryption,
             "23438daed64b8e13b69890715c6807f17ce46fee2b5a1de9457be5bf89825a7dfcc989c7"));
    CHECK(keys->initiator_integrity.empty());
    CHECK(keys->responder_integrity.empty());
}

TEST_CASE(
    "A child with a key exchange of its own has the secret before the nonces, further ones behind",
    "[crypto]") {
    const EspSuite suite{EncryptionId::AesCbc, 256, IntegrityId::HmacSha256_128, false,
                         KeyExchangeMethod::X25519};
    const std::array<View, 2> secrets{kSecret, kSecondSecret};
    const auto one = derive_child_keys(suite, PrfId::HmacSha256, hex(kSkD), kNi, kNr,
                                       std::span{secrets}.first(1));
    REQUIRE(one);
    CHECK(is(one->initiator_encryption,
             "2fca53317e3e2226bcd7d8a685cbda4e4029bfb489ceb8889fec95942df4e7c9"));
    CHECK(is(one->initiator_integrity,
             "ecad13745a75807b253d147f2c74c5a311747bb988ae4046119d675e874c17b9"));
    CHECK(is(one->responder_encryption,
             "ae1053f4a5b473da695edfce62fa5a9e80918f5eb8dd0736c28ec7c0fe6002db"));
    CHECK(is(one->responder_integrity,
             "3df1a917022ccb6beb2dc33186b333dabce8d5dff527585fa215bf3aa5bb1278"));
    const auto two = derive_child_keys(suite, PrfId::HmacSha256, hex(kSkD), kNi, kNr, secrets);
    REQUIRE(two);
    CHECK(is(two->initiator_encryption,
             "9ec701e58115e01103778a9ca92f6d8fe9235d9801a332540fa5e1dd0f4cd604"));
    CHECK(is(two->initiator_integrity,
             "dadb37398c12c8fcd4b4083c9c4144eb2b2e732a4d195659ed964b733e8d2a5d"));
    CHECK(is(two->responder_encryption,
             "93d660fac69e8b0ed9d641fd4195da7b11da31c4f3149fa32d8326c9dd18e38c"));
    CHECK(is(two->responder_integrity,
             "dc430c083ac22f0e4d98bb5dddb5b2234767ee3477cb9d77f99a4fbe4da556a6"));
}

TEST_CASE("A suite that we refuse gets no keys", "[crypto]") {
    IkeSuite ike = kGcm;
    ike.prf = PrfId::HmacSha1;
    const auto keys = derive_ike_keys(ike, kNi, kNr, kSecret, kSpiI, kSpiR);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().code == CryptoErrorCode::UnsupportedMethod);
    CHECK(keys.error().what == "aes128gcm16-prfsha1-x25519 is not implemented");

    const EspSuite esp{EncryptionId::TripleDes, 0, IntegrityId::HmacSha256_128, false,
                       KeyExchangeMethod::None};
    CHECK_FALSE(derive_child_keys(esp, PrfId::HmacSha256, hex(kSkD), kNi, kNr));
    const EspSuite gcm{EncryptionId::AesGcm16, 128, IntegrityId::None, false,
                       KeyExchangeMethod::None};
    CHECK_FALSE(derive_child_keys(gcm, PrfId::HmacMd5, hex(kSkD), kNi, kNr));
}
