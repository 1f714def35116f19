// SPDX-License-Identifier: Apache-2.0
#include "cli/racoon/algorithm.h"

#include <algorithm>
#include <array>
#include <format>

namespace xfrmd::racoon {

namespace {

using enum Strength;
using Class = AlgorithmClass;

struct Bits {
    std::uint16_t preset = 0;
    std::uint16_t min = 0;
    std::uint16_t max = 0;
};
constexpr Bits kAesBits{128, 128, 256};

enum class Phases : std::uint8_t { Both, First, Second };

constexpr AlgorithmRow cipher(std::string_view word, std::string_view ours, Strength strength,
                              std::string_view reason, Bits bits, Phases phases) {
    return {.kind = Class::Encryption,
            .word = word,
            .ours = ours,
            .strength = strength,
            .reason = reason,
            .bits_default = bits.preset,
            .bits_min = bits.min,
            .bits_max = bits.max,
            .in_phase1 = phases != Phases::Second,
            .in_phase2 = phases != Phases::First};
}

constexpr AlgorithmRow plain(Class kind, std::string_view word, std::string_view ours,
                             Strength strength = Good, std::string_view reason = {}) {
    return {.kind = kind, .word = word, .ours = ours, .strength = strength, .reason = reason};
}

constexpr std::string_view kShortKey = "keys of 56 bits are found by trying";
constexpr std::string_view kShortBlock =
    "blocks of 64 bits leak data after some gigabytes (Sweet32)";
constexpr std::string_view kGone = "IKEv2 has no such thing";
constexpr std::string_view kMd5 = "MD5 is broken";
constexpr std::string_view kSha1 = "SHA-1 is broken, and RFC 8247 and RFC 8221 phase it out";
constexpr std::string_view kSmallGroup = "the numbers are so small that logarithms can be computed";

// clang-format off
constexpr auto kAlgorithms = std::to_array<AlgorithmRow>({
    cipher("aes",      "aes", Good, {}, kAesBits, Phases::Both),
    cipher("rijndael", "aes", Good, {}, kAesBits, Phases::Both),
    cipher("3des",     "", Weak, kShortBlock, {}, Phases::Both),
    cipher("des",      "", Weak, kShortKey, {}, Phases::Both),
    cipher("des_iv64", "", Weak, kShortKey, {}, Phases::Second),
    cipher("des_iv32", "", Weak, kShortKey, {}, Phases::Second),
    cipher("blowfish", "", Weak, kShortBlock, {448, 40, 448}, Phases::Both),
    cipher("cast128",  "", Weak, kShortBlock, {128, 40, 128}, Phases::Both),
    cipher("rc5",      "", Weak, kShortBlock, {128, 40, 2040}, Phases::Both),
    cipher("idea",     "", Weak, kShortBlock, {}, Phases::Both),
    cipher("3idea",    "", Unknown, kGone, {}, Phases::Second),
    cipher("rc4",      "", Unknown, kGone, {}, Phases::Second),
    cipher("null_enc", "", Weak, "it does not encrypt", {}, Phases::Second),
    cipher("null",     "", Weak, "it does not encrypt", {}, Phases::Second),
    cipher("camellia", "", Unknown, "xfrmd does not have it", kAesBits, Phases::Both),
    cipher("twofish",  "", Unknown, kGone, kAesBits, Phases::Second),

    plain(Class::Authentication, "hmac_md5",      "", Weak, kMd5),
    plain(Class::Authentication, "hmac_sha1",     "", Weak, kSha1),
    plain(Class::Authentication, "hmac_sha256",   "sha256"),
    plain(Class::Authentication, "hmac_sha2_256", "sha256"),
    plain(Class::Authentication, "hmac_sha384",   "sha384"),
    plain(Class::Authentication, "hmac_sha2_384", "sha384"),
    plain(Class::Authentication, "hmac_sha512",   "sha512"),
    plain(Class::Authentication, "hmac_sha2_512", "sha512"),
    plain(Class::Authentication, "des_mac",       "", Unknown, kGone),
    plain(Class::Authentication, "kpdk",          "", Unknown, kGone),
    plain(Class::Authentication, "non_auth",      "", Weak, "nothing would notice altered packets"),

    plain(Class::Compression, "deflate", "deflate"),
    plain(Class::Compression, "none",    ""),
    plain(Class::Compression, "lzs",     "", Unknown, "Linux does not have it"),
    plain(Class::Compression, "oui",     "", Unknown, "it is no algorithm"),

    plain(Class::Hash, "md5",      "", Weak, kMd5),
    plain(Class::Hash, "sha1",     "", Weak, kSha1),
    plain(Class::Hash, "sha256",   "sha256"),
    plain(Class::Hash, "sha2_256", "sha256"),
    plain(Class::Hash, "sha384",   "sha384"),
    plain(Class::Hash, "sha2_384", "sha384"),
    plain(Class::Hash, "sha512",   "sha512"),
    plain(Class::Hash, "sha2_512", "sha512"),
    plain(Class::Hash, "tiger",    "", Unknown, kGone),

    plain(Class::Group, "modp768",  "", Weak, kSmallGroup),
    plain(Class::Group, "modp1024", "", Weak, kSmallGroup),
    plain(Class::Group, "modp1536", "", Weak, "the numbers are too small (RFC 8247)"),
    plain(Class::Group, "ec2n155",  "", Unknown, kGone),
    plain(Class::Group, "ec2n185",  "", Unknown, kGone),
    plain(Class::Group, "modp2048", "modp2048"),
    plain(Class::Group, "modp3072", "modp3072"),
    plain(Class::Group, "modp4096", "modp4096"),
    plain(Class::Group, "modp6144", "", Unknown, "xfrmd does not have it; modp4096 or x25519 will do"),
    plain(Class::Group, "modp8192", "", Unknown, "xfrmd does not have it; modp4096 or x25519 will do"),

    plain(Class::Method, "pre_shared_key",    "psk"),
    plain(Class::Method, "rsasig",            "cert"),
    plain(Class::Method, "dsssig",            "", Weak, "DSS signatures are not accepted any more"),
    plain(Class::Method, "rsaenc",            "", Unknown, kGone),
    plain(Class::Method, "rsarev",            "", Unknown, kGone),
    plain(Class::Method, "gssapi_krb",        "", Unknown, kGone),
    plain(Class::Method, "hybrid_rsa_server", "", Unknown, kGone),
    plain(Class::Method, "hybrid_rsa_client", "", Unknown, kGone),
    plain(Class::Method, "hybrid_dss_server", "", Unknown, kGone),
    plain(Class::Method, "hybrid_dss_client", "", Unknown, kGone),
    plain(Class::Method, "xauth_psk_server",  "", Unknown, kGone),
    plain(Class::Method, "xauth_psk_client",  "", Unknown, kGone),
    plain(Class::Method, "xauth_rsa_server",  "", Unknown, kGone),
    plain(Class::Method, "xauth_rsa_client",  "", Unknown, kGone),
});
// clang-format on

// By the numbers of RFC 2409 and RFC 3526.
struct GroupNumber {
    std::string_view number;
    std::string_view word;
};
constexpr auto kGroupNumbers = std::to_array<GroupNumber>({
    {"1", "modp768"},
    {"2", "modp1024"},
    {"3", "ec2n155"},
    {"4", "ec2n185"},
    {"5", "modp1536"},
    {"14", "modp2048"},
    {"15", "modp3072"},
    {"16", "modp4096"},
    {"17", "modp6144"},
    {"18", "modp8192"},
});

}  // namespace

std::span<const AlgorithmRow> algorithms() {
    return kAlgorithms;
}

const AlgorithmRow* find_algorithm(AlgorithmClass kind, std::string_view word) {
    if (kind == AlgorithmClass::Group) {
        const auto* const number = std::ranges::find(kGroupNumbers, word, &GroupNumber::number);
        if (number != kGroupNumbers.end()) word = number->word;
    }
    const auto* const found = std::ranges::find_if(
        kAlgorithms, [&](const AlgorithmRow& row) { return row.kind == kind && row.word == word; });
    return found == kAlgorithms.end() ? nullptr : found;
}

std::string Algorithm::to_string() const {
    return bits == 0 ? std::string{row->word} : std::format("{} {}", row->word, bits);
}

std::optional<std::string> Algorithm::ours() const {
    if (row->strength != Strength::Good || row->ours.empty()) return std::nullopt;
    std::string word{row->ours};
    if (row->kind == AlgorithmClass::Encryption) word += std::to_string(bits);
    return word;
}

}  // namespace xfrmd::racoon
