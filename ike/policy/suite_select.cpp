// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/suite_select.h"

#include "ike/crypto/registry.h"
#include "ike/policy/proposal_select.h"

namespace xfrmd::ike {

namespace {

// The number of the transform of this type; `otherwise` if the proposal has none.
template <class Id>
Id id_of(const Proposal& chosen, TransformType type, Id otherwise) {
    const Transform* transform = find_transform(chosen, type);
    return transform == nullptr ? otherwise : Id{transform->id};
}

std::uint16_t key_bits_of(const Proposal& chosen) {
    const Transform* cipher = find_transform(chosen, TransformType::Encryption);
    return cipher == nullptr ? std::uint16_t{0} : cipher->key_length.value_or(0);
}

}  // namespace

std::optional<IkeSuite> ike_suite_of(const Proposal& chosen) {
    if (chosen.protocol != ProtocolId::Ike) return std::nullopt;
    const IkeSuite suite{
        .encryption = id_of(chosen, TransformType::Encryption, EncryptionId::Null),
        .key_bits = key_bits_of(chosen),
        .prf = id_of(chosen, TransformType::Prf, PrfId{}),
        .integrity = id_of(chosen, TransformType::Integrity, IntegrityId::None),
        .method = id_of(chosen, TransformType::KeyExchange, KeyExchangeMethod::None)};
    if (!is_usable(suite)) return std::nullopt;
    return suite;
}

std::optional<EspSuite> esp_suite_of(const Proposal& chosen) {
    if (chosen.protocol != ProtocolId::Esp) return std::nullopt;
    const auto numbers = id_of(chosen, TransformType::SequenceNumbers, SequenceNumbersId::ThirtyTwoBit);
    const EspSuite suite{
        .encryption = id_of(chosen, TransformType::Encryption, EncryptionId::Null),
        .key_bits = key_bits_of(chosen),
        .integrity = id_of(chosen, TransformType::Integrity, IntegrityId::None),
        .extended_sequence_numbers = numbers == SequenceNumbersId::Extended,
        .method = id_of(chosen, TransformType::KeyExchange, KeyExchangeMethod::None)};
    if (!is_usable(suite)) return std::nullopt;
    return suite;
}

}  // namespace xfrmd::ike
