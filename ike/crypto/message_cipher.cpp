// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/message_cipher.h"

#include <botan/aead.h>
#include <botan/cipher_mode.h>
#include <botan/mac.h>

#include <limits>
#include <string>
#include <utility>

#include "ike/crypto/guarded.h"
#include "ike/crypto/registry.h"
#include "ike/wire/writer.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kPadLengthOctets = 1;

// create() has made sure that there are rows.
const TransformRow& cipher_of(const IkeSuite& suite) {
    return *transform_row(suite.encryption, suite.key_bits);
}

std::size_t icv_octets(const IkeSuite& suite) {
    const TransformRow& cipher = cipher_of(suite);
    return (cipher.is_combined_mode() ? cipher : *transform_row(suite.integrity)).icv_bits / 8U;
}

// The least padding that fills the last block: RFC 7296 §3.14. A combined mode needs none, but a message of nothing gets
// some: the answer that proves a crash (RFC 6290 §4.2) may be no larger than what it answers.
std::size_t padding_octets(const TransformRow& cipher, std::size_t plaintext_size) {
    constexpr std::size_t kPaddingOfNothing = 8;
    if (plaintext_size == 0 && cipher.is_combined_mode()) return kPaddingOfNothing;
    const std::size_t beyond = (plaintext_size + kPadLengthOctets) % cipher.block_octets;
    return beyond == 0 ? 0 : cipher.block_octets - beyond;
}

// plaintext | padding | pad length
Botan::secure_vector<std::uint8_t> padded(const TransformRow& cipher, View plaintext) {
    const std::size_t padding = padding_octets(cipher, plaintext.size());
    Botan::secure_vector<std::uint8_t> octets;
    octets.reserve(plaintext.size() + padding + kPadLengthOctets + cipher.icv_bits / 8U);
    octets.assign(plaintext.begin(), plaintext.end());
    octets.insert(octets.end(), padding, 0);
    octets.push_back(static_cast<std::uint8_t>(padding));
    return octets;
}

// Whatever the padding holds, and however much of it there is: RFC 7296 §3.14.
std::expected<Secret, NotAuthentic> without_padding(Botan::secure_vector<std::uint8_t> octets) {
    if (octets.empty()) return std::unexpected{NotAuthentic{}};
    const std::size_t behind = kPadLengthOctets + octets.back();
    if (behind > octets.size()) return std::unexpected{NotAuthentic{}};
    octets.resize(octets.size() - behind);
    return Secret{std::move(octets)};
}

// RFC 5282 §4, RFC 7634 §2: nonce = salt | IV. The salt is the end of the keying material.
Botan::secure_vector<std::uint8_t> nonce(View salt, View iv) {
    Botan::secure_vector<std::uint8_t> octets{salt.begin(), salt.end()};
    octets.insert(octets.end(), iv.begin(), iv.end());
    return octets;
}

// RFC 7296 §3.14: over the whole message up to the ICV.
Secret cbc_icv(const IkeSuite& suite, View key, View associated_data, View iv_and_ciphertext) {
    const TransformRow& row = *transform_row(suite.integrity);
    const auto mac = Botan::MessageAuthenticationCode::create_or_throw(row.botan_name);
    mac->set_key(key);
    mac->update(associated_data);
    mac->update(iv_and_ciphertext);
    Botan::secure_vector<std::uint8_t> value = mac->final();
    value.resize(row.icv_bits / 8U);
    return Secret{std::move(value)};
}

}  // namespace

std::expected<MessageCipher, CryptoError> MessageCipher::create(const IkeSuite& suite,
                                                                const Secret& encryption_key,
                                                                const Secret& integrity_key) {
    if (!is_usable(suite))
        return std::unexpected{CryptoError{CryptoErrorCode::UnsupportedMethod,
                                           to_string(suite) + " is not implemented"}};
    const KeyLengths octets = key_lengths(suite);
    if (encryption_key.size() != octets.encryption || integrity_key.size() != octets.integrity)
        return std::unexpected{
            CryptoError{CryptoErrorCode::Internal, "a key has not the length of its algorithm"}};
    return MessageCipher{suite, encryption_key, integrity_key};
}

MessageCipher::MessageCipher(const IkeSuite& suite, const Secret& encryption_key,
                             const Secret& integrity_key)
    : suite_{suite},
      encryption_key_{encryption_key.clone()},
      integrity_key_{integrity_key.clone()} {}

std::size_t MessageCipher::sealed_size(std::size_t plaintext_size) const {
    const TransformRow& cipher = cipher_of(suite_);
    return cipher.iv_octets + plaintext_size + padding_octets(cipher, plaintext_size) +
           kPadLengthOctets + icv_octets(suite_);
}

void MessageCipher::skip_to_iv(std::uint64_t next_iv) {
    if (next_iv > next_iv_) next_iv_ = next_iv;
}

