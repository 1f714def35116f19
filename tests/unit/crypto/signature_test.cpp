// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/signature.h"

#include <botan/bigint.h>
#include <botan/dh.h>
#include <botan/dl_group.h>
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ike/crypto/random.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

namespace {

using enum SignatureHash;

const std::vector<SignatureHash> kEverything{Sha1, Sha2_256, Sha2_384, Sha2_512,
                                             SignatureHash::Identity};
const Bytes kMessage = counting(300);
const Bytes kSeed = counting(32);

std::unique_ptr<Botan::Private_Key> make_ecdsa(std::string_view curve) {
    DeterministicRng rng{counting(32)};
    return std::make_unique<Botan::ECDSA_PrivateKey>(rng, Botan::EC_Group::from_name(curve));
}

std::unique_ptr<Botan::Private_Key> make_ed25519() {
    DeterministicRng rng{counting(32)};
    return std::make_unique<Botan::Ed25519_PrivateKey>(rng);
}

// Made once: it takes long.
const Botan::Private_Key& rsa_key() {
    static const std::unique_ptr<Botan::Private_Key> key = [] {
        DeterministicRng rng{counting(32)};
        return std::make_unique<Botan::RSA_PrivateKey>(rng, 2048);
    }();
    return *key;
}

// A signature made by Botan directly, under any algorithm identifier.
Authentication signature_with(const Botan::Private_Key& key, std::string_view padding,
                              View identifier,
                              Botan::Signature_Format format = Botan::Signature_Format::Standard) {
    DeterministicRng rng{counting(32)};
    Botan::PK_Signer signer{key, rng, padding, format};
    const DigitalSignature signature{to_bytes(identifier), signer.sign_message(kMessage, rng)};
    return {AuthMethod::DigitalSignature, signature.write()};
}

CryptoErrorCode refusal(const std::expected<void, CryptoError>& outcome) {
    REQUIRE_FALSE(outcome);
    CHECK_FALSE(outcome.error().what.empty());
    return outcome.error().code;
}

// AlgorithmIdentifier of the AUTH data.
std::string identifier_of(const Authentication& authentication) {
    const auto signature = DigitalSignature::parse(authentication.data);
    REQUIRE(signature);
    return to_hex(signature->algorithm_identifier);
}

void check_round_trip(const Botan::Private_Key& key, std::span<const SignatureHash> hashes,
                      AuthMethod method) {
    const auto authentication = sign(key, kMessage, hashes, kSeed);
    REQUIRE(authentication);
    CHECK(authentication->method == method);
    CHECK(verify(*key.public_key(), *authentication, kMessage));
    Bytes other = kMessage;
    other.back() ^= 1;
    CHECK(refusal(verify(*key.public_key(), *authentication, other)) ==
          CryptoErrorCode::SignatureInvalid);
    // One octet after the other: algorithm identifier, lengths, signature.
    for (std::size_t i = 0; i < authentication->data.size(); i += 3) {
        Authentication changed = *authentication;
        changed.data[i] ^= 1;
        CHECK_FALSE(verify(*key.public_key(), changed, kMessage));
    }
    Authentication longer = *authentication;
    longer.data.push_back(0);
    CHECK_FALSE(verify(*key.public_key(), longer, kMessage));
    longer.data.resize(longer.data.size() - 2);
    CHECK_FALSE(verify(*key.public_key(), longer, kMessage));
}

}  // namespace

TEST_CASE("RSA signs with RSASSA-PSS", "[crypto]") {
    check_round_trip(rsa_key(), kEverything, AuthMethod::DigitalSignature);
    const std::array only384{Sha2_384};
    check_round_trip(rsa_key(), only384, AuthMethod::DigitalSignature);
    const auto authentication = sign(rsa_key(), kMessage, kEverything, kSeed);
    CHECK(identifier_of(*authentication).starts_with("304106092a864886f70d01010a"));
}

