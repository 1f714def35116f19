// SPDX-License-Identifier: Apache-2.0
#include "cli/keys/wireshark.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <optional>
#include <string_view>

namespace xfrmd::cli::keys {

using namespace xfrm;

namespace {

// An algorithm by the kernel's name, and the length of its check value if that is a part of it.
struct Word {
    std::string_view ours;
    std::uint32_t icv_bits;
    std::string_view wireshark;
};

// ChaCha20-Poly1305 and CCM are not in the table of Wireshark 4.4.
constexpr auto kEspCiphers = std::to_array<Word>({
    {"ecb(cipher_null)", 0, "NULL"},
    {"cbc(aes)", 0, "AES-CBC [RFC3602]"},
    {"rfc3686(ctr(aes))", 0, "AES-CTR [RFC3686]"},
    {"cbc(des3_ede)", 0, "TripleDES-CBC [RFC2451]"},
    {"rfc4106(gcm(aes))", 64, "AES-GCM with 8 octet ICV [RFC4106]"},
    {"rfc4106(gcm(aes))", 96, "AES-GCM with 12 octet ICV [RFC4106]"},
    {"rfc4106(gcm(aes))", 128, "AES-GCM with 16 octet ICV [RFC4106]"},
});

constexpr auto kEspMacs = std::to_array<Word>({
    {"hmac(sha1)", 96, "HMAC-SHA-1-96 [RFC2404]"},
    {"hmac(sha256)", 96, "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]"},
    {"hmac(sha256)", 128, "HMAC-SHA-256-128 [RFC4868]"},
    {"hmac(sha384)", 192, "HMAC-SHA-384-192 [RFC4868]"},
    {"hmac(sha512)", 256, "HMAC-SHA-512-256 [RFC4868]"},
    {"hmac(md5)", 96, "HMAC-MD5-96 [RFC2403]"},
});

// By the words of the configuration.
struct IkeWord {
    std::string_view ours;
    std::string_view wireshark;
};

constexpr auto kIkeCiphers = std::to_array<IkeWord>({
    {"aes128", "AES-CBC-128 [RFC3602]"},
    {"aes192", "AES-CBC-192 [RFC3602]"},
    {"aes256", "AES-CBC-256 [RFC3602]"},
    {"aes128gcm16", "AES-GCM-128 with 16 octet ICV [RFC5282]"},
    {"aes192gcm16", "AES-GCM-192 with 16 octet ICV [RFC5282]"},
    {"aes256gcm16", "AES-GCM-256 with 16 octet ICV [RFC5282]"},
});

constexpr auto kIkeMacs = std::to_array<IkeWord>({
    {"", "NONE [RFC4306]"},
    {"sha256", "HMAC_SHA2_256_128 [RFC4868]"},
    {"sha384", "HMAC_SHA2_384_192 [RFC4868]"},
    {"sha512", "HMAC_SHA2_512_256 [RFC4868]"},
});

template <std::size_t Size>
const IkeWord* word_of(const std::array<IkeWord, Size>& table, std::string_view ours) {
    const auto found = std::ranges::find(table, ours, &IkeWord::ours);
    return found == table.end() ? nullptr : &*found;
}

template <std::size_t Size>
std::optional<std::string_view> word_of(const std::array<Word, Size>& table, std::string_view ours, std::uint32_t icv_bits) {
    const auto found = std::ranges::find_if(
        table, [&](const Word& word) { return word.ours == ours && word.icv_bits == icv_bits; });
    if (found == table.end()) return std::nullopt;
    return found->wireshark;
}

std::unexpected<std::string> no_word_for(std::string_view algorithm) {
    return std::unexpected{std::format("Wireshark has no word for {}", algorithm)};
}

// How a check value is named that Wireshark cannot compute: by its length, so that it finds the end of the packet.
std::expected<std::string, std::string> unchecked(std::uint32_t icv_bits) {
    constexpr auto kLengths = std::to_array<std::uint32_t>({64, 96, 128, 192, 256});
    if (std::ranges::find(kLengths, icv_bits) == kLengths.end())
        return no_word_for(std::format("a check value of {} bits", icv_bits));
    return std::format("ANY {} bit authentication [no checking]", icv_bits);
}

// The quoted name, and the quoted key, of what checks the packets.
std::expected<std::string, std::string> check_columns(const StoredSa& sa) {
    if (!sa.integrity) return std::string{"\"NULL\",\"\""};   // a combined mode, or nothing at all
    if (const auto known = word_of(kEspMacs, sa.integrity->name, sa.integrity->icv_bits))
        return std::format("\"{}\",\"0x{}\"", *known, to_hex(sa.integrity->key.view()));
    const auto name = unchecked(sa.integrity->icv_bits);
    if (!name) return std::unexpected{name.error()};
    return std::format("\"{}\",\"\"", *name);
}

}  // namespace

std::expected<std::string, std::string> esp_line(const StoredSa& sa) {
    if (sa.protocol != IPPROTO_ESP) return std::unexpected{std::string{"it is no ESP SA"}};
    const std::optional<StoredAlgorithm>& cipher = sa.aead ? sa.aead : sa.encryption;
    if (!cipher) return std::unexpected{std::string{"it has no keys yet"}};
    const auto name = word_of(kEspCiphers, cipher->name, sa.aead ? cipher->icv_bits : 0);
    if (!name) return no_word_for(cipher->name);
    const auto check = check_columns(sa);
    if (!check) return std::unexpected{check.error()};
    const std::string key = cipher->key.empty() ? "" : "0x" + to_hex(cipher->key.view());
    return std::format("\"{}\",\"*\",\"*\",\"{:#010x}\",\"{}\",\"{}\",{}\n", sa.destination.is_v4() ? "IPv4" : "IPv6",
                       sa.spi.value, *name, key, *check);
}

std::expected<std::string, std::string> ike_line(const IkeSaKeys& sa) {
    const IkeWord* const cipher = word_of(kIkeCiphers, sa.encryption);
    if (cipher == nullptr) return no_word_for(sa.encryption);
    const IkeWord* const mac = word_of(kIkeMacs, sa.integrity);
    if (mac == nullptr) return no_word_for(sa.integrity);
    for (const std::string* digits : {&sa.initiator_spi, &sa.responder_spi, &sa.ei, &sa.er, &sa.ai, &sa.ar})
        if (digits->find_first_not_of("0123456789abcdef") != std::string::npos)
            return std::unexpected{std::string{"its keys are no hexadecimal digits"}};
    return std::format("{},{},{},{},\"{}\",{},{},\"{}\"\n", sa.initiator_spi, sa.responder_spi, sa.ei, sa.er,
                       cipher->wireshark, sa.ai, sa.ar, mac->wireshark);
}

}  // namespace xfrmd::cli::keys
