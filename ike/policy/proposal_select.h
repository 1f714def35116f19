// SPDX-License-Identifier: Apache-2.0
// The choice among proposals. RFC 7296 §2.7, §3.3.
#pragma once

#include <optional>
#include <vector>

#include "ike/crypto/suite.h"
#include "ike/wire/proposal.h"

namespace xfrmd::ike {

// What the responder chose: one transform of each type.
struct SelectedProposal {
    // To be sent back: the number of the offered proposal, its SPI still to be filled in by whoever answers.
    Proposal answer;
    // The SPI that stood in the offered proposal.
    Bytes peer_spi;
};

// The first of `acceptable`, in the order of our preference, that some offered proposal allows; within it, the first
// combination in the order of our transforms. Nothing if there is none: NO_PROPOSAL_CHOSEN.
//
// RFC 9370 §2.2.1: each additional key exchange is chosen like the first one, or is NONE, or is left
// out; no method is chosen for two of them.
//
// RFC 7296 §3.3.6: an offered proposal with a transform type we do not know, or without one its protocol needs, is passed
// over; so is a transform with an attribute we do not know. §3.3.3: a combined-mode cipher goes without integrity, every
// other one not without.
[[nodiscard]] std::optional<SelectedProposal> select_proposal(const std::vector<Proposal>& offered,
                                                              const std::vector<Proposal>& acceptable);

// The initiator's check of the answer: it must be one of our proposals, by its number, reduced to exactly one transform of
// each type, with no method for two key exchanges. The SPI's content is not looked at, only that its
// length fits the protocol. RFC 7296 §2.7, §3.3.6.
[[nodiscard]] bool is_subset_of_offer(const Proposal& chosen, const std::vector<Proposal>& offered);

// The proposals as they are sent: numbered from 1 (RFC 7296 §3.3.1), each with this SPI. At most 255.
[[nodiscard]] std::vector<Proposal> as_offer(const std::vector<Proposal>& proposals, const Bytes& spi);

// The same proposals without their key exchanges: the first child is negotiated without one (RFC 7296 §1.2).
[[nodiscard]] std::vector<Proposal> without_key_exchange(std::vector<Proposal> proposals);

// For proposals that say nothing of key exchanges: each with these groups. Those that name a group anywhere stay as they are.
[[nodiscard]] std::vector<Proposal> with_key_exchange(std::vector<Proposal> proposals,
                                                      const std::vector<KeyExchangeMethod>& methods);

// The groups that the proposals allow, in order of preference, without repetition.
[[nodiscard]] std::vector<KeyExchangeMethod> key_exchange_methods(const std::vector<Proposal>& proposals);

// The group of a chosen proposal, None if it has none: the one wanted in INVALID_KE_PAYLOAD (RFC 7296 §1.3).
[[nodiscard]] KeyExchangeMethod key_exchange_of(const Proposal& chosen);

// The additional key exchanges of a chosen proposal, in the order of their types, NONE left out.
// RFC 9370 §2.2.1
[[nodiscard]] AdditionalKeyExchanges additional_key_exchanges_of(const Proposal& chosen);

// What is left of the proposals if one additional key exchange must be a KEM: proposals without one
// are dropped, and where there is one its alternatives are.
[[nodiscard]] std::vector<Proposal> only_quantum_resistant(std::vector<Proposal> proposals);

// The proposals without those that always need an additional key exchange; in the others there is
// none. For a peer that cannot do IKE_INTERMEDIATE (RFC 9242 §3.1).
[[nodiscard]] std::vector<Proposal> without_additional_key_exchanges(
    std::vector<Proposal> proposals);

// The transform of this type in a chosen proposal; null if it has none.
[[nodiscard]] const Transform* find_transform(const Proposal& chosen, TransformType type);

// True for the ciphers that bring their own integrity. RFC 5282, RFC 4106, RFC 7634.
[[nodiscard]] bool is_combined_mode(EncryptionId id);

}  // namespace xfrmd::ike
