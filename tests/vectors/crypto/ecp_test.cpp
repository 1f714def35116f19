// SPDX-License-Identifier: Apache-2.0
// RFC 5903 §8.1 to §8.3, and Project Wycheproof's edge cases of P-256. The values of the RFC were
// recomputed with another library before they were written down here.
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>

#include "ike/crypto/key_exchange.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::hex;

namespace {

struct Vector {
    KeyExchangeMethod method;
    std::string_view i;    // the initiator's private value
    std::string_view kei;  // gix | giy
    std::string_view r;
    std::string_view ker;   // grx | gry
    std::string_view girx;  // the shared secret
};

constexpr Vector kVectors[] = {
    {KeyExchangeMethod::EcpP256, "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
     "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
     "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
     "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
     "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
     "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
     "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
    {KeyExchangeMethod::EcpP384,
     "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab"
     "194",
     "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f4"
     "1aa"
     "9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a"
     "81c",
     "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a744"
     "8fc",
     "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d0d1ac43a0336def96fda41d0774a3"
     "571"
     "dcfbec7aacf3196472169e838430367f66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e63"
     "86c",
     "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59"
     "746"},
    {KeyExchangeMethod::EcpP521,
     "0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a0"
     "95aa85a30fe1c2952c6771d937ba9777f5957b2639bab072462f68c27a57382d4a52",
     "0015417e84dbf28c0ad3c278713349dc7df153c897a1891bd98bab4357c9ecbe"
     "e1e3bf42e00b8e380aeae57c2d107564941885942af5a7f4601723c4195d176ced3e"
     "017cae20b6641d2eeb695786d8c946146239d099e18e1d5a514c739d7cb4a10a"
     "d8a788015ac405d7799dc75e7b7d5b6cf2261a6a7f1507438bf01beb6ca3926f9582",
     "0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e"
     "9c677d600b343757a3bdbf2a3163e4c2f869cca7458aa4a4effc311f5cb151685eb9",
     "00d0b3975ac4b799f5bea16d5e13e9af971d5e9b984c9f39728b5e5739735a21"
     "9b97c356436adc6e95bb0352f6be64a6c2912d4ef2d0433ced2b6171640012d9460f"
     "015c68226383956e3bd066e797b623c27ce0eac2f551a10c2c724d9852077b87"
     "220b6536c5c408a1d2aebb8e86d678ae49cb57091f4732296579ab44fcd17f0fc56a",
     "01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04"
     "d1427e73ca4baa240a34786859810c06b3c715a3a8cc3151f2bee417996d19f3ddea"},
};

std::string ecdh_p256(std::string_view private_share, std::string_view point) {
    const auto secret = agree_on_key(KeyExchangeMethod::EcpP256, hex(private_share), hex(point));
    return secret ? to_hex(secret->view()) : "refused";
}

}  // namespace

TEST_CASE("RFC 5903 §8", "[crypto][vectors]") {
    for (const Vector& vector : kVectors) {
        CAPTURE(static_cast<int>(vector.method));
        const auto initiator = agree_on_key(vector.method, hex(vector.i), hex(vector.ker));
        const auto responder = agree_on_key(vector.method, hex(vector.r), hex(vector.kei));
        REQUIRE(initiator);
        REQUIRE(responder);
        CHECK(to_hex(initiator->view()) == vector.girx);
        CHECK(to_hex(responder->view()) == vector.girx);
    }
}

TEST_CASE("RFC 5903 §8 with any octet of the peer's point changed is off the curve",
          "[crypto][vectors]") {
    for (const Vector& vector : kVectors) {
        CAPTURE(static_cast<int>(vector.method));
        Bytes point = hex(vector.ker);
        for (std::size_t i = 0; i < point.size(); i += 5) {
            point[i] ^= 1;
            const auto secret = agree_on_key(vector.method, hex(vector.i), point);
            REQUIRE_FALSE(secret);
            CHECK(secret.error().code == CryptoErrorCode::InvalidPeerShare);
            point[i] ^= 1;
        }
        Bytes scalar = hex(vector.i);
        scalar.back() ^= 1;
        const auto other = agree_on_key(vector.method, scalar, point);
        REQUIRE(other);
        CHECK(to_hex(other->view()) != vector.girx);
    }
}

// RFC 5903 §9: the negative of a point has the same x-coordinate, and so has the secret.
TEST_CASE("Only the x-coordinate counts", "[crypto][vectors]") {
    // p - gry of §8.1.
    CHECK(ecdh_p256(kVectors[0].i,
                    "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
                    "a9040c34c9933dc27ea87ab3ec3a729553dc0fba525cf07cac18b0ccfc678d54") ==
          kVectors[0].girx);
}

// Project Wycheproof, ecdh_secp256r1_ecpoint_test.json, tests 1, 3, 4, 5, 15 and 19: secrets with
// special values, zero too.
TEST_CASE("Secrets that are edge cases of the arithmetic", "[crypto][vectors]") {
    CHECK(ecdh_p256("0612465c89a023ab17855b0a6bcebfd3febb53aef84138647b5352e02c10c346",
                    "62d5bd3372af75fe85a040715d0f502428e07046868b0bfdfa61d731afe44f26"
                    "ac333a93a9e70a81cd5a95b5bf8d13990eb741c8c38872b4a07d275a014e30cf") ==
          "53020d908b0219328b658b525f26780e3ae12bcd952bb25a93bc0895e1714285");
    constexpr std::string_view kScalar =
        "0a0d622a47e48f6bc1038ace438c6f528aa00ad2bd1da5f13ee46bf5f633d71a";
    CHECK(ecdh_p256(kScalar,
                    "58fd4168a87795603e2b04390285bdca6e57de6027fe211dd9d25e2212d29e62"
                    "080d36bd224d7405509295eed02a17150e03b314f96da37445b0d1d29377d12c") ==
          "0000000000000000000000000000000000000000000000000000000000000000");
    CHECK(ecdh_p256(kScalar,
                    "a1ecc24bf0d0053d23f5fd80ddf1735a1925039dc1176c581a7e795163c8b9ba"
                    "2cb5a4e4d5109f4527575e3137b83d79a9bcb3faeff90d2aca2bed71bb523e7e") ==
          "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc");
    CHECK(ecdh_p256(kScalar,
                    "1b0e7437c33d379929430d3ec10df59bed7fe2a1d950c5791e1e9ddeef1f4d70"
                    "fbdb0e3bbce63a27f27838c685207f2ccaf689d25eb622744db1168ac92619e8") ==
          "0000000000000000000000000000000000000000000000000000000000010000");
    CHECK(ecdh_p256(kScalar,
                    "e25ead8342888d1fbd2bd211e9db5bc761da9cfa1e805078b53606df9e544440"
                    "3d3421fa70f940dba104d842034d2efec9332161ccfb654a8e9f2ec42fc1a837") ==
          "5555555555555555555555555555555555555555555555555555555555555554");
    CHECK(ecdh_p256(kScalar,
                    "3b18caef2cd982c3b58f258cb76daa029383f42c8f3f083493f42c915935243a"
                    "260830b7d25b66378c5d25fb0cf23d32527a2cdb7f7d7e6c89ebea8277738ed8") ==
          "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
}

// The invalid-curve attack and coordinates that are not reduced.
TEST_CASE("Points that are on no curve of ours are refused", "[crypto][vectors]") {
    for (const std::string_view point :
         {"0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000",
          "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000001",
          "0000000000000000000000000000000000000000000000000000000000000001"
          "0000000000000000000000000000000000000000000000000000000000000001",
          // p - 1, p in both places
          "ffffffff00000001000000000000000000000000fffffffffffffffffffffffe"
          "ffffffff00000001000000000000000000000000fffffffffffffffffffffffe",
          "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
          "0000000000000000000000000000000000000000000000000000000000000000",
          // x = p stands for x = 0, whose point is on the curve: y = sqrt(b)
          "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
          "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"}) {
        CAPTURE(point);
        CHECK(ecdh_p256(kVectors[0].i, point) == "refused");
    }
    // The same point in reduced form is good.
    CHECK(ecdh_p256(kVectors[0].i,
                    "0000000000000000000000000000000000000000000000000000000000000000"
                    "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4") !=
          "refused");
}