std::expected<Bytes, CryptoError> MessageCipher::seal(View associated_data, View plaintext,
                                                      Botan::RandomNumberGenerator& rng) {
    return guarded(CryptoErrorCode::Internal, [&] {
        return cipher_of(suite_).is_combined_mode() ? seal_combined(associated_data, plaintext)
                                                    : seal_cbc(associated_data, plaintext, rng);
    });
}

std::expected<Secret, NotAuthentic> MessageCipher::open(View associated_data, View body) const {
    try {
        return cipher_of(suite_).is_combined_mode() ? open_combined(associated_data, body)
                                                    : open_cbc(associated_data, body);
    } catch (const std::exception&) {
        // Botan says by an exception that the tag is wrong.
        return std::unexpected{NotAuthentic{}};
    }
}

std::expected<Bytes, CryptoError> MessageCipher::seal_combined(View associated_data,
                                                               View plaintext) {
    const TransformRow& cipher = cipher_of(suite_);
    if (next_iv_ == std::numeric_limits<std::uint64_t>::max())
        return std::unexpected{
            CryptoError{CryptoErrorCode::Internal, "every IV of this key has been used"}};
    // Counted before use: whatever fails from here on, this IV does not come again.
    Writer iv_octets;
    iv_octets.u64(next_iv_++);
    const Bytes iv = std::move(iv_octets).finish();

    const View key = encryption_key_.view();
    const auto aead =
        Botan::AEAD_Mode::create_or_throw(cipher.botan_name, Botan::Cipher_Dir::Encryption);
    aead->set_key(key.first(cipher.key_octets));
    aead->set_associated_data(associated_data);
    aead->start(nonce(key.subspan(cipher.key_octets), iv));
    Botan::secure_vector<std::uint8_t> octets = padded(cipher, plaintext);
    aead->finish(octets);

    Bytes body = iv;
    append(body, octets);
    return body;
}

std::expected<Secret, NotAuthentic> MessageCipher::open_combined(View associated_data,
                                                                 View body) const {
    const TransformRow& cipher = cipher_of(suite_);
    if (body.size() < cipher.iv_octets + kPadLengthOctets + icv_octets(suite_))
        return std::unexpected{NotAuthentic{}};
    const View iv = body.first(cipher.iv_octets);
    const View sealed = body.subspan(cipher.iv_octets);

    const View key = encryption_key_.view();
    const auto aead =
        Botan::AEAD_Mode::create_or_throw(cipher.botan_name, Botan::Cipher_Dir::Decryption);
    aead->set_key(key.first(cipher.key_octets));
    aead->set_associated_data(associated_data);
    aead->start(nonce(key.subspan(cipher.key_octets), iv));
    Botan::secure_vector<std::uint8_t> octets{sealed.begin(), sealed.end()};
    aead->finish(octets);
    return without_padding(std::move(octets));
}

std::expected<Bytes, CryptoError> MessageCipher::seal_cbc(View associated_data, View plaintext,
                                                          Botan::RandomNumberGenerator& rng) const {
    const TransformRow& cipher = cipher_of(suite_);
    // RFC 3602 §3: unpredictable, so not counted.
    Bytes body(cipher.iv_octets);
    rng.randomize(body);
    const auto cbc =
        Botan::Cipher_Mode::create_or_throw(cipher.botan_name, Botan::Cipher_Dir::Encryption);
    cbc->set_key(encryption_key_.view());
    cbc->start(body);
    Botan::secure_vector<std::uint8_t> octets = padded(cipher, plaintext);
    cbc->finish(octets);
    append(body, octets);
    append(body, cbc_icv(suite_, integrity_key_.view(), associated_data, body).view());
    return body;
}

std::expected<Secret, NotAuthentic> MessageCipher::open_cbc(View associated_data, View body) const {
    const TransformRow& cipher = cipher_of(suite_);
    const std::size_t icv_size = icv_octets(suite_);
    if (body.size() < cipher.iv_octets + cipher.block_octets + icv_size)
        return std::unexpected{NotAuthentic{}};
    const View iv_and_ciphertext = body.first(body.size() - icv_size);
    const Secret icv = cbc_icv(suite_, integrity_key_.view(), associated_data, iv_and_ciphertext);
    // Nothing of the ciphertext is looked at before this: no padding oracle.
    if (!equal_in_constant_time(icv.view(), body.last(icv_size)))
        return std::unexpected{NotAuthentic{}};
    const View ciphertext = iv_and_ciphertext.subspan(cipher.iv_octets);
    if (ciphertext.size() % cipher.block_octets != 0) return std::unexpected{NotAuthentic{}};

    const auto cbc =
        Botan::Cipher_Mode::create_or_throw(cipher.botan_name, Botan::Cipher_Dir::Decryption);
    cbc->set_key(encryption_key_.view());
    cbc->start(iv_and_ciphertext.first(cipher.iv_octets));
    Botan::secure_vector<std::uint8_t> octets{ciphertext.begin(), ciphertext.end()};
    cbc->finish(octets);
    return without_padding(std::move(octets));
}

}  // namespace xfrmd::ike
