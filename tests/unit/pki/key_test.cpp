// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/key.h"

#include <catch2/catch_test_macros.hpp>

#include "fixture.h"

namespace {

using namespace xfrmd;
using namespace xfrmd::cli::pki;
using cli::pki::test::chance;
using cli::pki::test::key;

Secret secret(std::string_view text) {
    return Secret{as_view(text)};
}

std::string text_of(const Secret& secret) {
    return {secret.view().begin(), secret.view().end()};
}

}  // namespace

TEST_CASE("every kind of key is made, written, and read again", "[pki]") {
    for (const KeyTypeRow& row : kKeyTypes) {
        if (row.type == KeyType::Rsa4096) continue;  // like the one before, only slower to make
        INFO(row.word);
        const ike::LoadedPrivateKey made = key(row.type);
        const auto file = to_key_file(made, nullptr, chance());
        REQUIRE(file.has_value());
        CHECK(text_of(*file).starts_with("-----BEGIN PRIVATE KEY-----\n"));
        CHECK_FALSE(is_encrypted_key(file->view()));
        const auto read = read_key(file->view(), nullptr);
        REQUIRE(read.has_value());
        CHECK(equal_in_constant_time(read->private_key.view(), made.private_key.view()));
        CHECK(read->public_key_info == made.public_key_info);
    }
}

TEST_CASE("an encrypted key opens with its passphrase alone", "[pki]") {
    const ike::LoadedPrivateKey made = key();
    const Secret passphrase = secret("correct horse");
    const auto file = to_key_file(made, &passphrase, chance());
    REQUIRE(file.has_value());
    CHECK(text_of(*file).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    CHECK(is_encrypted_key(file->view()));
    const auto read = read_key(file->view(), &passphrase);
    REQUIRE(read.has_value());
    CHECK(equal_in_constant_time(read->private_key.view(), made.private_key.view()));

    const Secret wrong = secret("correct horsf");
    CHECK(read_key(file->view(), &wrong).error() ==
          "the passphrase is wrong, or the private key is damaged");
    CHECK(read_key(file->view(), nullptr).error() == "the private key needs its passphrase");
}

TEST_CASE("two keys are never the same", "[pki]") {
    CHECK(key().public_key_info != key().public_key_info);
}

TEST_CASE("what is no key is told so", "[pki]") {
    for (const std::string_view text :
         {"", "nonsense", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"}) {
        INFO(text);
        const Secret passphrase = secret("x");
        const auto read = read_key(as_view(text), &passphrase);
        REQUIRE_FALSE(read.has_value());
        CHECK_FALSE(read.error().empty());
    }
}
