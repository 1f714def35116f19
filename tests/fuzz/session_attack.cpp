// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/session_attack.h"

#include <array>

#include "ike/core.h"
#include "ike/policy/default_proposals.h"
#include "ike/policy/proposal_select.h"
#include "ike/wire/notify_data.h"
#include "tests/sim/wiretap.h"
#include "tests/support/forgery.h"

namespace xfrmd::fuzz {

namespace {

constexpr std::size_t kHeardMax = 64;
constexpr std::size_t kPayloadsMax = 12;

constexpr auto kExchanges = std::to_array<ike::ExchangeType>(
    {ike::ExchangeType::CreateChildSa, ike::ExchangeType::IkeAuth, ike::ExchangeType::Informational,
     ike::ExchangeType::IkeIntermediate, ike::ExchangeType::IkeFollowupKe,
     ike::ExchangeType::IkeSaInit, ike::ExchangeType{38}});

constexpr auto kNotifyTypes = std::to_array<ike::NotifyType>(
    {ike::NotifyType::RekeySa, ike::NotifyType::AdditionalKeyExchange,
     ike::NotifyType::UseTransportMode, ike::NotifyType::InitialContact,
     ike::NotifyType::AuthenticationFailed, ike::NotifyType::TemporaryFailure,
     ike::NotifyType::ChildSaNotFound, ike::NotifyType::InvalidSyntax,
     ike::NotifyType::NoAdditionalSas, ike::NotifyType::InvalidKePayload,
     ike::NotifyType::NoProposalChosen, ike::NotifyType::TsUnacceptable,
     ike::NotifyType::StateNotFound, ike::NotifyType::InvalidIkeSpi, ike::NotifyType::Cookie,
     ike::NotifyType::QuickCrashDetection});

// The latest of its kind: an old one is of little use.
template <class T>
void remember(std::vector<T>& all, T one) {
    if (all.size() == kHeardMax) all.erase(all.begin());
    all.push_back(std::move(one));
}

// Changes octets of a chain here and there: what no encoder writes.
void edit(ByteSource& input, Bytes& chain) {
    for (std::size_t edits = input.below(4); edits > 0 && !chain.empty(); --edits) {
        const std::size_t high = input.octet();
        const std::size_t position = (high << 8 | input.octet()) % chain.size();
        chain[position] = input.octet();
    }
}

}  // namespace

SessionAttack::SessionAttack(sim::Scene& scene) : scene_{scene} {
    scene_.machine(1).set_twist(
        [this](ike::Core& core, Bytes sent) { return behave(core, std::move(sent)); });
    scene_.intercept = [this](sim::HostIndex from, const sim::Frame& frame) {
        const auto* datagram = std::get_if<sim::IkeDatagram>(&frame.content);
        ike::Core* core = scene_.machine(from).core();
        if (from == 0 && datagram != nullptr && core != nullptr) learn(*core, datagram->octets);
        return false;
    };
}

// ---- West's own host

void SessionAttack::set_manners(std::uint8_t octet) {
    insider_.reset();
    if ((octet & 1) != 0) insider_.emplace(sim::Prng{octet});
    is_silent_ = (octet & 2) != 0;
}

Bytes SessionAttack::behave(ike::Core& core, Bytes sent) {
    learn(core, sent);
    if (is_silent_) return {};
    return insider_ ? insider_->twist(core, std::move(sent)) : sent;
}

void SessionAttack::learn(ike::Core& core, View octets) {
    remember(datagrams_, to_bytes(octets));
    const auto opened = sim::open_sent(core, octets);
    if (!opened) return;
    for (const ike::Payload& payload : opened->payloads) remember(heard_, payload);
}

// ---- What is said instead

void SessionAttack::say(ByteSource& input) {
    ike::IkeSa* sa = any_ike_sa(input);
    if (sa == nullptr) return;
    const std::size_t direction = input.below(4);
    if (direction == 3) return deliver(*sa, datagrams_.empty() ? Bytes{} : input.any(datagrams_));
    const bool response = direction == 1 || (direction == 2 && input.below(2) == 0);
    const auto& outstanding = sa->outbound.outstanding();
    ike::Header header =
        test::header_from_peer(*sa, input.any(kExchanges), response,
                               response && outstanding ? outstanding->id : sa->inbound.expected());
    constexpr auto kOff = std::to_array<std::uint32_t>({0, 0, 0, 1, 0xffffffff, 0x80000000});
    header.message_id.value += input.any(kOff);

    const std::vector<ike::Payload> said = payloads(input, *sa);
    Bytes chain = write_payloads(said);
    ike::PayloadType first = chain.empty() ? ike::PayloadType::None : ike::first_payload_type(said);
    edit(input, chain);
    const std::size_t form = input.below(8);
    if (form == 1) first = ike::PayloadType{input.octet()};
    if (form == 2) return deliver(*sa, write_message(header, said));
    ike::MessageCipher* cipher = cipher_for(*sa);
    if (cipher == nullptr) return;
    if (form != 3) return deliver(*sa, test::forge(*cipher, header, first, chain));
    const std::uint16_t number = input.octet();
    deliver(*sa, test::forge_fragment(*cipher, header, first, chain, number, input.octet()));
}

void SessionAttack::deliver(const ike::IkeSa& sa, Bytes octets) {
    scene_.deliver({sim::IkeDatagram{
                        sa.path.remote, sa.path.local, sa.path.encapsulated, std::move(octets), {}},
                    false});
}

ike::IkeSa* SessionAttack::any_ike_sa(ByteSource& input) {
    std::vector<ike::IkeSa*> all;
    if (ike::Core* core = scene_.machine(0).core())
        core->ike_sas.for_each([&](ike::IkeSa& sa) { all.push_back(&sa); });
    return all.empty() ? nullptr : input.any(all);
}

// What east opens with, a key agreement that it has not made yet apart: then west's own host has
// the keys.
ike::MessageCipher* SessionAttack::cipher_for(ike::IkeSa& sa) {
    if (sa.opening) return &*sa.opening;
    ike::Core* west = scene_.machine(1).core();
    const auto found = west->by_local_spi.find(sa.role == ike::Role::Initiator ? sa.responder_spi
                                                                               : sa.initiator_spi);
    if (found == west->by_local_spi.end()) return nullptr;
    auto& sealing = west->ike_sas.find(found->second)->sealing;
    return sealing ? &*sealing : nullptr;
}

// ---- Payloads

std::vector<ike::Payload> SessionAttack::payloads(ByteSource& input, ike::IkeSa& sa) {
    std::vector<ike::Payload> all;
    for (std::size_t count = input.below(kPayloadsMax); count > 0; --count)
        all.push_back(payload(input, sa));
    return all;
}

ike::Payload SessionAttack::payload(ByteSource& input, ike::IkeSa& sa) {
    const std::size_t kind = input.below(11);
    const auto spi = any_spi(input, sa);
    switch (kind) {
        case 0:
        case 1:
        case 2:
            if (!heard_.empty()) return input.any(heard_);
            return ike::Nonce{Bytes(32, input.octet())};
        case 3:
            return notification(input, spi);
        case 4:
            return ike::Delete{input.below(4) == 0 ? ike::ProtocolId::Ah : ike::ProtocolId::Esp,
                               {spi}};
        case 5:
            return ike::Delete{ike::ProtocolId::Ike, {}};
        case 6:
            return ike::Nonce{Bytes(1 + input.below(256), input.octet())};
        case 7:
            return ike::KeyExchange{ike::KeyExchangeMethod{input.octet()},
                                    Bytes(input.below(2) == 0 ? 32 : 800, 9)};
        case 8: {
            // An IKE SA is rekeyed with the SPI of the new one.
            auto offered =
                as_offer(scene_.machine(0).configuration().connections.front().ike_proposals,
                         Bytes(8, input.octet()));
            return ike::SecurityAssociation{std::move(offered)};
        }
        case 9: {
            const auto& child =
                scene_.machine(0).configuration().connections.front().children.front();
            Bytes ours{1, 2, 3, input.octet()};
            return ike::SecurityAssociation{as_offer(child.proposals, ours)};
        }
        default:
            return ike::Unknown{ike::PayloadType{input.octet()}, input.below(2) == 0,
                                to_bytes(input.take(input.octet()))};
    }
}

ike::Payload SessionAttack::notification(ByteSource& input, xfrm::EspSpi spi) {
    const ike::NotifyType type = input.any(kNotifyTypes);
    if (type == ike::NotifyType::RekeySa || type == ike::NotifyType::ChildSaNotFound)
        return make_child_sa(
            type, {input.below(4) == 0 ? ike::ProtocolId::Ah : ike::ProtocolId::Esp, spi});
    return make_notify(type, input.take(input.below(32)));
}

// One that the peer receives on, as east knows it, or any.
xfrm::EspSpi SessionAttack::any_spi(ByteSource& input, ike::IkeSa& sa) {
    const std::size_t which = input.octet();
    if (sa.children.empty() || which == 0) return {which == 0 ? input.number() : 0x1000};
    const ike::ChildSa& child = sa.children[which % sa.children.size()];
    return which < 128 ? child.outbound.spi : child.inbound.spi;
}

}  // namespace xfrmd::fuzz
