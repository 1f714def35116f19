// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/default_proposals.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <utility>

#include "ike/crypto/registry.h"
#include "ike/policy/proposal_select.h"
#include "netlink/model/result.h"

namespace xfrmd::ike {

namespace {

constexpr std::size_t kWordsMax = 32;
constexpr std::size_t kShownMax = 32;

std::string quoted(std::string_view word) { return "\"" + std::string{word.substr(0, kShownMax)} + "\""; }

std::unexpected<std::string> refuse(std::string sentence) { return std::unexpected{std::move(sentence)}; }

Transform transform_of(const TransformRow& row) {
    return {.type = row.type,
            .id = row.id,
            .key_length = row.key_bits == 0 ? std::nullopt : std::optional{row.key_bits},
            .unknown_attributes = {}};
}

// Why a known word is not taken, by the RFC that speaks of it.
std::string why_refused(const TransformRow& row, ProtocolId protocol) {
    const bool ike = protocol == ProtocolId::Ike;
    const Standing standing = ike ? row.ike : row.esp;
    const std::string rfc = ike ? "RFC 8247" : "RFC 8221";
    const std::string word = quoted(row.word);
    if (standing == Standing::MustNot) return word + " must not be used any more: " + rfc;
    if (standing == Standing::ShouldNot) return word + " should not be used any more: " + rfc;
    return word + " is not supported";
}

// "ke1_mlkem768" to "ke7_none": an additional key exchange, in the spelling that strongSwan's users
// know.
bool names_additional_key_exchange(std::string_view word) {
    return word.size() > 4 && word.starts_with("ke") && word[2] >= '1' && word[2] <= '7' &&
           word[3] == '_';
}

std::expected<Transform, std::string> additional_key_exchange_of_word(std::string_view word) {
    const auto first = std::to_underlying(TransformType::AdditionalKeyExchange1);
    Transform transform{.type = TransformType{static_cast<std::uint8_t>(first + (word[2] - '1'))},
                        .id = 0,
                        .key_length = std::nullopt,
                        .unknown_attributes = {}};
    const std::string_view method = word.substr(4);
    if (method == "none") return transform;
    const TransformRow* row = transform_row(method);
    if (row == nullptr || row->type != TransformType::KeyExchange)
        return refuse(quoted(word) + " is not a key exchange that is known here");
    if (!row->implemented) return refuse(why_refused(*row, ProtocolId::Ike));
    transform.id = row->id;
    return transform;
}

std::expected<Transform, std::string> transform_of_word(ProtocolId protocol, std::string_view word) {
    if (names_additional_key_exchange(word)) return additional_key_exchange_of_word(word);
    const bool ike = protocol == ProtocolId::Ike;
    const TransformRow* row = transform_row(word);
    if (row == nullptr) return refuse(quoted(word) + " is not an algorithm that is known here");
    if (row->is_kem)
        return refuse(quoted(word) + " cannot be the only key exchange (RFC 9370); write \"ke1_" +
                      std::string{word} + "\" beside another one");
    if (!row->implemented) return refuse(why_refused(*row, protocol));
    if (ike && row->type == TransformType::SequenceNumbers)
        return refuse(quoted(word) + " is for ESP proposals, not for IKE");
    if (protocol == ProtocolId::Ah && row->type == TransformType::Encryption)
        return refuse(quoted(word) + " is a cipher, and AH does not encrypt");
    if (!ike && row->type == TransformType::Prf)
        return refuse(quoted(word) + " is for IKE proposals, not for " +
                      (protocol == ProtocolId::Ah ? "AH" : "ESP"));
    return transform_of(*row);
}

bool has(const Proposal& proposal, TransformType type) {
    return std::ranges::contains(proposal.transforms, type, &Transform::type);
}

constexpr std::optional<PrfId> prf_with_same_hash(IntegrityId integrity) {
    switch (integrity) {
        case IntegrityId::HmacSha256_128: return PrfId::HmacSha256;
        case IntegrityId::HmacSha384_192: return PrfId::HmacSha384;
        case IntegrityId::HmacSha512_256: return PrfId::HmacSha512;
        case IntegrityId::None:
        case IntegrityId::HmacMd5_96:
        case IntegrityId::HmacSha1_96:
        case IntegrityId::AesXcbc96:
        case IntegrityId::AesCmac96: break;
    }
    return std::nullopt;
}

void add_implied(Proposal& proposal) {
    if (proposal.protocol == ProtocolId::Ike && !has(proposal, TransformType::Prf)) {
        const auto named = proposal.transforms;
        for (const Transform& transform : named) {
            if (transform.type != TransformType::Integrity) continue;
            if (const auto prf = prf_with_same_hash(IntegrityId{transform.id}))
                proposal.transforms.push_back(
                    {TransformType::Prf, std::to_underlying(*prf), std::nullopt, {}});
        }
    }
    if (proposal.protocol != ProtocolId::Ike && !has(proposal, TransformType::SequenceNumbers))
        for (const auto numbers : {SequenceNumbersId::Extended, SequenceNumbersId::ThirtyTwoBit})
            proposal.transforms.push_back(
                {TransformType::SequenceNumbers, std::to_underlying(numbers), std::nullopt, {}});
}

// RFC 7296 §3.3.3: what makes a whole of the words.
std::expected<void, std::string> check_whole(const Proposal& proposal, std::string_view text) {
    if (proposal.protocol == ProtocolId::Ah) {
        if (!has(proposal, TransformType::Integrity))
            return refuse(quoted(text) + " names no integrity algorithm, for instance sha256");
        return {};
    }
    std::size_t combined = 0;
    std::size_t plain = 0;
    for (const Transform& transform : proposal.transforms) {
        if (transform.type != TransformType::Encryption) continue;
        const TransformRow* row = transform_row(transform.type, transform.id, transform.key_length.value_or(0));
        ++(row != nullptr && row->is_combined_mode() ? combined : plain);
    }
    const std::string name = quoted(text);
    if (combined + plain == 0) return refuse(name + " names no cipher");
    if (combined != 0 && plain != 0)
        return refuse(name + " mixes ciphers with and without integrity of their own; write two proposals");
    if (combined != 0 && has(proposal, TransformType::Integrity))
        return refuse(name + " names an integrity algorithm beside a cipher that brings its own");
    if (plain != 0 && !has(proposal, TransformType::Integrity))
        return refuse(name + " needs an integrity algorithm, for instance sha256");
    const bool adds = std::ranges::any_of(proposal.transforms, is_additional_key_exchange,
                                          &Transform::type);
    const bool ike = proposal.protocol == ProtocolId::Ike;
    if (ike && !has(proposal, TransformType::Prf))
        return refuse(name + " needs a PRF, for instance prfsha256");
    if ((ike || adds) && !has(proposal, TransformType::KeyExchange))
        return refuse(name + " needs a group, for instance x25519");
    if (adds && !select_proposal({proposal}, {proposal}))
        return refuse(name + " has the same method for two key exchanges: RFC 9370");
    return {};
}

// Our own words: known, implemented, and a whole. A test parses each.
std::vector<Proposal> parse_all(ProtocolId protocol, std::initializer_list<std::string_view> texts) {
    std::vector<Proposal> proposals;
    for (const std::string_view text : texts)
        if (auto proposal = parse_proposal(protocol, text)) proposals.push_back(*std::move(proposal));
    for (std::size_t i = 0; i < proposals.size(); ++i)
        proposals[i].number = static_cast<std::uint8_t>(i + 1);
    return proposals;
}

}  // namespace

std::vector<Proposal> default_ike_proposals() {
    // RFC 7296 §3.3.6: who does not know transform type 6 passes over the proposals that have it,
    // NONE or not. So they stand twice.
    return parse_all(ProtocolId::Ike,
                     {"aes256gcm16-aes128gcm16-chacha20poly1305-prfsha256-prfsha384-prfsha512-"
                      "x25519-ecp256-ecp384-ecp521-modp3072-modp2048-modp4096-ke1_mlkem768",
                      "aes256-aes128-sha256-sha384-sha512-prfsha256-prfsha384-prfsha512-"
                      "x25519-ecp256-ecp384-ecp521-modp3072-modp2048-modp4096-ke1_mlkem768",
                      "aes256gcm16-aes128gcm16-chacha20poly1305-prfsha256-prfsha384-prfsha512-"
                      "x25519-ecp256-ecp384-ecp521-modp3072-modp2048-modp4096",
                      "aes256-aes128-sha256-sha384-sha512-prfsha256-prfsha384-prfsha512-"
                      "x25519-ecp256-ecp384-ecp521-modp3072-modp2048-modp4096"});
}

std::vector<Proposal> default_esp_proposals() {
    return parse_all(ProtocolId::Esp, {"aes256gcm16-aes128gcm16-chacha20poly1305-esn-noesn",
                                       "aes256-aes128-sha256-sha384-sha512-esn-noesn"});
}

std::vector<Proposal> default_ah_proposals() {
    return parse_all(ProtocolId::Ah, {"sha256-sha384-sha512-esn-noesn"});
}

std::expected<Proposal, std::string> parse_proposal(ProtocolId protocol, std::string_view text) {
    Proposal proposal{.number = 1, .protocol = protocol, .spi = {}, .transforms = {}};
    for (const auto part : std::views::split(text, '-')) {
        const std::string_view word{part.begin(), part.end()};
        Transform transform = TRY(transform_of_word(protocol, word));
        if (std::ranges::contains(proposal.transforms, transform))
            return refuse(quoted(word) + " stands twice in " + quoted(text));
        if (proposal.transforms.size() == kWordsMax)
            return refuse(quoted(text) + " has more than " + std::to_string(kWordsMax) + " words");
        proposal.transforms.push_back(std::move(transform));
    }
    add_implied(proposal);
    TRY_VOID(check_whole(proposal, text));
    return proposal;
}

}  // namespace xfrmd::ike
