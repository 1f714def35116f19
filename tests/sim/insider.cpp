// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/insider.h"

#include <algorithm>
#include <array>

#include "netlink/model/overloaded.h"

namespace xfrmd::sim {

namespace {

constexpr double kHonest = 0.5;    // most harm is done by who gets far
constexpr double kSilent = 0.05;
constexpr std::size_t kSeenMax = 64;

// The altered message under the keys of the IKE SA; nothing if it has no encoding.
std::optional<Bytes> seal(ike::Core& core, ike::IkeSa& sa, const OpenedMessage& message) {
    const Bytes chain = write_payloads(message.payloads);
    if (chain.empty() && !message.payloads.empty()) return std::nullopt;
    Bytes octets = write_sealed_prefix(message.header, ike::first_payload_type(message.payloads),
                                       sa.sealing->sealed_size(chain.size()));
    const auto body = octets.empty() ? std::unexpected{ike::CryptoError{}} : sa.sealing->seal(octets, chain, core.rng);
    if (!body) return std::nullopt;
    append(octets, *body);
    return octets;
}

}  // namespace

Bytes Insider::twist(ike::Core& core, Bytes sent) {
    auto opened = open_sent(core, sent);
    if (!opened || prng_.chance(kHonest)) return sent;
    if (prng_.chance(kSilent)) return {};
    ike::IkeSa* sa = sender_of(core, opened->header);
    if (sa == nullptr) return sent;
    for (const ike::Payload& payload : opened->payloads)
        if (seen_.size() < kSeenMax) seen_.push_back(payload);
    alter(opened->payloads);
    if (!opened->was_sealed) {
        Bytes altered = write_message(opened->header, opened->payloads);
        return altered.empty() ? sent : altered;
    }
    return seal(core, *sa, *opened).value_or(sent);
}

void Insider::alter(Payloads& payloads) {
    const std::uint64_t times = prng_.between(1, 3);
    for (std::uint64_t i = 0; i < times; ++i) {
        if (payloads.empty()) {
            payloads.push_back(invented());
            continue;
        }
        const auto at = payloads.begin() + static_cast<std::ptrdiff_t>(prng_.below(payloads.size()));
        switch (prng_.below(6)) {
            case 0: payloads.erase(at); break;
            case 1: payloads.insert(at, ike::Payload{*at}); break;
            case 2: std::iter_swap(at, payloads.begin()); break;
            case 3: payloads.insert(at, invented()); break;
            default: alter(*at); break;
        }
    }
}

void Insider::alter(ike::Payload& payload) {
    const auto flip = [&](Bytes& octets) {
        if (!octets.empty()) any(octets) ^= static_cast<std::uint8_t>(1U << prng_.below(8));
    };
    std::visit(Overloaded{
                   [&](ike::Notify& notify) {
                       notify.type = static_cast<ike::NotifyType>(prng_.chance(0.5) ? prng_.between(1, 50)
                                                                                    : prng_.between(16384, 16450));
                   },
                   [&](ike::Delete& deletion) {
                       deletion.protocol = prng_.chance(0.5) ? ike::ProtocolId::Esp : ike::ProtocolId::Ah;
                       deletion.spis.assign(static_cast<std::size_t>(prng_.between(1, 40)), spi());
                   },
                   [&](ike::SecurityAssociation& sa) {
                       if (sa.proposals.empty()) return;
                       ike::Proposal& proposal = any(sa.proposals);
                       if (prng_.chance(0.5))
                           flip(proposal.spi);
                       else if (!proposal.transforms.empty())
                           any(proposal.transforms).id = static_cast<std::uint16_t>(prng_.below(40));
                   },
                   [&](ike::TrafficSelectorsInitiator& ts) { std::ranges::reverse(ts.value); },
                   [&](ike::TrafficSelectorsResponder& ts) {
                       if (!ts.value.empty()) ts.value.resize(1 + prng_.below(200), ts.value[0]);
                   },
                   [&](ike::Nonce& nonce) { nonce.data.resize(static_cast<std::size_t>(prng_.between(16, 256)), 7); },
                   [&](ike::KeyExchange& exchange) { flip(exchange.data); },
                   [&](ike::Authentication& authentication) { flip(authentication.data); },
                   [&](auto&) { payload = invented(); }},
               payload);
}

ike::Payload Insider::invented() {
    if (!seen_.empty() && prng_.chance(0.4)) return ike::Payload{any(seen_)};
    switch (prng_.below(5)) {
        case 0: return ike::Delete{ike::ProtocolId::Ike, {}};
        case 1: return ike::Delete{ike::ProtocolId::Esp, {spi(), spi()}};
        case 2: {
            constexpr auto kTypes = std::to_array<ike::NotifyType>(
                {ike::NotifyType::InitialContact, ike::NotifyType::RekeySa, ike::NotifyType::AuthenticationFailed,
                 ike::NotifyType::TemporaryFailure, ike::NotifyType::ChildSaNotFound, ike::NotifyType::InvalidSyntax,
                 ike::NotifyType::NoAdditionalSas, ike::NotifyType::UseTransportMode});
            ike::Notify notify;
            notify.type = kTypes[static_cast<std::size_t>(prng_.below(kTypes.size()))];
            if (notify.type == ike::NotifyType::RekeySa) {
                notify.protocol = ike::ProtocolId::Esp;
                notify.spi = Bytes(4, static_cast<std::uint8_t>(prng_.below(256)));
            }
            return notify;
        }
        case 3: return ike::Unknown{static_cast<ike::PayloadType>(200), prng_.chance(0.5), Bytes(20, 1)};
        default: return ike::Nonce{Bytes(static_cast<std::size_t>(prng_.between(16, 256)), 9)};
    }
}

xfrm::EspSpi Insider::spi() { return xfrm::EspSpi{static_cast<std::uint32_t>(prng_.next())}; }

}  // namespace xfrmd::sim