TEST_CASE("ECDSA signs with the hash of its curve if the peer knows it", "[crypto]") {
    struct Case {
        std::string_view curve;
        std::string_view identifier;
    };
    for (const auto& [curve, identifier] : {Case{"secp256r1", "300a06082a8648ce3d040302"},
                                            Case{"secp384r1", "300a06082a8648ce3d040303"},
                                            Case{"secp521r1", "300a06082a8648ce3d040304"}}) {
        CAPTURE(curve);
        const auto key = make_ecdsa(curve);
        check_round_trip(*key, kEverything, AuthMethod::DigitalSignature);
        CHECK(identifier_of(*sign(*key, kMessage, kEverything, kSeed)) == identifier);
        const std::array only512{Sha2_512};
        CHECK(identifier_of(*sign(*key, kMessage, only512, kSeed)) == "300a06082a8648ce3d040304");
        check_round_trip(*key, only512, AuthMethod::DigitalSignature);
    }
}

TEST_CASE("Ed25519 signs the message itself", "[crypto]") {
    const auto key = make_ed25519();
    check_round_trip(*key, kEverything, AuthMethod::DigitalSignature);
    CHECK(identifier_of(*sign(*key, kMessage, kEverything, kSeed)) == "300506032b6570");
}

TEST_CASE("For a peer without RFC 7427 only ECDSA signs, as in RFC 4754", "[crypto]") {
    check_round_trip(*make_ecdsa("secp256r1"), {}, AuthMethod::Ecdsa256);
    check_round_trip(*make_ecdsa("secp384r1"), {}, AuthMethod::Ecdsa384);
    check_round_trip(*make_ecdsa("secp521r1"), {}, AuthMethod::Ecdsa521);
    CHECK(sign(*make_ecdsa("secp521r1"), kMessage, {}, kSeed)->data.size() == 132);
    CHECK(sign(rsa_key(), kMessage, {}, kSeed).error().code == CryptoErrorCode::NoCommonSignature);
    const auto ed25519 = make_ed25519();
    CHECK(sign(*ed25519, kMessage, {}, kSeed).error().code == CryptoErrorCode::NoCommonSignature);
}

TEST_CASE("Without a hash in common nobody signs", "[crypto]") {
    const std::array sha1{Sha1};
    const std::array sha2{Sha2_256, Sha2_384, Sha2_512};
    const std::array unknown{SignatureHash{99}};
    const auto ed25519 = make_ed25519();
    const auto ecdsa = make_ecdsa("secp256r1");
    CHECK(sign(rsa_key(), kMessage, sha1, kSeed).error().code ==
          CryptoErrorCode::NoCommonSignature);
    CHECK(sign(*ecdsa, kMessage, sha1, kSeed).error().code == CryptoErrorCode::NoCommonSignature);
    CHECK(sign(*ecdsa, kMessage, unknown, kSeed).error().code ==
          CryptoErrorCode::NoCommonSignature);
    CHECK(sign(*ed25519, kMessage, sha2, kSeed).error().code == CryptoErrorCode::NoCommonSignature);
}

TEST_CASE("A signature follows from key, message and seed", "[crypto]") {
    const auto one = sign(rsa_key(), kMessage, kEverything, kSeed);
    const auto two = sign(rsa_key(), kMessage, kEverything, kSeed);
    const auto other = sign(rsa_key(), kMessage, kEverything, Bytes(32, 9));
    REQUIRE((one && two && other));
    CHECK(*one == *two);
    CHECK(one->data != other->data);
    CHECK_FALSE(sign(rsa_key(), kMessage, kEverything, {}));
}

TEST_CASE("RSA with PKCS #1 v1.5 and SHA-2 is accepted, parameters NULL or absent", "[crypto]") {
    const auto key = rsa_key().public_key();
    for (const std::string_view identifier :
         {"300d06092a864886f70d01010b0500", "300b06092a864886f70d01010b"})
        CHECK(verify(*key, signature_with(rsa_key(), "PKCS1v15(SHA-256)", hex(identifier)),
                     kMessage));
    for (const std::string_view identifier :
         {"300d06092a864886f70d01010c0500", "300b06092a864886f70d01010c"})
        CHECK(verify(*key, signature_with(rsa_key(), "PKCS1v15(SHA-384)", hex(identifier)),
                     kMessage));
    for (const std::string_view identifier :
         {"300d06092a864886f70d01010d0500", "300b06092a864886f70d01010d"})
        CHECK(verify(*key, signature_with(rsa_key(), "PKCS1v15(SHA-512)", hex(identifier)),
                     kMessage));
}

