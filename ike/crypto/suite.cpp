// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/suite.h"

#include <algorithm>
#include <span>
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

std::size_t integrity_key_octets(IntegrityId integrity) {
    const TransformRow* mac = transform_row(integrity);
    return mac == nullptr ? 0 : mac->key_octets;
}

KeyLengths lengths(EncryptionId encryption, std::uint16_t key_bits, IntegrityId integrity) {
    const TransformRow* cipher = transform_row(encryption, key_bits);
    return {.encryption =
                cipher == nullptr ? 0 : std::size_t{cipher->key_octets} + cipher->salt_octets,
            .integrity = integrity_key_octets(integrity)};
}

bool is_ah(const EspSuite& suite) {
    return suite.protocol == xfrm::IpsecProtocol::Ah;
}

bool is_protected(const EspSuite& suite) {
    return is_ah(suite) ? is_implemented_row(transform_row(suite.integrity))
                        : protects_once(suite.encryption, suite.key_bits, suite.integrity);
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

void append_methods(std::string& text, KeyExchangeMethod method,
                    const AdditionalKeyExchanges& additional) {
    if (method != KeyExchangeMethod::None)
        append_word(text, transform_row(method), std::to_underlying(method));
    for (std::size_t i = 0; i < additional.size(); ++i) {
        const TransformRow* row = transform_row(additional[i]);
        text += "-ke" + std::to_string(i + 1) + "_";
        text += row != nullptr ? std::string{row->word}
                               : std::to_string(std::to_underlying(additional[i]));
    }
}

// RFC 9370 §2.2.1: there is a first one to add to, and none is done twice.
bool are_usable(KeyExchangeMethod method, const AdditionalKeyExchanges& additional) {
    if (additional.size() > 7) return false;
    for (std::size_t i = 0; i < additional.size(); ++i) {
        const std::span others = std::span{additional}.subspan(i + 1);
        const bool repeated =
            additional[i] == method || std::ranges::contains(others, additional[i]);
        if (repeated || !is_implemented_row(transform_row(additional[i]))) return false;
    }
    return additional.empty() || method != KeyExchangeMethod::None;
}

void fill_encryption(const EspSuite& suite, View key, xfrm::SaSpec& spec) {
    const TransformRow& cipher = *transform_row(suite.encryption, suite.key_bits);
    if (cipher.is_combined_mode())
        spec.aead =
            xfrm::AeadAlgorithm{std::string{cipher.kernel_name}, Secret{key}, cipher.icv_bits};
    else
        spec.encryption = xfrm::EncryptionAlgorithm{std::string{cipher.kernel_name}, Secret{key}};
}

}  // namespace

bool is_usable(const IkeSuite& suite) {
    const TransformRow* method = transform_row(suite.method);
    return protects_once(suite.encryption, suite.key_bits, suite.integrity) &&
           is_implemented_row(transform_row(suite.prf)) && is_implemented_row(method) &&
           !method->is_kem && are_usable(suite.method, suite.additional);
}

bool is_usable(const EspSuite& suite) {
    return is_protected(suite) &&
           (suite.method == KeyExchangeMethod::None ||
            is_implemented_row(transform_row(suite.method))) &&
           are_usable(suite.method, suite.additional);
}

bool is_quantum_resistant(const IkeSuite& suite) {
    return std::ranges::any_of(suite.additional, [](KeyExchangeMethod method) {
        const TransformRow* row = transform_row(method);
        return row != nullptr && row->is_kem;
    });
}

std::string to_string(const IkeSuite& suite) {
    std::string text;
    append_protection(text, suite.encryption, suite.key_bits, suite.integrity);
    append_word(text, transform_row(suite.prf), std::to_underlying(suite.prf));
    append_methods(text, suite.method, suite.additional);
    return text;
}

std::string to_string(const EspSuite& suite) {
    std::string text;
    if (is_ah(suite))
        append_word(text, transform_row(suite.integrity), std::to_underlying(suite.integrity));
    else
        append_protection(text, suite.encryption, suite.key_bits, suite.integrity);
    append_methods(text, suite.method, suite.additional);
    if (suite.extended_sequence_numbers)
        append_word(text, transform_row(SequenceNumbersId::Extended), 1);
    return text;
}

KeyLengths key_lengths(const IkeSuite& suite) {
    return lengths(suite.encryption, suite.key_bits, suite.integrity);
}

KeyLengths key_lengths(const EspSuite& suite) {
    if (is_ah(suite)) return {.encryption = 0, .integrity = integrity_key_octets(suite.integrity)};
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
    if (!is_ah(suite)) fill_encryption(suite, encryption_key, spec);
    if (suite.integrity == IntegrityId::None) return;
    const TransformRow& mac = *transform_row(suite.integrity);
    spec.integrity =
        xfrm::IntegrityAlgorithm{std::string{mac.kernel_name}, Secret{integrity_key}, mac.icv_bits};
}

}  // namespace xfrmd::ike
