// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/tamper_checker.h"

#include <algorithm>

#include "ike/wire/header.h"

namespace xfrmd::sim {

bool must_change_nothing(const ike::Core& core, View octets) {
    bool proven = false;
    core.ike_sas.for_each([&](const ike::IkeSa& sa) {
        const View token = sa.peer_crash_token.view();
        proven |= !token.empty() && !std::ranges::search(octets, token).empty();
    });
    if (proven) return false;
    const auto header = ike::parse_header(octets);
    return !header || header->exchange != ike::ExchangeType::IkeSaInit;
}

std::optional<std::string> check_tampered(View octets, const std::string& before, const std::string& after,
                                          const ike::Effects& effects) {
    if (before != after) return "a tampered datagram changed the state from\n" + before + "to\n" + after;
    std::size_t answers = 0;
    for (const ike::Effect& effect : effects) {
        if (const auto* transmit = std::get_if<ike::Transmit>(&effect)) {
            ++answers;
            // A hint may make the host ask its peer, where the IKE SA has it, and with MOBIKE that says more.
            const auto header = ike::parse_header(transmit->octets);
            const bool asks = header && !header->response && header->exchange == ike::ExchangeType::Informational;
            if (transmit->octets.size() > octets.size() + (asks ? 200 : 64))
                return "a tampered datagram got an answer much larger than itself";
        } else if (const auto* request = std::get_if<ike::CryptoRequest>(&effect)) {
            // A responder has no keys before the first IKE_AUTH: any that names its SPIs makes it compute them, once.
            if (!std::holds_alternative<ike::AgreeOnKey>(request->job))
                return "a tampered datagram made the host compute";
        } else if (const auto* event = std::get_if<ike::Event>(&effect);
                   event != nullptr && std::holds_alternative<ike::Ikev1PeerSeen>(*event)) {
            continue;  // the tampered octet was the version
        } else {
            return "a tampered datagram had an effect";
        }
    }
    if (answers > 1) return "a tampered datagram got several answers";
    return std::nullopt;
}

}  // namespace xfrmd::sim
