// SPDX-License-Identifier: Apache-2.0
// RFC 4754 §8 (ECDSA), RFC 6979 A.2.5 (ECDSA with a deterministic k), RFC 8032 §7.1 (Ed25519) under
// the identifiers of RFC 7427 Appendix A and RFC 8420, and encodings of the kind that Project
// Wycheproof tests.
#include <botan/bigint.h>
#include <botan/ec_apoint.h>
#include <botan/ec_group.h>
#include <botan/ec_scalar.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>
#include <string_view>

#include "ike/crypto/signature.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

namespace {

constexpr std::string_view kEcdsaSha256 = "300a06082a8648ce3d040302";
constexpr std::string_view kEd25519 = "300506032b6570";

Botan::ECDSA_PublicKey public_key(std::string_view curve, std::string_view point) {
    const auto group = Botan::EC_Group::from_name(curve);
    return {group, Botan::EC_AffinePoint{group, hex("04" + std::string{point})}};
}

Botan::ECDSA_PrivateKey private_key(std::string_view curve, std::string_view scalar) {
    const auto group = Botan::EC_Group::from_name(curve);
    return {group, Botan::EC_Scalar::deserialize(group, hex(scalar)).value()};
}

Authentication under(std::string_view identifier, std::string_view signature) {
    return {AuthMethod::DigitalSignature,
            DigitalSignature{hex(identifier), hex(signature)}.write()};
}

struct Vector {
    AuthMethod method;
    std::string_view curve;
    std::string_view scalar;
    std::string_view point;
    std::string_view signature;  // r | s over "abc"
};

constexpr Vector kRfc4754[] = {
    {AuthMethod::Ecdsa256, "secp256r1",
     "dc51d3866a15bacde33d96f992fca99da7e6ef0934e7097559c27f1614c88a7f",
     "2442a5cc0ecd015fa3ca31dc8e2bbc70bf42d60cbca20085e0822cb04235e970"
     "6fc98bd7e50211a4a27102fa3549df79ebcb4bf246b80945cddfe7d509bbfd7d",
     "cb28e0999b9c7715fd0a80d8e47a77079716cbbf917dd72e97566ea1c066957c"
     "86fa3bb4e26cad5bf90b7f81899256ce7594bb1ea0c89212748bff3b3d5b0315"},
    {AuthMethod::Ecdsa384, "secp384r1",
     "0beb646634ba87735d77ae4809a0ebea865535de4c1e1dcb692e84708e81a5af62e528c38b2a81b35309668d73524"
     "d9f",
     "96281bf8dd5e0525ca049c048d345d3082968d10fedf5c5aca0c64e6465a97ea5ce10c9dfec21797415710721f437"
     "922"
     "447688ba94708eb6e2e4d59f6ab6d7edff9301d249fe49c33096655f5d502fad3d383b91c5e7edaa2b714cc99d574"
     "3ca",
     "fb017b914e29149432d8bac29a514640b46f53ddab2c69948084e2930f1c8f7e08e07c9c63f2d21a07dcb56a6af56"
     "eb3"
     "b263a1305e057f984d38726a1b46874109f417bca112674c528262a40a629af1cbb9f516ce0fa7d2ff630863a00e8"
     "b9f"},
    {AuthMethod::Ecdsa521, "secp521r1",
     "0065fda3409451dcab0a0ead45495112a3d813c17bfd34bdf8c1209d7df58491"
     "20597779060a7ff9d704adf78b570ffad6f062e95c7e0c5d5481c5b153b48b375fa1",
     "0151518f1af0f563517edd5485190df95a4bf57b5cba4cf2a9a3f6474725a35f"
     "7afe0a6ddeb8bedbcd6a197e592d40188901cecd650699c9b5e456aea5add19052a8"
     "006f3b142ea1bfff7e2837ad44c9e4ff6d2d34c73184bbad90026dd5e6e85317"
     "d9df45cad7803c6c20035b2f3ff63aff4e1ba64d1c077577da3f4286c58f0aeae643",
     "0154fd3836af92d0dca57dd5341d3053988534fde8318fc6aaaab68e2e6f4339"
     "b19f2f281a7e0b22c269d93cf8794a9278880ed7dbb8d9362caeacee544320552251"
     "017705a7030290d1ceb605a9a1bb03ff9cdd521e87a696ec926c8c10c8362df4"
     "975367101f67d1cf9bccbf2f3d239534fa509e70aac851ae01aac68d62f866472660"},
};

// Project Wycheproof, ecdsa_secp256r1_sha256_test.json, second group.
constexpr std::string_view kWycheproofPoint =
    "2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838"
    "c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e";
constexpr std::string_view kWycheproofMessage = "123400";

}  // namespace