TEST_CASE("A signature under the name of another scheme is refused", "[crypto]") {
    const auto key = rsa_key().public_key();
    const Bytes sha256 = hex("300d06092a864886f70d01010b0500");
    CHECK(refusal(verify(*key, signature_with(rsa_key(), "PKCS1v15(SHA-512)", sha256), kMessage)) ==
          CryptoErrorCode::SignatureInvalid);
    CHECK(refusal(verify(*key, signature_with(rsa_key(), "PSS(SHA-256,MGF1,32)", sha256),
                         kMessage)) == CryptoErrorCode::SignatureInvalid);
    // Another salt length than the algorithm identifier says.
    const Bytes pss =
        hex("304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
            "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120");
    CHECK(verify(*key, signature_with(rsa_key(), "PSS(SHA-256,MGF1,32)", pss), kMessage));
    CHECK(refusal(verify(*key, signature_with(rsa_key(), "PSS(SHA-256,MGF1,20)", pss), kMessage)) ==
          CryptoErrorCode::SignatureInvalid);
    const auto ecdsa = make_ecdsa("secp256r1");
    CHECK(refusal(verify(*ecdsa->public_key(), *sign(rsa_key(), kMessage, kEverything, kSeed),
                         kMessage)) == CryptoErrorCode::SignatureInvalid);
    CHECK(refusal(verify(*key, *sign(*ecdsa, kMessage, kEverything, kSeed), kMessage)) ==
          CryptoErrorCode::SignatureInvalid);
    CHECK(refusal(verify(*key, *sign(*ecdsa, kMessage, {}, kSeed), kMessage)) ==
          CryptoErrorCode::SignatureInvalid);
}

TEST_CASE("SHA-1 is refused under every name", "[crypto]") {
    const auto rsa = rsa_key().public_key();
    const auto ecdsa = make_ecdsa("secp256r1");
    CHECK(refusal(verify(
              *rsa,
              signature_with(rsa_key(), "PKCS1v15(SHA-1)", hex("300d06092a864886f70d0101050500")),
              kMessage)) == CryptoErrorCode::UnsupportedMethod);
    CHECK(refusal(verify(*rsa,
                         signature_with(rsa_key(), "PSS(SHA-1,MGF1,20)",
                                        hex("300d06092a864886f70d01010a3000")),
                         kMessage)) == CryptoErrorCode::UnsupportedMethod);
    CHECK(refusal(verify(*ecdsa->public_key(),
                         signature_with(*ecdsa, "SHA-1", hex("300906072a8648ce3d0401"),
                                        Botan::Signature_Format::DerSequence),
                         kMessage)) == CryptoErrorCode::UnsupportedMethod);
    const auto plain = signature_with(rsa_key(), "PKCS1v15(SHA-1)", hex("00"));
    const Authentication method1{AuthMethod::RsaPkcs1Sha1, to_bytes(View{plain.data}.subspan(2))};
    CHECK(refusal(verify(*rsa, method1, kMessage)) == CryptoErrorCode::UnsupportedMethod);
    CHECK(refusal(verify(*rsa, {AuthMethod::DssSha1, Bytes(40, 1)}, kMessage)) ==
          CryptoErrorCode::UnsupportedMethod);
}

