// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/message_cipher.h"

#include <botan/aead.h>
#include <botan/cipher_mode.h>
#include <botan/mac.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include <array>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "ike/crypto/random.h"
#include "tests/unit/wire/hex.h"

using namespace xfrmd;
using namespace xfrmd::ike;
using test::counting;
using test::hex;

namespace {

using enum EncryptionId;
using enum IntegrityId;

constexpr IkeSuite suite_of(EncryptionId encryption, std::uint16_t key_bits,
                            IntegrityId integrity) {
    return {encryption, key_bits, PrfId::HmacSha256, integrity, KeyExchangeMethod::X25519};
}

constexpr std::array kSuites{
    suite_of(AesGcm16, 128, None),         suite_of(AesGcm16, 192, None),
    suite_of(AesGcm16, 256, None),         suite_of(ChaCha20Poly1305, 0, None),
    suite_of(AesCbc, 128, HmacSha256_128), suite_of(AesCbc, 192, HmacSha384_192),
    suite_of(AesCbc, 256, HmacSha512_256)};

Bytes counting_from(std::uint8_t first, std::size_t octets) {
    Bytes result(octets);
    for (std::size_t i = 0; i < octets; ++i) result[i] = static_cast<std::uint8_t>(first + i);
    return result;
}

MessageCipher make(const IkeSuite& suite) {
    const KeyLengths octets = key_lengths(suite);
    auto cipher = MessageCipher::create(suite, Secret{counting_from(0x20, octets.encryption)},
                                        Secret{counting_from(0x60, octets.integrity)});
    REQUIRE(cipher);
    return *std::move(cipher);
}

// Gives a0, a1, … as its first octets: the IV of the golden bodies.
class FixedRng final : public Botan::RandomNumberGenerator {
  public:
    bool accepts_input() const override { return false; }
    std::string name() const override { return "FixedRng"; }
    void clear() override {}
    bool is_seeded() const override { return true; }

  private:
    void fill_bytes_with_input(std::span<std::uint8_t> output,
                               std::span<const std::uint8_t>) override {
        for (std::uint8_t& octet : output) octet = next_++;
    }
    std::uint8_t next_ = 0xa0;
};

// Has no randomness to give.
class BrokenRng final : public Botan::RandomNumberGenerator {
  public:
    bool accepts_input() const override { return false; }
    std::string name() const override { return "BrokenRng"; }
    void clear() override {}
    bool is_seeded() const override { return false; }

  private:
    void fill_bytes_with_input(std::span<std::uint8_t>, std::span<const std::uint8_t>) override {
        throw Botan::PRNG_Unseeded{"BrokenRng"};
    }
};

}  // namespace

TEST_CASE("What one end seals the other opens, at any length", "[crypto]") {
    const IkeSuite suite = GENERATE(from_range(kSuites));
    CAPTURE(to_string(suite));
    MessageCipher sender = make(suite);
    const MessageCipher receiver = make(suite);
    DeterministicRng rng{counting(32)};
    const Bytes header = counting(32);
    for (std::size_t size = 0; size < 70; ++size) {
        const Bytes plaintext = counting(size);
        const auto body = sender.seal(header, plaintext, rng);
        REQUIRE(body);
        CHECK(body->size() == sender.sealed_size(size));
        const auto opened = receiver.open(header, *body);
        REQUIRE(opened);
        CHECK(equal(opened->view(), plaintext));
    }
}

