// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/key_exchange.h"

#include <botan/bigint.h>
#include <botan/dl_group.h>
#include <botan/hash.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>
#include <string_view>

#include "ike/crypto/registry.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

namespace {

using enum KeyExchangeMethod;

Bytes seed(std::uint8_t number) {
    return Bytes(32, number);
}

std::string sha256(View octets) {
    const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    return to_hex(hash->process(octets));
}

CryptoErrorCode refusal(const std::expected<Secret, CryptoError>& outcome) {
    REQUIRE_FALSE(outcome);
    CHECK_FALSE(outcome.error().what.empty());
    return outcome.error().code;
}

// A number as the KE payload of a MODP group holds it.
Bytes modp_share(const Botan::BigInt& value, std::size_t octets) {
    return value.serialize<Bytes>(octets);
}

}  // namespace

TEST_CASE("Both ends of a Diffie-Hellman exchange get the same secret", "[crypto]") {
    const KeyExchangeMethod method =
        GENERATE(X25519, EcpP256, EcpP384, EcpP521, Modp2048, Modp3072, Modp4096);
    const TransformRow& row = *transform_row(method);
    CAPTURE(row.word);
    const auto initiator = generate_key_share(method, seed(1));
    const auto responder = generate_key_share(method, seed(2));
    REQUIRE(initiator);
    REQUIRE(responder);
    CHECK(initiator->public_share.size() == row.share_octets);
    CHECK(responder->public_share.size() == row.share_octets);
    const auto left =
        agree_on_key(method, initiator->private_share.view(), responder->public_share);
    const auto right =
        agree_on_key(method, responder->private_share.view(), initiator->public_share);
    REQUIRE(left);
    REQUIRE(right);
    CHECK(equal(left->view(), right->view()));
    // RFC 5903 §7: one coordinate of the two; elsewhere as long as a share.
    const bool ecp = row.botan_name.starts_with("secp");
    CHECK(left->size() == row.share_octets / (ecp ? 2U : 1U));
}

TEST_CASE("Both ends of a KEM get the same secret", "[crypto]") {
    const KeyExchangeMethod method = GENERATE(MlKem512, MlKem768, MlKem1024);
    const TransformRow& row = *transform_row(method);
    CAPTURE(row.word);
    const auto initiator = generate_key_share(method, seed(1));
    REQUIRE(initiator);
    CHECK(initiator->public_share.size() == row.share_octets);
    const auto responder = encapsulate_key(method, initiator->public_share, seed(2));
    REQUIRE(responder);
    CHECK(responder->public_share.size() == row.answer_octets);
    CHECK(responder->secret.size() == 32);
    const auto secret =
        agree_on_key(method, initiator->private_share.view(), responder->public_share);
    REQUIRE(secret);
    CHECK(equal(secret->view(), responder->secret.view()));

    // FIPS 203: a changed ciphertext gives another secret, silently. SKEYSEED will differ, and
    // authentication fails.
    Bytes changed = responder->public_share;
    changed[5] ^= 1;
    const auto other = agree_on_key(method, initiator->private_share.view(), changed);
    REQUIRE(other);
    CHECK_FALSE(equal(other->view(), secret->view()));
}

TEST_CASE("A share follows from the seed alone", "[crypto]") {
    const KeyExchangeMethod method =
        GENERATE(X25519, EcpP256, EcpP384, EcpP521, Modp2048, MlKem768);
    const auto one = generate_key_share(method, seed(7));
    const auto two = generate_key_share(method, seed(7));
    const auto other = generate_key_share(method, seed(8));
    REQUIRE((one && two && other));
    CHECK(equal(one->private_share.view(), two->private_share.view()));
    CHECK(one->public_share == two->public_share);
    CHECK(one->public_share != other->public_share);
}

TEST_CASE("Encapsulation follows from the key and the seed alone", "[crypto]") {
    const auto share = generate_key_share(MlKem768, seed(1));
    REQUIRE(share);
    const auto one = encapsulate_key(MlKem768, share->public_share, seed(2));
    const auto two = encapsulate_key(MlKem768, share->public_share, seed(2));
    const auto other = encapsulate_key(MlKem768, share->public_share, seed(3));
    REQUIRE((one && two && other));
    CHECK(one->public_share == two->public_share);
    CHECK(equal(one->secret.view(), two->secret.view()));
    CHECK(one->public_share != other->public_share);
}