TEST_CASE("Methods and algorithms that are no signatures we know are refused", "[crypto]") {
    const auto key = make_ecdsa("secp256r1")->public_key();
    for (const AuthMethod method :
         {AuthMethod::SharedKey, AuthMethod::Null, AuthMethod::SecurePassword, AuthMethod{200}})
        CHECK(refusal(verify(*key, {method, Bytes(64, 1)}, kMessage)) ==
              CryptoErrorCode::UnsupportedMethod);
    // dsa-with-sha256, and DER that is none.
    CHECK(refusal(verify(*key,
                         {AuthMethod::DigitalSignature, hex("0b 300906072a8648ce38040302 0102")},
                         kMessage)) == CryptoErrorCode::UnsupportedMethod);
    CHECK(refusal(verify(*key, {AuthMethod::DigitalSignature, hex("01 00 0102")}, kMessage)) ==
          CryptoErrorCode::UnsupportedMethod);
    for (const std::string_view data :
         {"", "00", "0c300a06082a8648ce3d040302", "ff300a06082a8648ce3d0403020102"})
        CHECK(refusal(verify(*key, {AuthMethod::DigitalSignature, hex(data)}, kMessage)) ==
              CryptoErrorCode::SignatureInvalid);
    CHECK(refusal(verify(*key, {AuthMethod::Ecdsa256, {}}, kMessage)) ==
          CryptoErrorCode::SignatureInvalid);
    CHECK(refusal(verify(*key, {AuthMethod::Ecdsa384, Bytes(96, 1)}, kMessage)) ==
          CryptoErrorCode::SignatureInvalid);
}

TEST_CASE("Weak, oversized and foreign keys are refused", "[crypto]") {
    DeterministicRng rng{counting(32)};
    const Botan::RSA_PrivateKey weak{rng, 1024};
    CHECK(refusal(check_key(weak)) == CryptoErrorCode::CertificateUnusable);
    CHECK(sign(weak, kMessage, kEverything, kSeed).error().code ==
          CryptoErrorCode::CertificateUnusable);
    CHECK(
        refusal(verify(
            weak, signature_with(weak, "PKCS1v15(SHA-256)", hex("300d06092a864886f70d01010b0500")),
            kMessage)) == CryptoErrorCode::CertificateUnusable);

    const Botan::BigInt one = 1;
    const Botan::RSA_PublicKey large{(one << 8192) + 1, 65537};
    CHECK(refusal(check_key(large)) == CryptoErrorCode::CertificateUnusable);
    const Botan::RSA_PublicKey largest{(one << 8191) + 1, 65537};
    CHECK(check_key(largest));
    const Botan::RSA_PublicKey slow{(one << 2047) + 1, (one << 64) + 1};
    CHECK(refusal(check_key(slow)) == CryptoErrorCode::CertificateUnusable);

    const Botan::ECDSA_PrivateKey koblitz{rng, Botan::EC_Group::from_name("secp256k1")};
    CHECK(refusal(check_key(koblitz)) == CryptoErrorCode::CertificateUnusable);
    const Botan::ECDSA_PrivateKey brainpool{rng, Botan::EC_Group::from_name("brainpool256r1")};
    CHECK(refusal(check_key(brainpool)) == CryptoErrorCode::CertificateUnusable);
    const Botan::DH_PrivateKey dh{rng, Botan::DL_Group::from_name("modp/ietf/2048")};
    CHECK(refusal(check_key(dh)) == CryptoErrorCode::CertificateUnusable);

    CHECK(check_key(rsa_key()));
    CHECK(check_key(*make_ecdsa("secp256r1")));
    CHECK(check_key(*make_ed25519()));
}

TEST_CASE("An RSA modulus that cannot be one is an error, not an exception", "[crypto]") {
    const Botan::BigInt one = 1;
    const Authentication authentication = *sign(rsa_key(), kMessage, kEverything, kSeed);
    const Botan::RSA_PublicKey power{(one << 2048) - 1, 3};
    CHECK_FALSE(verify(power, authentication, kMessage));
}

TEST_CASE("We announce what we accept", "[crypto]") {
    const std::array expected{Sha2_256, Sha2_384, Sha2_512, SignatureHash::Identity};
    CHECK(std::ranges::equal(accepted_hashes(), expected));
}
