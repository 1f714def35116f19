// SPDX-License-Identifier: Apache-2.0
#include "ike/policy/suite_select.h"

#include <algorithm>

#include "ike/policy/ipsec_protocol.h"
#include "ike/policy/proposal_select.h"

namespace xfrmd::ike {

namespace {

// One transform of a type, nothing in it that we would pass over in silence.
bool is_single_choice(const Proposal& chosen) {
    return std::ranges::all_of(chosen.transforms, [&](const Transform& transform) {
        const auto same_type = std::ranges::count(chosen.transforms, transform.type, &Transform::type);
        return same_type == 1 && transform.unknown_attributes.empty();
    });
}

// The number of a type's transform; 0, that is NONE, if there is none.
std::uint16_t id_of(const Proposal& chosen, TransformType type) {
    const Transform* transform = find_transform(chosen, type);
    return transform == nullptr ? std::uint16_t{0} : transform->id;
}

}  // namespace

std::optional<IkeSuite> ike_suite_of(const Proposal& chosen) {
    const Transform* encryption = find_transform(chosen, TransformType::Encryption);
    const Transform* prf = find_transform(chosen, TransformType::Prf);
    if (chosen.protocol != ProtocolId::Ike || encryption == nullptr || prf == nullptr) return std::nullopt;
    if (!is_single_choice(chosen)) return std::nullopt;
    const IkeSuite suite{.encryption = EncryptionId{encryption->id},
                         .key_bits = encryption->key_length.value_or(0),
                         .prf = PrfId{prf->id},
                         .integrity = IntegrityId{id_of(chosen, TransformType::Integrity)},
                         .method = key_exchange_of(chosen),
                         .additional = additional_key_exchanges_of(chosen)};
    if (!is_usable(suite)) return std::nullopt;
    return suite;
}

std::optional<EspSuite> child_suite_of(const Proposal& chosen) {
    const auto protocol = ipsec_protocol(chosen.protocol);
    const Transform* encryption = find_transform(chosen, TransformType::Encryption);
    const Transform* sequence_numbers = find_transform(chosen, TransformType::SequenceNumbers);
    if (!protocol || sequence_numbers == nullptr || !is_single_choice(chosen)) return std::nullopt;
    // RFC 4302: AH does not encrypt; ESP without a cipher is not ours.
    if ((encryption == nullptr) != (protocol == xfrm::IpsecProtocol::Ah)) return std::nullopt;
    const SequenceNumbersId numbers{sequence_numbers->id};
    if (numbers != SequenceNumbersId::ThirtyTwoBit && numbers != SequenceNumbersId::Extended)
        return std::nullopt;
    EspSuite suite{.integrity = IntegrityId{id_of(chosen, TransformType::Integrity)},
                   .extended_sequence_numbers = numbers == SequenceNumbersId::Extended,
                   .method = key_exchange_of(chosen),
                   .additional = additional_key_exchanges_of(chosen),
                   .protocol = *protocol};
    if (encryption != nullptr) {
        suite.encryption = EncryptionId{encryption->id};
        suite.key_bits = encryption->key_length.value_or(0);
    }
    if (!is_usable(suite)) return std::nullopt;
    return suite;
}

}  // namespace xfrmd::ike
