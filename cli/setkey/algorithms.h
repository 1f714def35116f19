// SPDX-License-Identifier: Apache-2.0
// The algorithms that the language has words for, and what the kernel calls them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::setkey {

enum class AlgorithmKind : std::uint8_t {
    Cipher,        // -E
    CombinedMode,  // -E, and nothing stands behind -A
    Integrity,     // -A
    Compression,   // -C
};

// Lengths of keys: from `least` on in steps up to `most`, in octets, salt or nonce included.
struct KeyOctets {
    std::uint16_t least = 0;
    std::uint16_t most = 0;
    std::uint16_t step = 1;

    [[nodiscard]] constexpr bool allows(std::size_t octets) const {
        return octets >= least && octets <= most && (octets - least) % step == 0;
    }
};

struct AlgorithmRow {
    std::string_view word;
    AlgorithmKind kind = AlgorithmKind::Cipher;
    std::string_view kernel_name;  // empty: Linux has none for PF_KEY or XFRM
    KeyOctets key;
    std::uint16_t icv_bits = 0;       // as setkey installs it, or as the name of ours says
    std::uint16_t icv_bits_rfc = 0;   // of integrity; what IKE negotiates
    std::uint16_t icv_bits_most = 0;  // the untruncated digest
    std::string_view remark = {};     // why it is refused, or what to know about it
};