TEST_CASE("A share that is not exactly as long as the method wants is refused", "[crypto]") {
    const KeyExchangeMethod method =
        GENERATE(X25519, EcpP256, EcpP384, EcpP521, Modp2048, Modp4096, MlKem512, MlKem1024);
    const TransformRow& row = *transform_row(method);
    CAPTURE(row.word);
    const auto ours = generate_key_share(method, seed(1));
    REQUIRE(ours);
    Bytes theirs = row.is_kem ? encapsulate_key(method, ours->public_share, seed(2))->public_share
                              : generate_key_share(method, seed(2))->public_share;
    REQUIRE(agree_on_key(method, ours->private_share.view(), theirs));
    theirs.push_back(0);
    CHECK(refusal(agree_on_key(method, ours->private_share.view(), theirs)) ==
          CryptoErrorCode::InvalidPeerShare);
    theirs.resize(theirs.size() - 2);
    CHECK(refusal(agree_on_key(method, ours->private_share.view(), theirs)) ==
          CryptoErrorCode::InvalidPeerShare);
    // Zeros in front do not make up for length.
    theirs.insert(theirs.begin(), 2, 0);
    CHECK(refusal(agree_on_key(method, ours->private_share.view(), theirs)) ==
          CryptoErrorCode::InvalidPeerShare);
    CHECK(refusal(agree_on_key(method, ours->private_share.view(), {})) ==
          CryptoErrorCode::InvalidPeerShare);
}

TEST_CASE("RFC 6989 §2.1: a MODP value must be more than 1 and less than p-1", "[crypto]") {
    const KeyExchangeMethod method = GENERATE(Modp2048, Modp3072, Modp4096);
    const TransformRow& row = *transform_row(method);
    const Botan::BigInt p = Botan::DL_Group::from_name(row.botan_name).get_p();
    const auto ours = generate_key_share(method, seed(1));
    REQUIRE(ours);
    const auto outcome = [&](const Botan::BigInt& value) {
        return agree_on_key(method, ours->private_share.view(),
                            modp_share(value, row.share_octets));
    };
    CHECK(refusal(outcome(Botan::BigInt{0})) == CryptoErrorCode::InvalidPeerShare);
    CHECK(refusal(outcome(Botan::BigInt{1})) == CryptoErrorCode::InvalidPeerShare);
    CHECK(refusal(outcome(p - 1)) == CryptoErrorCode::InvalidPeerShare);
    CHECK(refusal(outcome(p)) == CryptoErrorCode::InvalidPeerShare);
    CHECK(refusal(outcome(p + 1)) == CryptoErrorCode::InvalidPeerShare);
    CHECK(
        refusal(agree_on_key(method, ours->private_share.view(), Bytes(row.share_octets, 0xff))) ==
        CryptoErrorCode::InvalidPeerShare);
    CHECK(outcome(Botan::BigInt{2}));
    CHECK(outcome(p - 2));
}

// Python: p from the formula of RFC 3526 with pi computed by Machin's series; pow(y, x,
// p).to_bytes(length, "big") with x = 01 02 … (40 octets), y = 51 52 … (64 octets); SHA-256 of it.
TEST_CASE("MODP secrets are y^x mod p, as long as p", "[crypto]") {
    struct Golden {
        KeyExchangeMethod method;
        std::string_view prime;
        std::string_view secret;
    };
    const Golden golden = GENERATE(
        Golden{Modp2048, "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e",
               "d5d56af473c4c734e96c8bb4d51a21a5fb571aaf278d1814406a6a51ee484e46"},
        Golden{Modp3072, "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c",
               "12fe63bb45cac95fd9c2b56f2422f8967cd75f0560a83e81f73b2376558e36a9"},
        Golden{Modp4096, "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33",
               "e63ba602c5719bf77b6a53e863f25d54e0f2d8a6278a3ba6b23335f7862ba7b6"});
    const TransformRow& row = *transform_row(golden.method);
    CAPTURE(row.word);
    const Botan::BigInt p = Botan::DL_Group::from_name(row.botan_name).get_p();
    CHECK(sha256(modp_share(p, row.share_octets)) == golden.prime);
    Bytes x = counting(41);
    x.erase(x.begin());
    Bytes y = counting(0x91);
    y.erase(y.begin(), y.begin() + 0x51);
    y.insert(y.begin(), row.share_octets - y.size(), 0);
    const auto secret = agree_on_key(golden.method, x, y);
    REQUIRE(secret);
    CHECK(sha256(secret->view()) == golden.secret);
}

