// SPDX-License-Identifier: Apache-2.0
#include "ike/sealed_message.h"

namespace xfrmd::ike {

Bytes seal(Core& core, IkeSa& sa, ExchangeType exchange, bool response, MessageId id,
           std::span<const Payload> payloads) {
    Header header;
    header.initiator_spi = sa.initiator_spi;
    header.responder_spi = sa.responder_spi;
    header.exchange = exchange;
    header.initiator = sa.role == Role::Initiator;
    header.response = response;
    header.message_id = id;
    const Bytes chain = write_payloads(payloads);
    if (chain.empty() && !payloads.empty()) return {};
    Bytes message = write_sealed_prefix(header, first_payload_type(payloads),
                                        sa.outgoing->sealed_size(chain.size()));
    if (message.empty()) return {};
    const auto body = sa.outgoing->seal(message, chain, core.rng);
    if (!body) return {};
    append(message, *body);
    return message;
}

std::expected<Opened, OpenFault> open(const IkeSa& sa, const Message& message, View datagram) {
    // RFC 7296 §3.14: nothing but SK; payloads beside it would not be protected.
    const auto* sealed = message.payloads.size() == 1 ? std::get_if<Encrypted>(&message.payloads.front())
                                                      : nullptr;
    const auto layout = sealed_layout(message);
    if (sealed == nullptr || !layout) return std::unexpected{OpenFault::NotSealed};
    auto chain = sa.incoming->open(layout->associated(datagram), layout->body(datagram));
    if (!chain) return std::unexpected{OpenFault::IntegrityFailed};
    return Opened{sealed->first_inner, *std::move(chain)};
}

void send_request(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads) {
    Bytes message = seal(core, sa, exchange, false, sa.outbound.next_id(), payloads);
    core.transmit(sa.path, message);
    sa.outbound.send(std::move(message));
    core.arm_in(sa, Timer::Retransmit,
                retransmission_delay(core.configuration->limits, 1, core.fresh_jitter()));
}

void send_response(Core& core, IkeSa& sa, ExchangeType exchange, std::span<const Payload> payloads) {
    Bytes message = seal(core, sa, exchange, true, sa.inbound.expected(), payloads);
    core.transmit(sa.path, message);
    sa.inbound.complete(std::move(message));
}

void send_response(Core& core, IkeSa& sa, ExchangeType exchange, const Notify& notify) {
    send_response(core, sa, exchange, std::array<Payload, 1>{notify});
}

}  // namespace xfrmd::ike
