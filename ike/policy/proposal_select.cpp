// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/proposal_select.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "ike/crypto/registry.h"

namespace xfrmd::ike {

namespace {

// What a protocol's proposals consist of. RFC 7296 §3.3.3, RFC 9370 §2.2.1.
enum class Presence : std::uint8_t { Forbidden, Optional, Required };

struct TypeRule {
    TransformType type;
    Presence ike;
    Presence esp;
    Presence ah;
};

using enum Presence;
constexpr auto kTypeRules = std::to_array<TypeRule>({
    {TransformType::Encryption, Required, Required, Forbidden},
    {TransformType::Prf, Required, Forbidden, Forbidden},
    {TransformType::Integrity, Optional, Optional, Required},
    {TransformType::KeyExchange, Required, Optional, Optional},
    {TransformType::SequenceNumbers, Forbidden, Required, Required},
    {TransformType::AdditionalKeyExchange1, Optional, Optional, Optional},
    {TransformType::AdditionalKeyExchange2, Optional, Optional, Optional},
    {TransformType::AdditionalKeyExchange3, Optional, Optional, Optional},
    {TransformType::AdditionalKeyExchange4, Optional, Optional, Optional},
    {TransformType::AdditionalKeyExchange5, Optional, Optional, Optional},
    {TransformType::AdditionalKeyExchange6, Optional, Optional, Optional},
    {TransformType::AdditionalKeyExchange7, Optional, Optional, Optional},
});

Presence presence(const TypeRule& rule, ProtocolId protocol) {
    switch (protocol) {
        case ProtocolId::Ike: return rule.ike;
        case ProtocolId::Esp: return rule.esp;
        case ProtocolId::Ah: return rule.ah;
        case ProtocolId::None: break;
    }
    return Forbidden;
}

std::vector<const Transform*> of_type(const Proposal& proposal, TransformType type) {
    std::vector<const Transform*> found;
    for (const Transform& transform : proposal.transforms)
        if (transform.type == type) found.push_back(&transform);
    return found;
}

// Every type is known and belongs to the protocol, and none that it needs is missing.
bool has_sound_types(const Proposal& proposal) {
    for (const Transform& transform : proposal.transforms) {
        const auto rule = std::ranges::find(kTypeRules, transform.type, &TypeRule::type);
        if (rule == kTypeRules.end() || presence(*rule, proposal.protocol) == Forbidden) return false;
    }
    return std::ranges::all_of(kTypeRules, [&](const TypeRule& rule) {
        return presence(rule, proposal.protocol) != Required || !of_type(proposal, rule.type).empty();
    });
}

// The length of the SPI of an answer in bounds of RFC 7296 §3.3.1: none or 8 octets for IKE, 4 for ESP and AH.
bool has_sound_spi(const Proposal& proposal) {
    if (proposal.protocol == ProtocolId::Ike) return proposal.spi.empty() || proposal.spi.size() == 8;
    return proposal.spi.size() == 4;
}

// An absent type says the same as NONE, where NONE exists: RFC 7296 §3.3.2, RFC 9370 §2.2.1.
bool has_none_value(TransformType type) {
    return type != TransformType::Encryption && type != TransformType::Prf &&
           type != TransformType::SequenceNumbers;
}

bool allows_absence(const std::vector<const Transform*>& transforms) {
    return transforms.empty() ||
           std::ranges::any_of(transforms, [](const Transform* transform) { return transform->id == 0; });
}

bool same_algorithm(const Transform& left, const Transform& right) {
    return left.type == right.type && left.id == right.id && left.key_length == right.key_length &&
           left.unknown_attributes.empty() && right.unknown_attributes.empty();
}

// Whatever the configuration says, what RFC 8247 and RFC 8221 forbid is never chosen: the table has it as refused. A KEM
// is no key exchange of its own, only an additional one: RFC 9370 §2.2.1.
bool is_permitted(const Transform& transform) {
    if (transform.id == 0 && has_none_value(transform.type)) return true;
    const bool additional = is_additional_key_exchange(transform.type);
    const TransformType type = additional ? TransformType::KeyExchange : transform.type;
    const TransformRow* row = transform_row(type, transform.id, transform.key_length.value_or(0));
    return row != nullptr && row->implemented && (additional || !row->is_kem);
}

// One type's choice: whether there is one, and which transform says so (null: the type is absent).
struct Choice {
    bool possible = false;
    const Transform* transform = nullptr;
};

Choice choose(std::span<const Transform* const> offered, std::span<const Transform* const> acceptable) {
    for (const Transform* wanted : acceptable)
        for (const Transform* offer : offered)
            if (same_algorithm(*wanted, *offer) && is_permitted(*offer)) return {true, offer};
    return {};
}

Choice choose_absence(const std::vector<const Transform*>& offered) {
    for (const Transform* offer : offered)
        if (offer->id == 0 && offer->unknown_attributes.empty()) return {true, offer};
    return {offered.empty(), nullptr};
}

// A type that depends on no other one: PRF, sequence numbers.
Choice choose_plain(const Proposal& offered, const Proposal& acceptable, TransformType type) {
    const auto offers = of_type(offered, type);
    const auto wanted = of_type(acceptable, type);
    if (offers.empty() && wanted.empty()) return {true, nullptr};
    if (const Choice choice = choose(offers, wanted); choice.possible) return choice;
    if (has_none_value(type) && allows_absence(wanted)) return choose_absence(offers);
    return {};
}

bool combines(const Transform& encryption) { return is_combined_mode(EncryptionId{encryption.id}); }

Choice choose_integrity(const Proposal& offered, const Proposal& acceptable, const Transform* encryption) {
    const auto offers = of_type(offered, TransformType::Integrity);
    if (encryption != nullptr && combines(*encryption)) return choose_absence(offers);
    auto wanted = of_type(acceptable, TransformType::Integrity);
    std::erase_if(wanted, [](const Transform* transform) { return transform->id == 0; });
    return choose(offers, wanted);
}

// One of the types that are chosen together.
bool is_key_exchange(TransformType type) {
    return type == TransformType::KeyExchange || is_additional_key_exchange(type);
}

// What may be chosen for one key exchange, in order of our preference; an absent type last.
std::vector<Choice> key_exchange_choices(const Proposal& offered, const Proposal& acceptable,
                                         TransformType type) {
    const auto offers = of_type(offered, type);
    const auto wanted = of_type(acceptable, type);
    std::vector<Choice> choices;
    for (const Transform* transform : wanted)
        if (const Choice choice = choose(offers, std::array{transform}); choice.possible)
            choices.push_back(choice);
    if (allows_absence(wanted))
        if (const Choice choice = choose_absence(offers); choice.possible) choices.push_back(choice);
    return choices;
}

bool is_taken(const std::vector<Transform>& chosen, const Transform& method) {
    return method.id != 0 && std::ranges::any_of(chosen, [&](const Transform& other) {
        return is_key_exchange(other.type) && other.id == method.id;
    });
}

// RFC 9370 §2.2.1: a method is chosen once at most, so a choice may leave nothing for a later one
// and is then taken back. Adds to `chosen` the first combination in the order of our preference.
bool choose_key_exchanges(std::span<const std::vector<Choice>> open,
                          std::vector<Transform>& chosen) {
    if (open.empty()) return true;
    for (const Choice& choice : open.front()) {
        const std::size_t before = chosen.size();
        if (choice.transform != nullptr) {
            if (is_taken(chosen, *choice.transform)) continue;
            chosen.push_back(*choice.transform);
        }
        if (choose_key_exchanges(open.subspan(1), chosen)) return true;
        chosen.resize(before);
    }
    return false;
}

// RFC 9370 §2.2.1: an additional key exchange is added to one, and none is done twice.
bool has_sound_key_exchanges(const Proposal& chosen) {
    const auto additional = additional_key_exchanges_of(chosen);
    AdditionalKeyExchanges all{key_exchange_of(chosen)};
    all.insert(all.end(), additional.begin(), additional.end());
    if (!additional.empty() && all.front() == KeyExchangeMethod::None) return false;
    std::ranges::sort(all);
    return std::ranges::adjacent_find(all) == all.end();
}

// All types but encryption, given which cipher it would be. Nothing if some type has no choice.
std::optional<std::vector<Transform>> choose_rest(const Proposal& offered, const Proposal& acceptable,
                                                  const Transform* encryption) {
    std::vector<Transform> chosen;
    if (encryption != nullptr) chosen.push_back(*encryption);
    std::vector<std::vector<Choice>> key_exchanges;
    for (const TypeRule& rule : kTypeRules) {
        if (rule.type == TransformType::Encryption) continue;
        if (is_key_exchange(rule.type)) {
            key_exchanges.push_back(key_exchange_choices(offered, acceptable, rule.type));
            continue;
        }
        const Choice choice = rule.type == TransformType::Integrity
                                  ? choose_integrity(offered, acceptable, encryption)
                                  : choose_plain(offered, acceptable, rule.type);
        if (!choice.possible) return std::nullopt;
        if (choice.transform != nullptr) chosen.push_back(*choice.transform);
    }
    if (!choose_key_exchanges(key_exchanges, chosen)) return std::nullopt;
    std::ranges::sort(chosen, {}, &Transform::type);
    return chosen;
}

std::optional<std::vector<Transform>> choose_transforms(const Proposal& offered, const Proposal& acceptable) {
    if (offered.protocol != acceptable.protocol || !has_sound_types(offered)) return std::nullopt;
    if (offered.protocol == ProtocolId::Ah) return choose_rest(offered, acceptable, nullptr);
    for (const Transform* wanted : of_type(acceptable, TransformType::Encryption)) {
        for (const Transform* offer : of_type(offered, TransformType::Encryption)) {
            if (!same_algorithm(*wanted, *offer) || !is_permitted(*offer)) continue;
            if (auto chosen = choose_rest(offered, acceptable, offer)) return chosen;
        }
    }
    return std::nullopt;
}

// RFC 7296 §3.3.3, for a proposal with one transform of a type.
bool has_sound_integrity(const Proposal& chosen) {
    const Transform* encryption = find_transform(chosen, TransformType::Encryption);
    const Transform* integrity = find_transform(chosen, TransformType::Integrity);
    const bool protects = integrity != nullptr && integrity->id != 0;
    const bool combined = encryption != nullptr && combines(*encryption);
    return protects != combined;
}

}  // namespace

std::optional<SelectedProposal> select_proposal(const std::vector<Proposal>& offered,
                                                const std::vector<Proposal>& acceptable) {
    for (const Proposal& wanted : acceptable) {
        for (const Proposal& offer : offered) {
            auto transforms = choose_transforms(offer, wanted);
            if (!transforms) continue;
            Proposal answer{.number = offer.number,
                            .protocol = offer.protocol,
                            .spi = {},
                            .transforms = std::move(*transforms)};
            if (has_sound_key_exchanges(answer))
                return SelectedProposal{std::move(answer), offer.spi};
        }
    }
    return std::nullopt;
}

bool is_subset_of_offer(const Proposal& chosen, const std::vector<Proposal>& offered) {
    const auto offer = std::ranges::find(offered, chosen.number, &Proposal::number);
    if (offer == offered.end() || offer->protocol != chosen.protocol) return false;
    if (!has_sound_types(chosen) || !has_sound_spi(chosen) || !has_sound_integrity(chosen) ||
        !has_sound_key_exchanges(chosen))
        return false;
    for (const TypeRule& rule : kTypeRules) {
        const auto answers = of_type(chosen, rule.type);
        const auto offers = of_type(*offer, rule.type);
        if (answers.size() > 1) return false;
        if (answers.empty()) {
            if (!offers.empty() && !(has_none_value(rule.type) && allows_absence(offers))) return false;
            continue;
        }
        // NONE in answer to a type that was not offered says nothing new.
        const bool says_none = has_none_value(rule.type) && answers[0]->id == 0;
        if (offers.empty() && says_none && answers[0]->unknown_attributes.empty()) continue;
        if (!choose(offers, answers).possible) return false;
    }
    return true;
}

std::vector<Proposal> as_offer(const std::vector<Proposal>& proposals, const Bytes& spi) {
    std::vector<Proposal> offer;
    for (const Proposal& proposal : proposals) {
        if (offer.size() == 255) break;
        Proposal& numbered = offer.emplace_back(proposal);
        numbered.number = static_cast<std::uint8_t>(offer.size());
        numbered.spi = spi;
    }
    return offer;
}

std::vector<Proposal> without_key_exchange(std::vector<Proposal> proposals) {
    for (Proposal& proposal : proposals)
        std::erase_if(proposal.transforms,
                      [](const Transform& transform) { return is_key_exchange(transform.type); });
    return proposals;
}

std::vector<Proposal> with_key_exchange(std::vector<Proposal> proposals, const std::vector<KeyExchangeMethod>& methods) {
    if (!key_exchange_methods(proposals).empty()) return proposals;
    for (Proposal& proposal : proposals) {
        std::erase_if(proposal.transforms,
                      [](const Transform& transform) { return transform.type == TransformType::KeyExchange; });
        for (const KeyExchangeMethod method : methods)
            proposal.transforms.push_back({TransformType::KeyExchange, std::to_underlying(method), std::nullopt, {}});
    }
    return proposals;
}

std::vector<KeyExchangeMethod> key_exchange_methods(const std::vector<Proposal>& proposals) {
    std::vector<KeyExchangeMethod> methods;
    for (const Proposal& proposal : proposals) {
        for (const Transform* transform : of_type(proposal, TransformType::KeyExchange)) {
            const KeyExchangeMethod method{transform->id};
            if (transform->id != 0 && !std::ranges::contains(methods, method)) methods.push_back(method);
        }
    }
    return methods;
}

KeyExchangeMethod key_exchange_of(const Proposal& chosen) {
    const Transform* transform = find_transform(chosen, TransformType::KeyExchange);
    return transform == nullptr ? KeyExchangeMethod::None : KeyExchangeMethod{transform->id};
}

AdditionalKeyExchanges additional_key_exchanges_of(const Proposal& chosen) {
    AdditionalKeyExchanges methods;
    for (const TypeRule& rule : kTypeRules) {
        const Transform* transform =
            is_additional_key_exchange(rule.type) ? find_transform(chosen, rule.type) : nullptr;
        if (transform != nullptr && transform->id != 0)
            methods.push_back(KeyExchangeMethod{transform->id});
    }
    return methods;
}

std::vector<Proposal> only_quantum_resistant(std::vector<Proposal> proposals) {
    const auto is_kem = [](const Transform& transform) {
        const TransformRow* row = transform_row(KeyExchangeMethod{transform.id});
        return is_additional_key_exchange(transform.type) && row != nullptr && row->is_kem;
    };
    std::vector<Proposal> left;
    for (Proposal& proposal : proposals) {
        const auto kem = std::ranges::find_if(proposal.transforms, is_kem);
        if (kem == proposal.transforms.end()) continue;
        const TransformType type = kem->type;
        std::erase_if(proposal.transforms, [&](const Transform& transform) {
            return transform.type == type && !is_kem(transform);
        });
        left.push_back(std::move(proposal));
    }
    return left;
}

std::vector<Proposal> without_additional_key_exchanges(std::vector<Proposal> proposals) {
    std::erase_if(proposals, [](const Proposal& proposal) {
        return std::ranges::any_of(kTypeRules, [&](const TypeRule& rule) {
            return is_additional_key_exchange(rule.type) &&
                   !allows_absence(of_type(proposal, rule.type));
        });
    });
    for (Proposal& proposal : proposals)
        std::erase_if(proposal.transforms, [](const Transform& transform) {
            return is_additional_key_exchange(transform.type);
        });
    return proposals;
}

const Transform* find_transform(const Proposal& chosen, TransformType type) {
    const auto at = std::ranges::find(chosen.transforms, type, &Transform::type);
    return at == chosen.transforms.end() ? nullptr : &*at;
}

bool is_combined_mode(EncryptionId id) {
    using enum EncryptionId;
    // More than the table of transforms has: also of what we refuse it must be known.
    constexpr auto kCombined = std::to_array<EncryptionId>(
        {AesCcm8, AesCcm12, AesCcm16, AesGcm8, AesGcm12, AesGcm16, NullAesGmac, ChaCha20Poly1305});
    return std::ranges::contains(kCombined, id);
}

}  // namespace xfrmd::ike
