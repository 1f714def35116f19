// SPDX-License-Identifier: Apache-2.0
// Keys as Wireshark reads them. The lab scenario "keys" has tshark read them.
#include "cli/keys/wireshark.h"

#include <netinet/in.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::keys;
using xfrm::StoredAlgorithm;

const Bytes kKey(36, 0xab);

StoredAlgorithm algorithm(const char* name, std::size_t octets, std::uint32_t icv_bits) {
    return {.name = name,
            .key_bits = static_cast<std::uint32_t>(8 * octets),
            .key = Secret{View{kKey}.first(octets)},
            .icv_bits = icv_bits};
}

xfrm::StoredSa esp_sa() {
    xfrm::StoredSa sa;
    sa.source = xfrm::Address::parse("192.0.2.1").value();
    sa.destination = xfrm::Address::parse("192.0.2.2").value();
    sa.protocol = IPPROTO_ESP;
    sa.spi = xfrm::EspSpi{0x00c0ffee};
    return sa;
}

std::string times(std::size_t count) {
    std::string text = "0x";
    for (std::size_t i = 0; i < count; ++i) text += "ab";
    return text;
}

}  // namespace

TEST_CASE("an ESP SA with a combined mode is a line, its salt the end of the key", "[keys]") {
    xfrm::StoredSa sa = esp_sa();
    sa.aead = algorithm("rfc4106(gcm(aes))", 36, 128);
    CHECK(esp_line(sa).value() == "\"IPv4\",\"*\",\"*\",\"0x00c0ffee\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"" +
                                      times(36) + "\",\"NULL\",\"\"\n");
    sa.destination = xfrm::Address::parse("2001:db8::2").value();
    CHECK(esp_line(sa).value().starts_with("\"IPv6\","));
}

TEST_CASE("an ESP SA with two algorithms is a line with two keys", "[keys]") {
    xfrm::StoredSa sa = esp_sa();
    sa.encryption = algorithm("cbc(aes)", 16, 0);
    sa.integrity = algorithm("hmac(sha256)", 32, 128);
    CHECK(esp_line(sa).value() == "\"IPv4\",\"*\",\"*\",\"0x00c0ffee\",\"AES-CBC [RFC3602]\",\"" + times(16) +
                                      "\",\"HMAC-SHA-256-128 [RFC4868]\",\"" + times(32) + "\"\n");
    sa.integrity = algorithm("xcbc(aes)", 16, 96);
    CHECK(esp_line(sa).value().ends_with("\"ANY 96 bit authentication [no checking]\",\"\"\n"));
    sa.encryption = algorithm("ecb(cipher_null)", 0, 0);
    CHECK(esp_line(sa).value().contains(",\"NULL\",\"\","));
}

TEST_CASE("what Wireshark has no word for is said, and no key with it", "[keys]") {
    xfrm::StoredSa sa = esp_sa();
    CHECK(esp_line(sa).error() == "it has no keys yet");
    sa.aead = algorithm("rfc7539esp(chacha20,poly1305)", 36, 128);
    CHECK(esp_line(sa).error() == "Wireshark has no word for rfc7539esp(chacha20,poly1305)");
    sa.protocol = IPPROTO_AH;
    CHECK(esp_line(sa).error() == "it is no ESP SA");
}

TEST_CASE("an IKE SA is a line with the keys of both directions", "[keys]") {
    IkeSaKeys sa{.initiator_spi = "0011223344556677",
                 .responder_spi = "8899aabbccddeeff",
                 .encryption = "aes256gcm16",
                 .integrity = "",
                 .ei = "e1",
                 .er = "e2",
                 .ai = "",
                 .ar = ""};
    CHECK(ike_line(sa).value() == "0011223344556677,8899aabbccddeeff,e1,e2,\"AES-GCM-256 with 16 octet ICV [RFC5282]\",,,"
                                  "\"NONE [RFC4306]\"\n");
    sa.encryption = "aes128";
    sa.integrity = "sha256";
    sa.ai = "a1";
    sa.ar = "a2";
    CHECK(ike_line(sa).value() == "0011223344556677,8899aabbccddeeff,e1,e2,\"AES-CBC-128 [RFC3602]\",a1,a2,"
                                  "\"HMAC_SHA2_256_128 [RFC4868]\"\n");
    sa.er = "e2\",\"";
    CHECK_FALSE(ike_line(sa).has_value());
    sa.er = "e2";
    sa.encryption = "chacha20poly1305";
    CHECK(ike_line(sa).error() == "Wireshark has no word for chacha20poly1305");
}