TEST_CASE("RFC 4754 §8: signatures of methods 9, 10 and 11", "[crypto][vectors]") {
    for (const Vector& vector : kRfc4754) {
        CAPTURE(vector.curve);
        const auto key = public_key(vector.curve, vector.point);
        const Authentication authentication{vector.method, hex(vector.signature)};
        CHECK(verify(key, authentication, as_view("abc")));
        CHECK_FALSE(verify(key, authentication, as_view("abd")));
        for (std::size_t i = 0; i < authentication.data.size(); i += 7) {
            Authentication changed = authentication;
            changed.data[i] ^= 1;
            CHECK_FALSE(verify(key, changed, as_view("abc")));
        }
        Authentication wrong_length = authentication;
        wrong_length.data.insert(wrong_length.data.begin(), 0);
        CHECK_FALSE(verify(key, wrong_length, as_view("abc")));
        wrong_length.data.resize(authentication.data.size() - 1);
        CHECK_FALSE(verify(key, wrong_length, as_view("abc")));
        // The private key of the RFC belongs to this public key.
        const auto ours = private_key(vector.curve, vector.scalar);
        const auto again = sign(ours, as_view("abc"), {}, counting(32));
        REQUIRE(again);
        CHECK(again->method == vector.method);
        CHECK(verify(key, *again, as_view("abc")));
    }
}

TEST_CASE("RFC 4754: the curve decides the method", "[crypto][vectors]") {
    for (const Vector& vector : kRfc4754) {
        for (const AuthMethod method :
             {AuthMethod::Ecdsa256, AuthMethod::Ecdsa384, AuthMethod::Ecdsa521}) {
            const bool good = method == vector.method;
            CHECK(verify(public_key(vector.curve, vector.point), {method, hex(vector.signature)},
                         as_view("abc"))
                      .has_value() == good);
        }
    }
}

