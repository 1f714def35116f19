// SPDX-License-Identifier: Apache-2.0
// RFC 7748 §5.2 and §6.1, and values of the kind that Project Wycheproof tests: points of small
// order, coordinates that are not canonical, points on the twist.
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>

#include "ike/crypto/key_exchange.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::hex;

namespace {

constexpr std::string_view kAlice =
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
constexpr std::string_view kAlicePublic =
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
constexpr std::string_view kBob =
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
constexpr std::string_view kBobPublic =
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
constexpr std::string_view kBase =
    "0900000000000000000000000000000000000000000000000000000000000000";

std::expected<Secret, CryptoError> x25519(View scalar, View coordinate) {
    return agree_on_key(KeyExchangeMethod::X25519, scalar, coordinate);
}

std::string x25519(std::string_view scalar, std::string_view coordinate) {
    const auto secret = x25519(hex(scalar), hex(coordinate));
    return secret ? to_hex(secret->view()) : "refused";
}

}  // namespace

TEST_CASE("RFC 7748 §5.2: single multiplications", "[crypto][vectors]") {
    CHECK(x25519("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                 "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c") ==
          "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    CHECK(x25519("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                 "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493") ==
          "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

TEST_CASE("RFC 7748 §5.2: a thousand multiplications", "[crypto][vectors]") {
    Bytes scalar = hex(kBase);
    Bytes coordinate = hex(kBase);
    for (int i = 1; i <= 1000; ++i) {
        const auto secret = x25519(scalar, coordinate);
        REQUIRE(secret);
        coordinate = scalar;
        scalar = to_bytes(secret->view());
        if (i == 1)
            CHECK(to_hex(scalar) ==
                  "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
    CHECK(to_hex(scalar) == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST_CASE("RFC 7748 §6.1: Alice and Bob", "[crypto][vectors]") {
    constexpr std::string_view kShared =
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    CHECK(x25519(kAlice, kBase) == kAlicePublic);
    CHECK(x25519(kBob, kBase) == kBobPublic);
    CHECK(x25519(kAlice, kBobPublic) == kShared);
    CHECK(x25519(kBob, kAlicePublic) == kShared);
    for (std::size_t i = 0; i < 32; ++i) {
        Bytes changed = hex(kBobPublic);
        changed[i] ^= 4;
        const auto secret = x25519(hex(kAlice), changed);
        CHECK((!secret || to_hex(secret->view()) != kShared));
    }
}

// RFC 7748 §6.1, RFC 8031 §3: whatever our scalar is, the secret would be zero. With and without
// the unused bit.
TEST_CASE("Points of small order are refused", "[crypto][vectors]") {
    for (const std::string_view point :
         {"0000000000000000000000000000000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000000000000000000000000000",
          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        CAPTURE(point);
        Bytes coordinate = hex(point);
        const auto plain = x25519(hex(kAlice), coordinate);
        REQUIRE_FALSE(plain);
        CHECK(plain.error().code == CryptoErrorCode::InvalidPeerShare);
        coordinate.back() |= 0x80;
        CHECK_FALSE(x25519(hex(kBob), coordinate));
    }
}

// RFC 7748 §5: the topmost bit is ignored, and p + 9 is another way to write 9.
TEST_CASE("A coordinate that is not canonical stands for its remainder", "[crypto][vectors]") {
    CHECK(x25519(kAlice, "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f") ==
          kAlicePublic);
    CHECK(x25519(kAlice, "0900000000000000000000000000000000000000000000000000000000000080") ==
          kAlicePublic);
}

// Project Wycheproof, x25519_test.json, tests 1, 2, 7 and 10.
TEST_CASE("Points on the twist and special points", "[crypto][vectors]") {
    CHECK(x25519("c8a9d5a91091ad851c668b0736c1c9a02936c0d3ad62670858088047ba057475",
                 "504a36999f489cd2fdbc08baff3d88fa00569ba986cba22548ffde80f9806829") ==
          "436a2c040cf45fea9b29a0cb81b1f41458f863d0d61b453d0a982720d6d61320");
    CHECK(x25519("d85d8c061a50804ac488ad774ac716c3f5ba714b2712e048491379a500211958",
                 "63aa40c6e38346c5caf23a6df0a5e6c80889a08647e551b3563449befcfc9733") ==
          "279df67a7c4611db4708a0e8282b195e5ac0ed6f4b2f292c6fbd0acac30d1332");
    CHECK(x25519("d03edde9f3e7b799045f9ac3793d4a9277dadeadc41bec0290f81f744f73775f",
                 "0200000000000000000000000000000000000000000000000000000000000000") ==
          "b87a1722cc6c1e2feecb54e97abd5a22acc27616f78f6e315fd2b73d9f221e57");
    CHECK(x25519("a8a1a2ec9fa9915ae7aace6a37c68591d39e15995c4ef5ebd3561c02f72dda41",
                 "ffff000000000000000000000000000000000000000000000000000000000000") ==
          "ff5cf041e924dbe1a64ac9bdba96bdcdfaf7d59d91c7e33e76ed0e4c8c836446");
}