// clang-format off
inline constexpr auto kAlgorithms = std::to_array<AlgorithmRow>({
    {"des-cbc",       AlgorithmKind::Cipher, "cbc(des)", {8, 8}},
    {"3des-cbc",      AlgorithmKind::Cipher, "cbc(des3_ede)", {24, 24}},
    {"blowfish-cbc",  AlgorithmKind::Cipher, "cbc(blowfish)", {5, 56}},
    {"cast128-cbc",   AlgorithmKind::Cipher, "cbc(cast5)", {5, 16}},
    {"aes-cbc",       AlgorithmKind::Cipher, "cbc(aes)", {16, 32, 8}},
    {"rijndael-cbc",  AlgorithmKind::Cipher, "cbc(aes)", {16, 32, 8}},
    {"aes-ctr",       AlgorithmKind::Cipher, "rfc3686(ctr(aes))", {20, 36, 8}},
    {"camellia-cbc",  AlgorithmKind::Cipher, "cbc(camellia)", {16, 32, 8}},
    {"twofish-cbc",   AlgorithmKind::Cipher, "cbc(twofish)", {16, 32, 8}},
    {"null",          AlgorithmKind::Cipher, "ecb(cipher_null)", {}},
    {"simple",        AlgorithmKind::Cipher, "ecb(cipher_null)", {}, 0, 0, 0, "\"simple\" is the former name of \"null\""},
    {"des-deriv",     AlgorithmKind::Cipher, "cbc(des)", {8, 8}, 0, 0, 0, "Linux has no derived IV: this is des-cbc, as with setkey"},
    {"des-32iv",      AlgorithmKind::Cipher, "cbc(des)", {8, 8}, 0, 0, 0, "Linux has no IV of 32 bits: this is des-cbc, as with setkey"},
    {"3des-deriv",    AlgorithmKind::Cipher, "", {24, 24}, 0, 0, 0, "only setkey's manual has it"},
    {"rc5-cbc",       AlgorithmKind::Cipher, "", {5, 255}, 0, 0, 0, "no Linux kernel has it"},
    // Ours.
    {"serpent-cbc",   AlgorithmKind::Cipher, "cbc(serpent)", {16, 32, 8}},
    {"sm4-cbc",       AlgorithmKind::Cipher, "cbc(sm4)", {16, 16}},
    {"aes-gcm-8",     AlgorithmKind::CombinedMode, "rfc4106(gcm(aes))", {20, 36, 8}, 64},
    {"aes-gcm-12",    AlgorithmKind::CombinedMode, "rfc4106(gcm(aes))", {20, 36, 8}, 96},
    {"aes-gcm-16",    AlgorithmKind::CombinedMode, "rfc4106(gcm(aes))", {20, 36, 8}, 128},
    {"aes-ccm-8",     AlgorithmKind::CombinedMode, "rfc4309(ccm(aes))", {19, 35, 8}, 64},
    {"aes-ccm-12",    AlgorithmKind::CombinedMode, "rfc4309(ccm(aes))", {19, 35, 8}, 96},
    {"aes-ccm-16",    AlgorithmKind::CombinedMode, "rfc4309(ccm(aes))", {19, 35, 8}, 128},
    {"aes-gmac",      AlgorithmKind::CombinedMode, "rfc4543(gcm(aes))", {20, 36, 8}, 128},
    {"chacha20-poly1305", AlgorithmKind::CombinedMode, "rfc7539esp(chacha20,poly1305)", {36, 36}, 128},

    {"hmac-md5",      AlgorithmKind::Integrity, "hmac(md5)", {16, 16}, 96, 96, 128},
    {"hmac-sha1",     AlgorithmKind::Integrity, "hmac(sha1)", {20, 20}, 96, 96, 160},
    {"hmac-sha256",   AlgorithmKind::Integrity, "hmac(sha256)", {32, 32}, 96, 128, 256},
    {"hmac-sha2-256", AlgorithmKind::Integrity, "hmac(sha256)", {32, 32}, 96, 128, 256},
    {"hmac-sha384",   AlgorithmKind::Integrity, "hmac(sha384)", {48, 48}, 192, 192, 384},
    {"hmac-sha2-384", AlgorithmKind::Integrity, "hmac(sha384)", {48, 48}, 192, 192, 384},
    {"hmac-sha512",   AlgorithmKind::Integrity, "hmac(sha512)", {64, 64}, 256, 256, 512},
    {"hmac-sha2-512", AlgorithmKind::Integrity, "hmac(sha512)", {64, 64}, 256, 256, 512},
    {"hmac-ripemd160", AlgorithmKind::Integrity, "hmac(rmd160)", {20, 20}, 96, 96, 160},
    {"aes-xcbc-mac",  AlgorithmKind::Integrity, "xcbc(aes)", {16, 16}, 96, 96, 128},
    {"null",          AlgorithmKind::Integrity, "digest_null", {}},
    {"keyed-md5",     AlgorithmKind::Integrity, "", {16, 16}, 0, 0, 0, "it is RFC 1826's, and Linux has it not: use hmac-md5 or better"},
    {"keyed-sha1",    AlgorithmKind::Integrity, "", {20, 20}, 0, 0, 0, "it is RFC 1826's, and Linux has it not: use hmac-sha1 or better"},
    {"tcp-md5",       AlgorithmKind::Integrity, "", {1, 80}, 0, 0, 0, "Linux has TCP-MD5 as a socket option, which the BGP daemon sets itself"},
    // Ours.
    {"aes-cmac",      AlgorithmKind::Integrity, "cmac(aes)", {16, 16}, 96, 96, 128},
    {"hmac-sm3",      AlgorithmKind::Integrity, "hmac(sm3)", {32, 32}, 256, 256, 256},

    {"deflate",       AlgorithmKind::Compression, "deflate", {}},
    {"lzs",           AlgorithmKind::Compression, "lzs", {}},
    {"oui",           AlgorithmKind::Compression, "", {}, 0, 0, 0, "no Linux kernel has it"},
});
// clang-format on

// Null if -E, -A or -C, which `encryption` and so on stand for, have no such word.
[[nodiscard]] const AlgorithmRow* find_encryption(std::string_view word);
[[nodiscard]] const AlgorithmRow* find_integrity(std::string_view word);
[[nodiscard]] const AlgorithmRow* find_compression(std::string_view word);

// What may stand behind -E, -A or -C.
[[nodiscard]] std::vector<std::string> encryption_words();
[[nodiscard]] std::vector<std::string> integrity_words();
[[nodiscard]] std::vector<std::string> compression_words();

// "a key of 16, 24 or 32 octets", "a key of 5 to 56 octets", "no key"
[[nodiscard]] std::string describe(const KeyOctets& key);

}  // namespace xfrmd::setkey