TEST_CASE("A small MODP secret keeps its leading zeros", "[crypto]") {
    // RFC 7296 §2.14: 3^2 = 9 in 256 octets.
    const auto secret = agree_on_key(Modp2048, Bytes{2}, modp_share(Botan::BigInt{3}, 256));
    REQUIRE(secret);
    Bytes expected(256);
    expected.back() = 9;
    CHECK(equal(secret->view(), expected));
}

TEST_CASE("RFC 6989 §2.3: a point must be on the curve with both coordinates below p", "[crypto]") {
    const KeyExchangeMethod method = GENERATE(EcpP256, EcpP384, EcpP521);
    const TransformRow& row = *transform_row(method);
    CAPTURE(row.word);
    const auto ours = generate_key_share(method, seed(1));
    const auto theirs = generate_key_share(method, seed(2));
    REQUIRE((ours && theirs));
    const auto code = [&](const Bytes& share) {
        return refusal(agree_on_key(method, ours->private_share.view(), share));
    };
    Bytes off_curve = theirs->public_share;
    off_curve.back() ^= 1;
    CHECK(code(off_curve) == CryptoErrorCode::InvalidPeerShare);
    off_curve = theirs->public_share;
    off_curve[5] ^= 0x40;
    CHECK(code(off_curve) == CryptoErrorCode::InvalidPeerShare);
    CHECK(code(Bytes(row.share_octets, 0)) == CryptoErrorCode::InvalidPeerShare);
    CHECK(code(Bytes(row.share_octets, 0xff)) == CryptoErrorCode::InvalidPeerShare);
    // With the octet of SEC 1, compressed or not, it is no KE payload.
    Bytes encoded = theirs->public_share;
    encoded.insert(encoded.begin(), 4);
    CHECK(code(encoded) == CryptoErrorCode::InvalidPeerShare);
    encoded.resize(1 + row.share_octets / 2);
    encoded[0] = 2;
    CHECK(code(encoded) == CryptoErrorCode::InvalidPeerShare);
}

TEST_CASE("A method that we do not implement says so", "[crypto]") {
    for (const KeyExchangeMethod method : {None, Modp1024, Modp1536, Modp768, Modp1024s160, X448,
                                           Modp8192, KeyExchangeMethod{999}}) {
        const auto share = generate_key_share(method, seed(1));
        REQUIRE_FALSE(share);
        CHECK(share.error().code == CryptoErrorCode::UnsupportedMethod);
        CHECK(refusal(agree_on_key(method, Bytes(32, 1), Bytes(128, 2))) ==
              CryptoErrorCode::UnsupportedMethod);
        CHECK_FALSE(encapsulate_key(method, Bytes(128, 2), seed(1)));
    }
    const auto no_kem = encapsulate_key(X25519, Bytes(32, 9), seed(1));
    REQUIRE_FALSE(no_kem);
    CHECK(no_kem.error().code == CryptoErrorCode::UnsupportedMethod);
}

TEST_CASE("A private share that is not ours is our fault, not the peer's", "[crypto]") {
    const auto theirs = generate_key_share(EcpP256, seed(2));
    REQUIRE(theirs);
    CHECK(refusal(agree_on_key(EcpP256, Bytes(32, 0), theirs->public_share)) ==
          CryptoErrorCode::Internal);
    CHECK(refusal(agree_on_key(EcpP256, Bytes(32, 0xff), theirs->public_share)) ==
          CryptoErrorCode::Internal);
    CHECK(refusal(agree_on_key(EcpP256, {}, theirs->public_share)) == CryptoErrorCode::Internal);
    CHECK(refusal(agree_on_key(X25519, Bytes(31, 1), Bytes(32, 9))) == CryptoErrorCode::Internal);
}

TEST_CASE("FIPS 203 §7.2: an encapsulation key that is not canonical is refused", "[crypto]") {
    const KeyExchangeMethod method = GENERATE(MlKem512, MlKem768, MlKem1024);
    const auto share = generate_key_share(method, seed(1));
    REQUIRE(share);
    // The first coefficient of 12 bits becomes 4095, which is not below 3329.
    Bytes key = share->public_share;
    key[0] = 0xff;
    key[1] |= 0x0f;
    const auto outcome = encapsulate_key(method, key, seed(2));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == CryptoErrorCode::InvalidPeerShare);
    key = share->public_share;
    key.pop_back();
    CHECK_FALSE(encapsulate_key(method, key, seed(2)));
}