TEST_CASE("A change of any bit, anywhere, is found", "[crypto]") {
    const IkeSuite suite = GENERATE(from_range(kSuites));
    CAPTURE(to_string(suite));
    MessageCipher cipher = make(suite);
    DeterministicRng rng{counting(32)};
    Bytes header = counting(32);
    const auto sealed = cipher.seal(header, counting(21), rng);
    REQUIRE(sealed);
    Bytes body = *sealed;
    for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
        body[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(cipher.open(header, body));
        body[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    for (std::size_t bit = 0; bit < header.size() * 8; ++bit) {
        header[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(cipher.open(header, body));
        header[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    CHECK(cipher.open(header, body));
}

TEST_CASE("A body that is cut short or goes on is refused", "[crypto]") {
    const IkeSuite suite = GENERATE(from_range(kSuites));
    CAPTURE(to_string(suite));
    MessageCipher cipher = make(suite);
    DeterministicRng rng{counting(32)};
    const Bytes header = counting(32);
    const auto body = cipher.seal(header, counting(40), rng);
    REQUIRE(body);
    for (std::size_t size = 0; size < body->size(); ++size)
        CHECK_FALSE(cipher.open(header, View{*body}.first(size)));
    Bytes longer = *body;
    longer.push_back(0);
    CHECK_FALSE(cipher.open(header, longer));
    longer.insert(longer.end(), 15, 0);
    CHECK_FALSE(cipher.open(header, longer));
    CHECK_FALSE(cipher.open(View{header}.first(31), *body));
}

TEST_CASE("The other direction's key opens nothing", "[crypto]") {
    const IkeSuite suite = GENERATE(from_range(kSuites));
    const KeyLengths octets = key_lengths(suite);
    auto other = MessageCipher::create(suite, Secret{counting_from(0x21, octets.encryption)},
                                       Secret{counting_from(0x61, octets.integrity)});
    REQUIRE(other);
    DeterministicRng rng{counting(32)};
    const auto body = make(suite).seal(counting(32), counting(20), rng);
    REQUIRE(body);
    CHECK_FALSE(other->open(counting(32), *body));
}

TEST_CASE("The IV of a combined mode counts and never comes twice", "[crypto]") {
    MessageCipher cipher = make(GENERATE(kSuites[0], kSuites[1], kSuites[2], kSuites[3]));
    DeterministicRng rng{counting(32)};
    for (std::uint8_t i = 0; i < 20; ++i) {
        CHECK(cipher.next_iv() == i);
        const auto body = cipher.seal(counting(32), counting(5), rng);
        REQUIRE(body);
        CHECK(equal(View{*body}.first(8), Bytes{0, 0, 0, 0, 0, 0, 0, i}));
    }
    cipher.skip_to_iv(10);
    CHECK(cipher.next_iv() == 20);
    cipher.skip_to_iv(0x0102030405060708);
    const auto body = cipher.seal(counting(32), counting(5), rng);
    REQUIRE(body);
    CHECK(equal(View{*body}.first(8), Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_CASE("When the counter is used up nothing is sealed any more", "[crypto]") {
    MessageCipher cipher = make(kSuites[0]);
    DeterministicRng rng{counting(32)};
    cipher.skip_to_iv(std::numeric_limits<std::uint64_t>::max() - 1);
    CHECK(cipher.seal(counting(32), counting(5), rng));
    for (int i = 0; i < 3; ++i) {
        const auto body = cipher.seal(counting(32), counting(5), rng);
        REQUIRE_FALSE(body);
        CHECK(body.error().code == CryptoErrorCode::Internal);
    }
}

TEST_CASE("The counter goes with a cipher that is moved", "[crypto]") {
    MessageCipher first = make(kSuites[0]);
    DeterministicRng rng{counting(32)};
    REQUIRE(first.seal(counting(32), counting(5), rng));
    const MessageCipher second = std::move(first);
    CHECK(second.next_iv() == 1);
}

TEST_CASE("In CBC mode every body has a fresh random IV", "[crypto]") {
    MessageCipher cipher = make(suite_of(AesCbc, 128, HmacSha256_128));
    DeterministicRng rng{counting(32)};
    std::set<Bytes> seen;
    for (int i = 0; i < 50; ++i) {
        const auto body = cipher.seal(counting(32), counting(5), rng);
        REQUIRE(body);
        CHECK(seen.insert(to_bytes(View{*body}.first(16))).second);
    }
}

TEST_CASE("Without randomness there is an error, not a predictable IV", "[crypto]") {
    MessageCipher cipher = make(suite_of(AesCbc, 128, HmacSha256_128));
    BrokenRng rng;
    const auto body = cipher.seal(counting(32), counting(5), rng);
    REQUIRE_FALSE(body);
    CHECK(body.error().code == CryptoErrorCode::Internal);
}

// Computed apart from this code with Python's cryptography and hmac: AES-CBC of (plaintext | least
// padding of zeros | pad length) under the keys 20 21 …, HMAC with the key 60 61 … over (associated
// data | IV | ciphertext), truncated.
TEST_CASE("CBC bodies are what RFC 7296 §3.14 says", "[crypto]") {
    struct Golden {
        IkeSuite suite;
        Bytes plaintext;
        std::string_view body;
    };
    const Golden golden =
        GENERATE(Golden{suite_of(AesCbc, 128, HmacSha256_128), counting_from(0x40, 20),
                        "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf5414eee58edee6a4c3c5876f911c51652e34120801"
                        "b3c4810258dff30204d471"
                        "19e71ff39d863a134ce701b814fe2941"},
                 Golden{suite_of(AesCbc, 256, HmacSha512_256), counting_from(0x40, 15),
                        "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf96f196d1779ec0fcc98e1803a5b546c576e1c7dc24"
                        "d2b266db68f9544a12e667"
                        "dab572a260e7992d102ec7b46752ad67"},
                 Golden{suite_of(AesCbc, 256, HmacSha384_192),
                        {},
                        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafbef88629b35b4ae3f843be1f6eebc8f09afaa855d1"
                        "f6db903ab21f562ceaef4f"
                        "6fdc3906312e0aed"});
    FixedRng rng;
    MessageCipher cipher = make(golden.suite);
    const auto body = cipher.seal(counting(32), golden.plaintext, rng);
    REQUIRE(body);
    CHECK(to_hex(*body) == golden.body);
    const auto opened = cipher.open(counting(32), hex(golden.body));
    REQUIRE(opened);
    CHECK(equal(opened->view(), golden.plaintext));
}

TEST_CASE("Authentic padding is skipped whatever it holds, and never reaches before the body",
          "[crypto]") {
    struct Tail {
        Bytes decrypted;               // plaintext | padding | pad length
        std::optional<Bytes> content;  // nothing: refused
    };
    const Tail tail = GENERATE(
        Tail{hex("00"), Bytes{}}, Tail{hex("aabb 00"), hex("aabb")},
        Tail{hex("aabb ff77 02"), hex("aabb")}, Tail{hex("aabb 03"), std::nullopt},
        Tail{hex("aabb 02"), Bytes{}}, Tail{hex("01"), std::nullopt}, Tail{hex("ff"), std::nullopt},
        Tail{hex("aabbccddeeff00112233445566778899aabbccddeeff001122334455667788ff"),
             std::nullopt});
    CAPTURE(to_hex(tail.decrypted));
    const Bytes header = counting(32);

    const auto aead =
        Botan::AEAD_Mode::create_or_throw("AES-128/GCM", Botan::Cipher_Dir::Encryption);
    const Bytes key = counting_from(0x20, 20);
    const Bytes iv = counting(8);
    aead->set_key(View{key}.first(16));
    aead->set_associated_data(header);
    Bytes nonce = to_bytes(View{key}.subspan(16));
    append(nonce, iv);
    aead->start(nonce);
    Botan::secure_vector<std::uint8_t> octets{tail.decrypted.begin(), tail.decrypted.end()};
    aead->finish(octets);
    Bytes body = iv;
    append(body, octets);
    const auto opened = make(kSuites[0]).open(header, body);
    CHECK(opened.has_value() == tail.content.has_value());
    if (opened && tail.content) CHECK(equal(opened->view(), *tail.content));
}

TEST_CASE("Authentic CBC padding is skipped whatever it holds, and never reaches before the body",
          "[crypto]") {
    const auto make_body = [](View decrypted) {
        const auto cbc = Botan::Cipher_Mode::create_or_throw("AES-128/CBC/NoPadding",
                                                             Botan::Cipher_Dir::Encryption);
        cbc->set_key(counting_from(0x20, 16));
        Bytes body = counting(16);
        cbc->start(body);
        Botan::secure_vector<std::uint8_t> octets{decrypted.begin(), decrypted.end()};
        cbc->finish(octets);
        append(body, octets);
        const auto mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
        mac->set_key(counting_from(0x60, 32));
        mac->update(counting(32));
        mac->update(body);
        append(body, View{mac->final()}.first(16));
        return body;
    };
    const MessageCipher cipher = make(suite_of(AesCbc, 128, HmacSha256_128));
    const auto all = cipher.open(counting(32), make_body(hex("fffefdfcfbfaf9f8f7f6f5f4f3f2f10f")));
    REQUIRE(all);
    CHECK(all->empty());
    const auto some = cipher.open(counting(32), make_body(hex("aabbccfcfbfaf9f8f7f6f5f4f3f2f10c")));
    REQUIRE(some);
    CHECK(equal(some->view(), hex("aabbcc")));
    // More than a block of padding is allowed.
    const auto long_padding = cipher.open(
        counting(32),
        make_body(hex("aa000000000000000000000000000000 0000000000000000000000000000001e")));
    REQUIRE(long_padding);
    CHECK(equal(long_padding->view(), hex("aa")));
    CHECK_FALSE(cipher.open(counting(32), make_body(hex("aabbccfcfbfaf9f8f7f6f5f4f3f2f110"))));
    CHECK_FALSE(cipher.open(counting(32), make_body(hex("aabbccfcfbfaf9f8f7f6f5f4f3f2f1ff"))));
    // Authentic, but with no ciphertext at all.
    CHECK_FALSE(cipher.open(counting(32), make_body({})));
}

TEST_CASE("Keys must have the lengths of their algorithms", "[crypto]") {
    const IkeSuite gcm = kSuites[0];
    for (const std::size_t octets :
         {std::size_t{0}, std::size_t{16}, std::size_t{19}, std::size_t{36}}) {
        const auto cipher = MessageCipher::create(gcm, Secret{counting(octets)}, Secret{});
        REQUIRE_FALSE(cipher);
        CHECK(cipher.error().code == CryptoErrorCode::Internal);
    }
    CHECK_FALSE(MessageCipher::create(gcm, Secret{counting(20)}, Secret{counting(32)}));
    CHECK_FALSE(MessageCipher::create(kSuites[4], Secret{counting(16)}, Secret{}));
    const auto refused = MessageCipher::create(suite_of(TripleDes, 0, HmacSha256_128),
                                               Secret{counting(24)}, Secret{counting(32)});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == CryptoErrorCode::UnsupportedMethod);
}
