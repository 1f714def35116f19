// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/default_proposals.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "ike/crypto/registry.h"
#include "ike/policy/proposal_select.h"

using namespace xfrmd;
using namespace xfrmd::ike;

namespace {

std::vector<std::string> words_of(const Proposal& proposal) {
    std::vector<std::string> words;
    for (const Transform& transform : proposal.transforms) {
        const bool additional = is_additional_key_exchange(transform.type);
        const auto* row = transform_row(additional ? TransformType::KeyExchange : transform.type, transform.id,
                                        transform.key_length.value_or(0));
        std::string word{row == nullptr ? "none" : row->word};
        if (additional) word = "ke" + std::to_string(std::to_underlying(transform.type) - 5) + "_" + word;
        words.push_back(std::move(word));
    }
    return words;
}
std::vector<std::string> ike_words(std::string_view text) {
    return words_of(parse_proposal(ProtocolId::Ike, text).value());
}
std::vector<std::string> esp_words(std::string_view text) {
    return words_of(parse_proposal(ProtocolId::Esp, text).value());
}
std::string why_not(ProtocolId protocol, std::string_view text) {
    const auto parsed = parse_proposal(protocol, text);
    return parsed ? "accepted" : parsed.error();
}
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the defaults are whole and ordered", "[policy]") {
    const auto ike = default_ike_proposals();
    REQUIRE(ike.size() == 4);
    const Words combined{"aes256gcm16", "aes128gcm16", "chacha20poly1305", "prfsha256", "prfsha384",
                         "prfsha512",   "x25519",      "ecp256",           "ecp384",    "ecp521",
                         "modp3072",    "modp2048",    "modp4096"};
    const Words plain{"aes256",    "aes128",    "sha256",    "sha384",   "sha512",
                      "prfsha256", "prfsha384", "prfsha512", "x25519",   "ecp256",
                      "ecp384",    "ecp521",    "modp3072",  "modp2048", "modp4096"};
    const auto with_kem = [](Words words) {
        words.emplace_back("ke1_mlkem768");
        return words;
    };
    CHECK(words_of(ike[0]) == with_kem(combined));
    CHECK(words_of(ike[1]) == with_kem(plain));
    CHECK(words_of(ike[2]) == combined);
    CHECK(words_of(ike[3]) == plain);
    for (std::size_t i = 0; i < ike.size(); ++i) CHECK(ike[i].number == i + 1);
    const auto esp = default_esp_proposals();
    REQUIRE(esp.size() == 2);
    CHECK(words_of(esp[0]) == Words{"aes256gcm16", "aes128gcm16", "chacha20poly1305", "esn", "noesn"});
    CHECK(words_of(esp[1]) == Words{"aes256", "aes128", "sha256", "sha384", "sha512", "esn", "noesn"});
}

TEST_CASE("nothing that the RFCs forbid is offered", "[policy]") {
    for (const auto& proposals : {default_ike_proposals(), default_esp_proposals()})
        for (const Proposal& proposal : proposals)
            for (const Transform& transform : proposal.transforms) {
                const bool additional = is_additional_key_exchange(transform.type);
                const auto* row =
                    transform_row(additional ? TransformType::KeyExchange : transform.type,
                                  transform.id, transform.key_length.value_or(0));
                REQUIRE(row != nullptr);
                CHECK(row->implemented);
                CHECK(row->ike != Standing::MustNot);
                CHECK(row->esp != Standing::MustNot);
            }
}

TEST_CASE("a peer without additional key exchanges is served by the defaults", "[policy]") {
    const auto classical = parse_proposal(ProtocolId::Ike, "aes256gcm16-prfsha256-x25519").value();
    const auto by_us = select_proposal({classical}, default_ike_proposals());
    REQUIRE(by_us);
    CHECK(words_of(by_us->answer) == Words{"aes256gcm16", "prfsha256", "x25519"});
    const auto by_them = select_proposal(default_ike_proposals(), {classical});
    REQUIRE(by_them);
    CHECK(by_them->answer.number == 3);
    CHECK(is_subset_of_offer(by_them->answer, default_ike_proposals()));
}

TEST_CASE("two hosts with the defaults agree on the first of each", "[policy]") {
    const auto ike = select_proposal(default_ike_proposals(), default_ike_proposals());
    REQUIRE(ike.has_value());
    CHECK(words_of(ike->answer) == Words{"aes256gcm16", "prfsha256", "x25519", "ke1_mlkem768"});
    const auto esp = select_proposal(as_offer(default_esp_proposals(), {1, 2, 3, 4}), default_esp_proposals());
    REQUIRE(esp.has_value());
    CHECK(words_of(esp->answer) == Words{"aes256gcm16", "esn"});
}

TEST_CASE("words become a proposal", "[policy]") {
    CHECK(ike_words("aes128gcm16-prfsha256-x25519") == Words{"aes128gcm16", "prfsha256", "x25519"});
    CHECK(ike_words("aes256-sha256-ecp256") == Words{"aes256", "sha256", "ecp256", "prfsha256"});
    CHECK(ike_words("aes256-sha384-prfsha512-ecp256") == Words{"aes256", "sha384", "prfsha512", "ecp256"});
    CHECK(esp_words("aes128gcm16") == Words{"aes128gcm16", "esn", "noesn"});
    CHECK(esp_words("aes128-sha256-x25519-noesn") == Words{"aes128", "sha256", "x25519", "noesn"});
    CHECK(parse_proposal(ProtocolId::Esp, "chacha20poly1305").value().transforms[0].key_length == std::nullopt);
    CHECK(parse_proposal(ProtocolId::Esp, "aes192gcm16").value().transforms[0].key_length == 192);
}

