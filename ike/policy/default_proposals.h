// SPDX-License-Identifier: Apache-2.0
// Proposals from words, and those that hold where the configuration says nothing.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "ike/wire/proposal.h"

namespace xfrmd::ike {

// With ML-KEM-768 as additional key exchange first, then without; in each, combined-mode ciphers
// first, then AES-CBC with HMAC-SHA2: RFC 9370, RFC 8247 §2, RFC 8221 §5.
[[nodiscard]] std::vector<Proposal> default_ike_proposals();
// The same ciphers; extended sequence numbers preferred. No key exchange of its own.
[[nodiscard]] std::vector<Proposal> default_esp_proposals();
// HMAC-SHA2; extended sequence numbers preferred.
[[nodiscard]] std::vector<Proposal> default_ah_proposals();

// The words of ike/crypto/registry.h, joined by '-': "aes128gcm16-prfsha256-x25519", "aes256-sha256-ecp256",
// "aes128gcm16-aes256gcm16-esn". Additional key exchanges (RFC 9370) are called "ke1_mlkem768" to
// "ke7_mlkem768", or "ke1_none". Words of one type are alternatives, in order of preference. For
// IKE, hashes that protect integrity also serve as PRF if no PRF is named. For ESP, extended
// sequence numbers or not is left open if not said.
// The error is a sentence for people that names the word and the reason.
[[nodiscard]] std::expected<Proposal, std::string> parse_proposal(ProtocolId protocol, std::string_view text);

}  // namespace xfrmd::ike
