// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/suite.h"

#include <utility>

#include "ike/crypto/registry.h"

namespace xfrmd::ike {

namespace {

bool is_implemented_row(const TransformRow* row) {
    return row != nullptr && row->implemented;
}

// RFC 7296 §3.3.3: a combined mode goes without an integrity transform, any other cipher with one.
bool protects_once(EncryptionId encryption, std::uint16_t key_bits, IntegrityId integrity) {
    const TransformRow* cipher = transform_row(encryption, key_bits);
    if (!is_implemented_row(cipher)) return false;
    if (cipher->is_combined_mode()) return integrity == IntegrityId::None;
    return is_implemented_row(transform_row(integrity));
}

KeyLengths lengths(EncryptionId encryption, std::uint16_t key_bits, IntegrityId integrity) {
    const TransformRow* cipher = transform_row(encryption, key_bits);
    const TransformRow* mac = transform_row(integrity);
    KeyLengths octets;
    if (cipher != nullptr)
        octets.encryption = std::size_t{cipher->key_octets} + cipher->salt_octets;
    if (mac != nullptr) octets.integrity = mac->key_octets;
    return octets;
}

void append_word(std::string& text, const TransformRow* row, unsigned number) {
    if (!text.empty()) text += '-';
    text += row != nullptr ? std::string{row->word} : std::to_string(number);
}

void append_protection(std::string& text, EncryptionId encryption, std::uint16_t key_bits,
                       IntegrityId integrity) {
    append_word(text, transform_row(encryption, key_bits), std::to_underlying(encryption));
    if (integrity != IntegrityId::None)
        append_word(text, transform_row(integrity), std::to_underlying(integrity));
}

void append_method(std::string& text, KeyExchangeMethod method) {
    if (method != KeyExchangeMethod::None)
        append_word(text, transform_row(method), std::to_underlying(method));
}

}  // namespace

bool is_usable(const IkeSuite& suite) {
    const TransformRow* method = transform_row(suite.method);
    return protects_once(suite.encryption, suite.key_bits, suite.integrity) &&
           is_implemented_row(transform_row(suite.prf)) && is_implemented_row(method) &&
           !method->is_kem;
}

bool is_usable(const EspSuite& suite) {
    return protects_once(suite.encryption, suite.key_bits, suite.integrity) &&
           (suite.method == KeyExchangeMethod::None ||
            is_implemented_row(transform_row(suite.method)));
}

std::string to_string(const IkeSuite& suite) {
    std::string text;
    append_protection(text, suite.encryption, suite.key_bits, suite.integrity);
    append_word(text, transform_row(suite.prf), std::to_underlying(suite.prf));
    append_method(text, suite.method);
    return text;
}

std::string to_string(const EspSuite& suite) {
    std::string text;
    append_protection(text, suite.encryption, suite.key_bits, suite.integrity);
    append_method(text, suite.method);
    if (suite.extended_sequence_numbers)
        append_word(text, transform_row(SequenceNumbersId::Extended), 1);
    return text;
}

KeyLengths key_lengths(const IkeSuite& suite) {
    return lengths(suite.encryption, suite.key_bits, suite.integrity);
}

KeyLengths key_lengths(const EspSuite& suite) {
    return lengths(suite.encryption, suite.key_bits, suite.integrity);
}

void fill_algorithms(const EspSuite& suite, View encryption_key, View integrity_key,
                     xfrm::SaSpec& spec) {
    spec.aead.reset();
    spec.encryption.reset();
    spec.integrity.reset();
    const KeyLengths expected = key_lengths(suite);
    if (!is_usable(suite) || encryption_key.size() != expected.encryption ||
        integrity_key.size() != expected.integrity)
        return;
    const TransformRow& cipher = *transform_row(suite.encryption, suite.key_bits);
    if (cipher.is_combined_mode()) {
        spec.aead = xfrm::AeadAlgorithm{std::string{cipher.kernel_name}, Secret{encryption_key},
                                        cipher.icv_bits};
        return;
    }
    const TransformRow& mac = *transform_row(suite.integrity);
    spec.encryption =
        xfrm::EncryptionAlgorithm{std::string{cipher.kernel_name}, Secret{encryption_key}};
    spec.integrity =
        xfrm::IntegrityAlgorithm{std::string{mac.kernel_name}, Secret{integrity_key}, mac.icv_bits};
}

}  // namespace xfrmd::ike
