// SPDX-License-Identifier: Apache-2.0
#include "cli/pki/key.h"

#include <botan/data_src.h>
#include <botan/pk_algs.h>
#include <botan/pk_keys.h>
#include <botan/pkcs8.h>

#include <algorithm>
#include <memory>

#include "cli/pki/seam.h"
#include "ike/auth/pem.h"
#include "netlink/model/result.h"

namespace xfrmd::cli::pki {

namespace {

// OWASP's figure of 2023 for PBKDF2-HMAC-SHA-256; about a third of a second.
constexpr std::size_t kIterations = 600'000;

ike::LoadedPrivateKey loaded(const Botan::Private_Key& key) {
    return {Secret{key.private_key_info()}, key.subject_public_key()};
}

std::string_view text_of(const Secret& secret) {
    return {static_cast<const char*>(static_cast<const void*>(secret.view().data())),
            secret.size()};
}

Secret taken(std::string text) {
    Secret secret{as_view(text)};
    wipe_text(text);
    return secret;
}

}  // namespace

std::expected<ike::LoadedPrivateKey, std::string> make_key(KeyType type,
                                                           Botan::RandomNumberGenerator& random) {
    return at_seam("make a key", [&]() -> std::expected<ike::LoadedPrivateKey, std::string> {
        const auto row = std::ranges::find(kKeyTypes, type, &KeyTypeRow::type);
        if (row == kKeyTypes.end()) return std::unexpected{std::string{"no such kind of key"}};
        const auto key = Botan::create_private_key(row->algorithm, random, row->parameters);
        if (!key) return std::unexpected{"this Botan makes no keys for " + std::string{row->word}};
        return loaded(*key);
    });
}

std::expected<Secret, std::string> to_key_file(const ike::LoadedPrivateKey& key,
                                               const Secret* passphrase,
                                               Botan::RandomNumberGenerator& random) {
    return at_seam("encode the key", [&]() -> std::expected<Secret, std::string> {
        const auto decoded = Botan::PKCS8::load_key(key.private_key.view());
        if (passphrase == nullptr) return taken(Botan::PKCS8::PEM_encode(*decoded));
        return taken(Botan::PKCS8::PEM_encode_encrypted_pbkdf_iter(
            *decoded, random, text_of(*passphrase), kIterations, "AES-256/CBC", "SHA-256"));
    });
}

bool is_encrypted_key(View file) {
    if (!ike::is_pem(file)) return false;
    const auto blocks = ike::decode_pem(file);
    return blocks && std::ranges::any_of(*blocks, [](const ike::PemBlock& block) {
               return block.encrypted || block.label == "ENCRYPTED PRIVATE KEY";
           });
}

std::expected<ike::LoadedPrivateKey, std::string> read_key(View file, const Secret* passphrase) {
    if (!is_encrypted_key(file)) return ike::load_private_key(file);
    if (passphrase == nullptr)
        return std::unexpected{std::string{"the private key needs its passphrase"}};
    const auto blocks = TRY(ike::decode_pem(file));
    const auto block = std::ranges::find(blocks, "ENCRYPTED PRIVATE KEY", &ike::PemBlock::label);
    if (block == blocks.end())
        return std::unexpected{
            std::string{"the private key is encrypted in the traditional form of openssl; convert "
                        "it with \"openssl pkcs8 -topk8\""}};
    std::unique_ptr<Botan::Private_Key> key;
    try {
        Botan::DataSource_Memory source{block->content.view()};
        key = Botan::PKCS8::load_key(source, text_of(*passphrase));
    } catch (const std::exception&) {
        return std::unexpected{
            std::string{"the passphrase is wrong, or the private key is damaged"}};
    }
    return ike::load_private_key(Secret{key->private_key_info()}.view());
}

}  // namespace xfrmd::cli::pki