TEST_CASE("RFC 6979 A.2.5: our ECDSA signatures do not hang on the random generator",
          "[crypto][vectors]") {
    const auto key = private_key(
        "secp256r1", "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    const auto authentication = sign(key, as_view("sample"), {}, counting(32));
    REQUIRE(authentication);
    CHECK(to_hex(authentication->data) ==
          "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
}

TEST_CASE("RFC 8032 §7.1 test 2 under the identifier of RFC 8420", "[crypto][vectors]") {
    const Botan::Ed25519_PublicKey key{
        hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")};
    constexpr std::string_view kSignature =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    CHECK(verify(key, under(kEd25519, kSignature), hex("72")));
    CHECK_FALSE(verify(key, under(kEd25519, kSignature), hex("73")));
    for (std::size_t i = 0; i < 64; ++i) {
        Bytes changed = hex(kSignature);
        changed[i] ^= 1;
        CHECK_FALSE(verify(key, under(kEd25519, to_hex(changed)), hex("72")));
    }
    // RFC 8032 §5.1.7: S must be below the order. This is S + L.
    CHECK_FALSE(verify(key,
                       under(kEd25519,
                             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "f52db7415978abc61b2c2eb6aeebfca0387b2eaeb4302aeeb00d291612bb0c10"),
                       hex("72")));
    CHECK_FALSE(verify(key, under(kEd25519, std::string{kSignature} + "00"), hex("72")));
    CHECK_FALSE(verify(key, under(kEd25519, kSignature.substr(2)), hex("72")));
    const auto secret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const Botan::Ed25519_PrivateKey ours{
        Botan::secure_vector<std::uint8_t>{secret.begin(), secret.end()}};
    const std::array hashes{SignatureHash::Identity};
    const auto authentication = sign(ours, hex("72"), hashes, counting(32));
    REQUIRE(authentication);
    CHECK(*authentication == under(kEd25519, kSignature));
}

TEST_CASE("ECDSA signatures with good encodings", "[crypto][vectors]") {
    const auto key = public_key("secp256r1", kWycheproofPoint);
    for (const std::string_view signature :
         {"304502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
          "022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          "304402202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
          "02204cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76"})
        CHECK(verify(key, under(kEcdsaSha256, signature), as_view(kWycheproofMessage)));
}

TEST_CASE("ECDSA signatures with r or s out of range", "[crypto][vectors]") {
    const auto key = public_key("secp256r1", kWycheproofPoint);
    for (const std::string_view signature :
         {// r = 0, s = 0, both, r = 1 and s = 0
          "3026020100022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          "302502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18020100",
          "3006020100020100", "3006020101020100",
          // r = n, s = n
          "3046022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
          "022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          "304502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
          "022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
          // r + n, s + n
          "30460221012ba3a8bd6b94d5ed80a6d9d1190a436ebccc0833490686deac8635bcb9bf5369"
          "022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          "304502202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
          "022101b329f478a2bbd0a6c384ee1493b1f518276e0e4a5375928d6fcd160c11cb6d2c",
          // -r, r - n
          "30450220d45c5741946b2a137f59262ee6f5bc91001af27a5e1117a64733950642a3d1e8"
          "022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          "30460221ff2ba3a8bf6b94d5eb80a6d9d1190a436f42fe12d7fad749d4c512a036c0f908c7"
          "022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          // r and s exchanged
          "3045022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db"
          "02202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"}) {
        CAPTURE(signature);
        const auto outcome =
            verify(key, under(kEcdsaSha256, signature), as_view(kWycheproofMessage));
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == CryptoErrorCode::SignatureInvalid);
    }
    // The same of method 9: zeros, and n twice.
    CHECK_FALSE(verify(key, {AuthMethod::Ecdsa256, Bytes(64)}, as_view(kWycheproofMessage)));
    CHECK_FALSE(verify(key,
                       {AuthMethod::Ecdsa256,
                        hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
                            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")},
                       as_view(kWycheproofMessage)));
}

// Tests 6, 8 to 26 and 29 of that group: DER is one encoding, BER has many, and a signature must
// not have many.
TEST_CASE("ECDSA signatures with odd encodings", "[crypto][vectors]") {
    const auto key = public_key("secp256r1", kWycheproofPoint);
    const std::string r = "02202ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18";
    const std::string s = "022100b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db";
    REQUIRE(verify(key, under(kEcdsaSha256, "3045" + r + s), as_view(kWycheproofMessage)));
    for (const std::string& signature :
         {"3044" + r + "0220b329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847db",
          "308145" + r + s, "30820045" + r + s, "3046" + r + s, "3044" + r + s,
          "30850100000045" + r + s, "3089010000000000000045" + r + s, "30847fffffff" + r + s,
          "308480000000" + r + s, "3084ffffffff" + r + s, "3085ffffffffff" + r + s,
          "3088ffffffffffffffff" + r + s, "30ff" + r + s, "3080" + r + s, std::string{"30"},
          std::string{"3000"}, "3047" + r + s + "0000", "30470000" + r + s, "3045" + r + s + "0000",
          "3047" + r + s + "0500", "30473045" + r + s + "0004deadbeef", "3080" + r + s + "0000",
          // an integer with a zero too many, with a long length, with another tag, and missing
          "304602210" + std::string{"0"} + r.substr(4) + s, "3046028120" + r.substr(4) + s,
          "30450320" + r.substr(4) + s, "3022" + r, "3045" + r + r, "3145" + r + s,
          "2445" + r + s}) {
        CAPTURE(signature);
        const auto outcome =
            verify(key, under(kEcdsaSha256, signature), as_view(kWycheproofMessage));
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == CryptoErrorCode::SignatureInvalid);
    }
}
