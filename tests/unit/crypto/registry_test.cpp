// SPDX-License-Identifier: Apache-2.0
#include "ike/crypto/registry.h"

#include <botan/aead.h>
#include <botan/cipher_mode.h>
#include <botan/dl_group.h>
#include <botan/ec_group.h>
#include <botan/mac.h>

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace xfrmd::ike;

TEST_CASE("A transform is found by its number and key length, and by its word", "[crypto]") {
    const TransformRow* gcm = transform_row(EncryptionId::AesGcm16, 256);
    REQUIRE(gcm != nullptr);
    CHECK(gcm->word == "aes256gcm16");
    CHECK(gcm->kernel_name == "rfc4106(gcm(aes))");
    CHECK(gcm->is_combined_mode());
    CHECK(transform_row("aes256gcm16") == gcm);
    CHECK(transform_row(PrfId::HmacSha384) == transform_row("prfsha384"));
    CHECK(transform_row(IntegrityId::HmacSha512_256)->icv_bits == 256);
    CHECK(transform_row(KeyExchangeMethod::EcpP521)->share_octets == 132);
    CHECK(transform_row(SequenceNumbersId::Extended) == transform_row("esn"));
}

TEST_CASE("A key length that the transform does not have finds nothing", "[crypto]") {
    // RFC 7296 §3.3.5: AES needs the attribute; RFC 7634 §2: ChaCha20 must not have it.
    CHECK(transform_row(EncryptionId::AesCbc, 0) == nullptr);
    CHECK(transform_row(EncryptionId::AesGcm16, 160) == nullptr);
    CHECK(transform_row(EncryptionId::ChaCha20Poly1305, 256) == nullptr);
    CHECK(transform_row(EncryptionId{1000}, 0) == nullptr);
    CHECK(transform_row("") == nullptr);
    CHECK(transform_row("aes128gcm") == nullptr);
}

TEST_CASE("What RFC 8247 and RFC 8221 forbid is known by name and refused", "[crypto]") {
    for (const char* word :
         {"des", "md5", "prfmd5", "modp768", "modp1024", "modp1536", "modp1024s160", "3des"}) {
        CAPTURE(word);
        const TransformRow* row = transform_row(word);
        REQUIRE(row != nullptr);
        CHECK_FALSE(row->implemented);
        CHECK_FALSE(is_implemented(row->type, row->id, row->key_bits));
    }
    CHECK(transform_row("des")->ike == Standing::MustNot);
    CHECK(transform_row("3des")->esp == Standing::ShouldNot);
    CHECK(transform_row("modp768")->ike == Standing::MustNot);
    CHECK(to_string(Standing::MustNot) == "MUST NOT");
}

TEST_CASE("What RFC 8247 and RFC 8221 demand is offered", "[crypto]") {
    for (const TransformRow& row : kTransforms) {
        // ENCR_NULL is for ESP without encryption, which nobody can ask us for.
        if (row.type == TransformType::Encryption && row.id == 11) continue;
        CAPTURE(row.word);
        if (row.ike == Standing::Must || row.esp == Standing::Must) CHECK(row.implemented);
    }
}

TEST_CASE("A setkey word and a key length name one transform", "[crypto]") {
    CHECK(transform_row_of_setkey(TransformType::Encryption, "aes-cbc", 24) ==
          transform_row("aes192"));
    CHECK(transform_row_of_setkey(TransformType::Encryption, "aes-gcm-16", 20) ==
          transform_row("aes128gcm16"));
    CHECK(transform_row_of_setkey(TransformType::Integrity, "hmac-sha256", 32) ==
          transform_row("sha256"));
    CHECK(transform_row_of_setkey(TransformType::Encryption, "aes-cbc", 20) == nullptr);
    CHECK(transform_row_of_setkey(TransformType::Encryption, "", 16) == nullptr);
    CHECK(transform_row_of_kernel("rfc7539esp(chacha20,poly1305)", 36) ==
          transform_row("chacha20poly1305"));
    CHECK(transform_row_of_kernel("rfc4106(gcm(aes))", 36) == transform_row("aes256gcm16"));
    CHECK(transform_row_of_kernel("", 0) == nullptr);
}

TEST_CASE("Every algorithm that we offer is in this Botan, with the lengths of the table",
          "[crypto]") {
    for (const TransformRow& row : kTransforms) {
        if (!row.implemented) continue;
        CAPTURE(row.word);
        const std::string name{row.botan_name};
        if (row.type == TransformType::Encryption) {
            const auto mode = Botan::Cipher_Mode::create(name, Botan::Cipher_Dir::Encryption);
            REQUIRE(mode != nullptr);
            CHECK(mode->valid_keylength(row.key_octets));
            CHECK(mode->tag_size() * 8 == row.icv_bits);
            CHECK(mode->valid_nonce_length(std::size_t{row.salt_octets} + row.iv_octets));
        }
        if (row.type == TransformType::Prf || row.type == TransformType::Integrity) {
            const bool is_prf = row.type == TransformType::Prf;
            const auto mac =
                Botan::MessageAuthenticationCode::create(is_prf ? "HMAC(" + name + ")" : name);
            REQUIRE(mac != nullptr);
            CHECK(mac->output_length() == row.key_octets);
            // RFC 4868 §2.1.1: truncated to half the output.
            if (!is_prf) CHECK(mac->output_length() * 4 == row.icv_bits);
        }
        if (name.starts_with("modp/"))
            CHECK(Botan::DL_Group::from_name(name).p_bytes() == row.share_octets);
        if (name.starts_with("secp"))
            CHECK(2 * Botan::EC_Group::from_name(name).get_p_bytes() == row.share_octets);
    }
}
