// SPDX-License-Identifier: Apache-2.0
// racoon's words for algorithms, and what xfrmd calls the same.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xfrmd::racoon {

enum class AlgorithmClass : std::uint8_t {
    Encryption,
    Authentication,
    Compression,
    Hash,
    Group,
    Method
};

// Whether it may still be used.
enum class Strength : std::uint8_t {
    Good,
    Weak,     // broken, or too short by today's measure: xfrmd does not have it
    Unknown,  // neither IKEv2 nor xfrmd has it
};

struct AlgorithmRow {
    AlgorithmClass kind = AlgorithmClass::Encryption;
    std::string_view word;
    // The word of ike/crypto/registry.h; for a cipher with a choice of key lengths without its
    // bits. Empty: there is none.
    std::string_view ours;
    Strength strength = Strength::Good;
    std::string_view reason;         // why it is not good, to stand behind its name
    std::uint16_t bits_default = 0;  // 0: no key length may be written
    std::uint16_t bits_min = 0;
    std::uint16_t bits_max = 0;
    bool in_phase1 = false;  // ciphers: allowed in a proposal
    bool in_phase2 = false;  // ciphers: allowed in a sainfo
};

[[nodiscard]] std::span<const AlgorithmRow> algorithms();
// Null if there is none of this class. Groups are found by number, too.
[[nodiscard]] const AlgorithmRow* find_algorithm(AlgorithmClass kind, std::string_view word);

// One as it was written.
struct Algorithm {
    const AlgorithmRow* row = nullptr;  // never null
    std::uint16_t bits = 0;             // of the key; 0 if the algorithm has no choice

    // "aes 256", "3des".
    [[nodiscard]] std::string to_string() const;
    // xfrmd's word with the bits, such as "aes256"; nothing if there is none that xfrmd takes.
    [[nodiscard]] std::optional<std::string> ours() const;
};

}  // namespace xfrmd::racoon
