// SPDX-License-Identifier: Apache-2.0
#include "ike/sealed_message.h"

#include "ike/keepalive.h"

#include <algorithm>
#include <utility>

#include "ike/fragments.h"

namespace xfrmd::ike {

namespace {

// ---- ours

PlainMessage plain_message(const IkeSa& sa, ExchangeType exchange, bool response, MessageId id,
                           std::span<const Payload> payloads) {
    PlainMessage message;
    message.header.initiator_spi = sa.initiator_spi;
    message.header.responder_spi = sa.responder_spi;
    message.header.exchange = exchange;
    message.header.initiator = sa.role == Role::Initiator;
    message.header.response = response;
    message.header.message_id = id;
    message.first_inner = first_payload_type(payloads);
    message.chain = Secret{View{write_payloads(payloads)}};
    return message;
}

// Octets that a message may have on this path to fit into one datagram of the configured size.
std::size_t message_room(const Limits& limits, const Path& path) {
    constexpr std::size_t kUdpHeader = 8;
    constexpr std::size_t kNonEspMarker = 4;
    const std::size_t ip_header = path.remote.address.family() == xfrm::Family::V4 ? 20 : 40;
    return limits.fragment_size - ip_header - kUdpHeader - (path.encapsulated ? kNonEspMarker : 0);
}

// One datagram: `prefix` is its associated data. Empty if it cannot be encrypted.
Bytes seal(Core& core, IkeSa& sa, Bytes prefix, View content) {
    if (prefix.empty()) return {};
    const auto body = sa.sealing->seal(prefix, content, core.rng);
    if (!body) return {};
    append(prefix, *body);
    return prefix;
}

// Octets of inner payloads in a fragment of at most `room` octets.
std::size_t content_room(const MessageCipher& cipher, std::size_t room) {
    const auto fits = [&](std::size_t content) {
        return kFragmentPrefixOctets + cipher.sealed_size(content) <= room;
    };
    std::size_t content = room - kFragmentPrefixOctets - cipher.sealed_size(0);
    while (fits(content + 1)) ++content;  // a block cipher counts padding into an empty body
    return content;
}

// RFC 7383 §2.5: the inner payloads are cut anywhere, and each piece is encrypted by itself.
Datagrams seal_fragments(Core& core, IkeSa& sa, const PlainMessage& message, std::size_t room) {
    const std::size_t most = content_room(*sa.sealing, room);
    View rest = message.chain.view();
    const auto total = static_cast<std::uint16_t>((rest.size() + most - 1) / most);
    Datagrams fragments;
    for (std::uint16_t number = 1; number <= total; ++number) {
        const View content = rest.first(std::min(most, rest.size()));
        rest = rest.subspan(content.size());
        fragments.push_back(seal(core, sa,
                                 write_fragment_prefix(message.header, message.first_inner, number, total,
                                                       sa.sealing->sealed_size(content.size())),
                                 content));
    }
    return fragments;
}

Datagrams seal(Core& core, IkeSa& sa, const PlainMessage& message) {
    // The payloads have no encoding: nothing is sent, rather than an empty message.
    if (message.chain.empty() && message.first_inner != PayloadType::None) return {};
    const std::size_t room = message_room(core.configuration->limits, sa.path);
    const std::size_t body = sa.sealing->sealed_size(message.chain.size());
    if (sa.fragmentation && kSealedPrefixOctets + body > room)
        return seal_fragments(core, sa, message, room);
    return {seal(core, sa, write_sealed_prefix(message.header, message.first_inner, body),
                 message.chain.view())};
}

// ---- the peer's

std::optional<Secret> open(Core& core, IkeSa& sa, const Message& message, View datagram) {
    const auto layout = sealed_layout(message);
    auto content = sa.opening->open(layout->associated(datagram), layout->body(datagram));
    if (!content) {
        core.drop(Dropped::IntegrityFailed);
        return std::nullopt;
    }
    sa.heard = core.now;
    return *std::move(content);
}

std::optional<Dropped> reason_to_drop(FragmentVerdict verdict) {
    switch (verdict) {
        case FragmentVerdict::Wanted: return std::nullopt;
        case FragmentVerdict::Duplicate:
        case FragmentVerdict::Outdated: return Dropped::FragmentRepeated;
        case FragmentVerdict::Strange: return Dropped::Malformed;
        case FragmentVerdict::TooLarge: return Dropped::FragmentLimit;
    }
    std::unreachable();
}

std::optional<Received> receive_fragment(Core& core, IkeSa& sa, const Message& message,
                                         const EncryptedFragment& fragment, View datagram) {
    Reassembly& fragments = message.header.response ? sa.response_fragments : sa.request_fragments;
    const auto verdict = fragments.judge(message.header, fragment, core.configuration->limits);
    if (const auto why = reason_to_drop(verdict)) {
        core.drop(*why);
        return std::nullopt;
    }
    auto content = open(core, sa, message, datagram);
    if (!content) return std::nullopt;
    fragments.keep(message.header, fragment, *std::move(content), datagram);
    auto whole = fragments.take();
    if (!whole) return std::nullopt;
    return Received{std::move(whole->message), std::move(whole->first_datagram)};
}

}  // namespace

// ---- ours ------------------------------------------------------------------------------------------------------

PlainMessage plain_request(const IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads) {
    return plain_message(sa, exchange, false, sa.outbound.next_id(), payloads);
}

PlainMessage plain_response(const IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads) {
    return plain_message(sa, exchange, true, sa.inbound.expected(), payloads);
}

void send_request(Core& core, IkeSa& sa, const PlainMessage& message) {
    Datagrams datagrams = seal(core, sa, message);
    core.transmit(sa.path, datagrams);
    sa.outbound.send(std::move(datagrams));
    postpone_keepalive(core, sa);
    core.arm_in(sa, Timer::Retransmit,
                retransmission_delay(core.configuration->limits, 1, core.fresh_jitter()));
}

void send_request(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads) {
    send_request(core, sa, plain_request(sa, exchange, payloads));
}

void send_response(Core& core, IkeSa& sa, const PlainMessage& message) {
    Datagrams datagrams = seal(core, sa, message);
    core.transmit(std::exchange(sa.answer_path, std::nullopt).value_or(sa.path), datagrams);
    sa.inbound.complete(std::move(datagrams));
    postpone_keepalive(core, sa);
}

void send_response(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads) {
    send_response(core, sa, plain_response(sa, exchange, payloads));
}

void send_response(Core& core, IkeSa& sa, ExchangeType exchange, const Notify& notify) {
    send_response(core, sa, exchange, std::array<Payload, 1>{notify});
}

// ---- the peer's ------------------------------------------------------------------------------------------------

std::optional<Received> receive(Core& core, IkeSa& sa, View datagram) {
    const auto message = parse_message(datagram);
    if (!message) {
        core.drop(Dropped::Malformed);
        return std::nullopt;
    }
    // RFC 7296 §3.14, RFC 7383 §2.5: nothing but SK or SKF; payloads beside it would not be protected.
    const Payload* only = message->payloads.size() == 1 ? &message->payloads.front() : nullptr;
    if (const auto* fragment = std::get_if<EncryptedFragment>(only); fragment && sa.fragmentation)
        return receive_fragment(core, sa, *message, *fragment, datagram);
    const auto* sealed = std::get_if<Encrypted>(only);
    if (sealed == nullptr) {
        core.drop(Dropped::NotAllowedInState);
        return std::nullopt;
    }
    auto chain = open(core, sa, *message, datagram);
    if (!chain) return std::nullopt;
    return Received{{message->header, sealed->first_inner, *std::move(chain)}, to_bytes(datagram)};
}

bool is_first_fragment(const IkeSa& sa, View datagram) {
    const auto message = parse_message(datagram);
    if (!sa.opening || !message || message->payloads.size() != 1) return false;
    const auto* fragment = std::get_if<EncryptedFragment>(&message->payloads.front());
    if (fragment == nullptr || fragment->number != 1) return false;
    const auto layout = sealed_layout(*message);
    return sa.opening->open(layout->associated(datagram), layout->body(datagram)).has_value();
}

}  // namespace xfrmd::ike