TEST_CASE("additional key exchanges are numbered words", "[policy]") {
    CHECK(ike_words("aes256gcm16-prfsha256-x25519-ke1_mlkem768") ==
          Words{"aes256gcm16", "prfsha256", "x25519", "ke1_mlkem768"});
    CHECK(ike_words("aes256gcm16-prfsha256-ecp384-ke7_mlkem1024-ke7_none-ke2_x25519") ==
          Words{"aes256gcm16", "prfsha256", "ecp384", "ke7_mlkem1024", "ke7_none", "ke2_x25519"});
    CHECK(esp_words("aes256gcm16-x25519-ke1_mlkem512-esn") ==
          Words{"aes256gcm16", "x25519", "ke1_mlkem512", "esn"});
}

TEST_CASE("a word that is not taken is named, with the reason", "[policy]") {
    CHECK(why_not(ProtocolId::Ike, "aes129-sha256-x25519") == "\"aes129\" is not an algorithm that is known here");
    CHECK(why_not(ProtocolId::Ike, "des-sha256-x25519") == "\"des\" must not be used any more: RFC 8247");
    CHECK(why_not(ProtocolId::Esp, "des-sha256") == "\"des\" must not be used any more: RFC 8221");
    CHECK(why_not(ProtocolId::Esp, "3des-sha256") == "\"3des\" should not be used any more: RFC 8221");
    CHECK(why_not(ProtocolId::Ike, "aes128-sha256-modp768") == "\"modp768\" must not be used any more: RFC 8247");
    CHECK(why_not(ProtocolId::Ike, "aes128-sha256-modp6144") == "\"modp6144\" is not supported");
    CHECK(why_not(ProtocolId::Esp, "null-sha256") == "\"null\" is not supported");
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-mlkem768").contains("cannot be the only key exchange"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-mlkem768").contains("write \"ke1_mlkem768\""));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ke1_sha256").contains("not a key exchange"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ke1_").contains("not an algorithm"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ke8_mlkem768").contains("not an algorithm"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ke1_modp768").contains("RFC 8247"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-esn").contains("not for IKE"));
    CHECK(why_not(ProtocolId::Esp, "aes128gcm16-prfsha256").contains("not for ESP"));
    CHECK(why_not(ProtocolId::Ike, "").contains("no cipher"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-").contains("not an algorithm"));
    CHECK(why_not(ProtocolId::Esp, std::string(100'000, 'x')).size() < 100);
}

TEST_CASE("words that make no whole are refused", "[policy]") {
    CHECK(why_not(ProtocolId::Ike, "prfsha256-x25519").contains("no cipher"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-aes128-sha256-prfsha256-x25519").contains("mixes"));
    CHECK(why_not(ProtocolId::Esp, "aes128gcm16-sha256").contains("beside a cipher that brings its own"));
    CHECK(why_not(ProtocolId::Esp, "aes128").contains("needs an integrity algorithm"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-x25519").contains("needs a PRF"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256").contains("needs a group"));
    CHECK(why_not(ProtocolId::Esp, "aes128gcm16-aes128gcm16").contains("stands twice"));
    CHECK(why_not(ProtocolId::Esp, "aes128gcm16-ke1_mlkem768").contains("needs a group"));
    CHECK(why_not(ProtocolId::Esp, "aes128gcm16-x25519-ke1_x25519").contains("same method for two"));
    CHECK(why_not(ProtocolId::Ike, "aes128gcm16-prfsha256-x25519-ke1_mlkem768-ke2_mlkem768")
              .contains("same method for two"));
}

TEST_CASE("a configuration that demands the forbidden does not get it", "[policy]") {
    const auto with = [](std::uint16_t cipher, std::uint16_t group) {
        return Proposal{1, ProtocolId::Ike, {},
                        {{TransformType::Encryption, cipher, std::nullopt, {}},
                         {TransformType::Prf, 5, std::nullopt, {}},
                         {TransformType::Integrity, 12, std::nullopt, {}},
                         {TransformType::KeyExchange, group, std::nullopt, {}}}};
    };
    CHECK_FALSE(select_proposal({with(2, 31)}, {with(2, 31)}));    // DES
    CHECK_FALSE(select_proposal({with(3, 31)}, {with(3, 31)}));    // 3DES
    const auto aes = [](std::uint16_t group) {
        return Proposal{1, ProtocolId::Ike, {},
                        {{TransformType::Encryption, 20, 128, {}},
                         {TransformType::Prf, 5, std::nullopt, {}},
                         {TransformType::KeyExchange, group, std::nullopt, {}}}};
    };
    CHECK(select_proposal({aes(31)}, {aes(31)}));
    CHECK_FALSE(select_proposal({aes(1)}, {aes(1)}));    // MODP-768
    CHECK_FALSE(select_proposal({aes(22)}, {aes(22)}));  // MODP-1024 with a 160-bit subgroup
    CHECK_FALSE(select_proposal({aes(36)}, {aes(36)}));  // ML-KEM on its own
}
