// SPDX-License-Identifier: Apache-2.0
#include "daemon/configuration/proposals.h"

#include <algorithm>
#include <format>
#include <ranges>
#include <string>

#include "daemon/configuration/did_you_mean.h"
#include "ike/crypto/registry.h"
#include "ike/policy/default_proposals.h"

namespace xfrmd::daemon {

namespace {

// More would not fit into one SA payload with the numbers of their proposals: RFC 7296 §3.3.1.
constexpr std::size_t kProposalsMax = 32;

// For the first word that is no algorithm: the one that was probably meant.
std::string hint_for(std::string_view text, ike::ProtocolId protocol) {
    std::vector<std::string> words;
    for (const ike::TransformRow& row : ike::kTransforms)
        if (row.implemented) {
            words.emplace_back(row.word);
            if (row.type != ike::TransformType::KeyExchange) continue;
            for (int number = 1; number <= 7; ++number)
                words.push_back(std::format("ke{}_{}", number, row.word));
        }
    for (const auto part : std::views::split(text, '-')) {
        const std::string_view word{part.begin(), part.end()};
        if (std::ranges::contains(words, word)) continue;
        if (const auto meant = did_you_mean(word, words))
            return std::format("did you mean \"{}\"?", *meant);
    }
    if (protocol == ike::ProtocolId::Ike)
        return "such as \"aes256gcm16-prfsha256-x25519-ke1_mlkem768\" or \"aes128-sha256-x25519\"";
    if (protocol == ike::ProtocolId::Ah) return "such as \"sha256\" or \"sha384-esn\"";
    return "such as \"aes256gcm16\" or \"aes128-sha256-esn\"";
}

std::vector<ike::Proposal> parse(const Texts& written, ike::ProtocolId protocol,
                                 std::string_view key, Diagnostics& diagnostics) {
    std::vector<ike::Proposal> proposals;
    if (written.value.size() > kProposalsMax) {
        diagnostics.error(
            written.place, std::format("{} has more than {} proposals", key, kProposalsMax),
            "join alternatives by hyphens: \"aes256gcm16-aes128gcm16-prfsha256-x25519-ecp256\"");
        return proposals;
    }
    for (const Text& text : written.value) {
        auto proposal = ike::parse_proposal(protocol, text.value);
        if (!proposal) {
            diagnostics.error(text.place, proposal.error(), hint_for(text.value, protocol));
            continue;
        }
        proposal->number = static_cast<std::uint8_t>(proposals.size() + 1);
        proposals.push_back(*std::move(proposal));
    }
    return proposals;
}

}  // namespace

std::vector<ike::Proposal> ike_proposals_or_default(const std::optional<Texts>& written,
                                                    Diagnostics& diagnostics) {
    return written ? parse(*written, ike::ProtocolId::Ike, "ike", diagnostics)
                   : ike::default_ike_proposals();
}

std::vector<ike::Proposal> esp_proposals_or_default(const std::optional<Texts>& written,
                                                    Diagnostics& diagnostics) {
    return written ? parse(*written, ike::ProtocolId::Esp, "esp", diagnostics)
                   : ike::default_esp_proposals();
}

std::vector<ike::Proposal> ah_proposals_or_default(const std::optional<Texts>& written,
                                                   Diagnostics& diagnostics) {
    return written ? parse(*written, ike::ProtocolId::Ah, "ah", diagnostics)
                   : ike::default_ah_proposals();
}

}  // namespace xfrmd::daemon
